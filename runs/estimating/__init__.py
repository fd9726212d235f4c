"""What a run will cost, before it is started."""

from runs.estimating.accounts import Account
from runs.estimating.estimate import alternatives, estimate
from runs.estimating.keys import missing_keys_of, why_no_key
from runs.estimating.result import Estimate, NodeEstimate, RouteEstimate, models_of

__all__ = [
    "HOW_TO_KNOW_BETTER",
    "Account",
    "Estimate",
    "NodeEstimate",
    "RouteEstimate",
    "alternatives",
    "estimate",
    "missing_keys_of",
    "models_of",
    "why_no_key",
]

HOW_TO_KNOW_BETTER = (
    "It is counted from the text before any model is asked. Once a revision has been read, its "
    "requirements are counted instead of guessed, and once a run with a model has ended, the "
    "estimates of the project learn from what it cost. What a run really takes is metered by the "
    "provider and stands on the run's page."
)
