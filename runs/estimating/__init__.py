"""What a run will cost, before it is started."""

from runs.estimating.accounts import Account
from runs.estimating.estimate import alternatives, estimate
from runs.estimating.keys import missing_keys_of, why_no_key
from runs.estimating.result import Estimate, NodeEstimate, RouteEstimate, models_of
from runs.estimating.together import CampaignEstimate, Misfit, Share, together

__all__ = [
    "Account",
    "CampaignEstimate",
    "Estimate",
    "Misfit",
    "NodeEstimate",
    "RouteEstimate",
    "Share",
    "alternatives",
    "estimate",
    "missing_keys_of",
    "models_of",
    "together",
    "why_no_key",
]
