"""What the calls on record would cost at today's prices. What was booked never changes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from observability.llm.errors import NoPrice
from observability.models import CallState, CostSource, LLMCall, ModelProfile
from observability.pricing import Price, price_of
from observability.tokens import BUCKETS, Usage

BATCH = 1_000
_COUNTED = [CostSource.METERED, CostSource.ESTIMATED, CostSource.LANGSMITH]


@dataclass(slots=True)
class Drift:
    """A model's calls: what was booked, and what they would cost now, in nano-USD. `why`: the model
    has no price now, so its calls were left as they are."""

    model: str
    calls: int = 0
    booked_nusd: int = 0
    repriced_nusd: int = 0
    why: str = ""

    @property
    def difference_nusd(self) -> int:
        return self.repriced_nusd - self.booked_nusd


def reprice(since: datetime | None = None, project_id: int | None = None) -> list[Drift]:
    """Compute `repriced_nusd` of every settled call whose tokens are known, and the drift by model.

    Calls of the embedded analyst, replays and costs that were entered from a bill are left out.
    """
    calls = LLMCall.objects.filter(state=CallState.SETTLED, cost_source__in=_COUNTED)
    if since is not None:
        calls = calls.filter(created_at__gte=since)
    if project_id is not None:
        calls = calls.filter(project_id=project_id)
    now = timezone.now()
    prices = {
        profile.pk: _price(profile, now)
        for profile in ModelProfile.objects.filter(pk__in=calls.values("profile").distinct())
    }
    drifts: dict[str, Drift] = defaultdict(lambda: Drift(""))
    light = calls.defer("prompt", "answer", "raw_usage").select_related("profile").order_by("pk")
    last = UUID(int=0)
    # Page by page: on SQLite, a connection that still reads cannot write beside others.
    while batch := list(light.filter(pk__gt=last)[:BATCH]):
        _write(batch, prices, drifts, now)
        last = batch[-1].pk
    return sorted(drifts.values(), key=lambda drift: drift.model)


def _price(profile: ModelProfile, now: datetime) -> Price | NoPrice:
    try:
        return price_of(profile, now)
    except NoPrice as why:
        return why


def _write(
    batch: Iterable[LLMCall],
    prices: dict[int, Price | NoPrice],
    drifts: dict[str, Drift],
    now: datetime,
) -> None:
    changed = []
    for call in batch:
        drift = drifts[call.profile.name]
        drift.model = call.profile.name
        drift.calls += 1
        price = prices[call.profile_id]
        if isinstance(price, NoPrice):
            drift.why = str(price)
            continue
        call.repriced_nusd, call.repriced_at = price.cost_nusd(_usage(call)), now
        drift.booked_nusd += call.cost_nusd or 0
        drift.repriced_nusd += call.repriced_nusd
        changed.append(call)
    LLMCall.objects.bulk_update(changed, ["repriced_nusd", "repriced_at"], batch_size=200)


def _usage(call: LLMCall) -> Usage:
    return Usage(**{name: getattr(call, name) for name in BUCKETS})
