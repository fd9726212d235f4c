"""The calls of runs and extractions, added up by day, agent, model and source."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from observability.models import CallPurpose, CallState, CostSource, LLMCall, PayerCost
from observability.models.rollup import RELEASED, SUMS
from observability.pricing import Price
from observability.tokens import BUCKETS, Usage

_READ = (
    "run_id", "extraction_id", "subsystem_id", "person_id", "node", "iteration", "purpose",
    "provider", "model", "state", "cost_source", "cost_nusd", "price", "energy_low_wh",
    "energy_high_wh", "created_at", "finished_at", *BUCKETS,
)  # fmt: skip
_AGAIN = {CallPurpose.RETRY, CallPurpose.REPAIR, CallPurpose.FALLBACK}
_ANSWERED_BY_OTHERS = {CostSource.UNCONFIRMED, CostSource.LANGSMITH, CostSource.INVOICE}
_ASKED_NOBODY = {CostSource.REPLAYED, CostSource.EMBEDDED}


class Row(NamedTuple):
    """The columns of a call that count, in the order of `_READ`."""

    run_id: UUID | None
    extraction_id: int | None
    subsystem_id: int | None
    person_id: int | None
    node: str
    iteration: int
    purpose: str
    provider: str
    model: str
    state: str
    cost_source: str
    cost_nusd: int | None
    price: dict[str, Any] | None
    energy_low_wh: float | None
    energy_high_wh: float | None
    created_at: datetime
    finished_at: datetime | None
    input_fresh: int
    cache_read: int
    cache_write: int
    cache_write_1h: int
    output: int
    reasoning: int

    @property
    def source(self) -> str:
        if self.state == CallState.RELEASED:
            return RELEASED
        return self.cost_source or CostSource.UNCONFIRMED.value


class Key(NamedTuple):
    """What tells the rows of PayerCost apart."""

    run_id: UUID | None
    extraction_id: int | None
    day: date
    subsystem_id: int | None
    person_id: int | None
    node: str
    provider: str
    model: str
    source: str


@dataclass(frozen=True, slots=True)
class Payers:
    """Runs and extractions, by their ids."""

    runs: frozenset[UUID]
    extractions: frozenset[int]


def rows_of(payers: Payers) -> Iterator[Row]:
    """All their calls that are not held any more. An extraction's own calls have no run."""
    ended = LLMCall.objects.exclude(state=CallState.HELD).order_by()
    for rows in (
        ended.filter(run__in=payers.runs) if payers.runs else LLMCall.objects.none(),
        ended.filter(run=None, extraction__in=payers.extractions)
        if payers.extractions
        else LLMCall.objects.none(),
    ):
        yield from map(Row._make, rows.values_list(*_READ))


def costs_of(project_id: int, rows: Iterable[Row], zone: ZoneInfo) -> list[PayerCost]:
    """The rows of PayerCost, not saved yet."""
    sums: dict[Key, dict[str, Any]] = {}
    begun: dict[UUID, date] = {}
    for row in rows:
        day = row.created_at.astimezone(zone).date()
        key = Key(
            row.run_id, row.extraction_id if row.run_id is None else None, day, row.subsystem_id,
            row.person_id, row.node, row.provider, row.model, row.source,
        )  # fmt: skip
        if key not in sums:
            sums[key] = dict.fromkeys(SUMS, 0)
        add_call(sums[key], row)
        if row.run_id is not None:
            begun[row.run_id] = min(day, begun.get(row.run_id, day))
    return [
        PayerCost(
            project_id=project_id,
            begun_on=None if key.run_id is None else begun[key.run_id],
            **key._asdict(),
            **columns,
        )
        for key, columns in sums.items()
    ]


def add_call(sums: dict[str, Any], row: Row) -> None:
    """Add one call to sums by the names of `SUMS`."""
    if row.state == CallState.RELEASED:
        sums["released_calls"] += 1
        return
    cost = row.cost_nusd or 0
    sums["calls"] += 1
    sums["cost_nusd"] += cost
    for name in BUCKETS:
        sums[name] += getattr(row, name)
    for name, counts in (
        ("failed", row.source in _ANSWERED_BY_OTHERS),
        ("again", row.purpose in _AGAIN),
        ("revised", row.iteration > 1),
    ):
        if counts:
            sums[f"{name}_calls"] += 1
            sums[f"{name}_nusd"] += cost
    if row.finished_at is not None and row.source not in _ANSWERED_BY_OTHERS:
        sums["busy_ms"] += max(0, round((row.finished_at - row.created_at).total_seconds() * 1000))
    sums["saved_nusd"] += saved_nusd(row)
    _add_energy(sums, row)


def _add_energy(sums: dict[str, Any], row: Row) -> None:
    if row.energy_low_wh is not None:
        sums["energy_known_calls"] += 1
        sums["energy_low_wh"] += row.energy_low_wh
        sums["energy_high_wh"] += row.energy_high_wh or 0.0
    elif row.source not in _ASKED_NOBODY:
        sums["energy_unknown_calls"] += 1


def saved_nusd(row: Row) -> int:
    """What the call would have cost had every token of its request been fresh, less what it cost by
    the same price; negative where writing to the cache was dearer than what was read from it."""
    cached = row.cache_read + row.cache_write + row.cache_write_1h
    if not cached or row.price is None:
        return 0
    price = _price(json.dumps(row.price, sort_keys=True))
    as_it_was = Usage(**{name: getattr(row, name) for name in BUCKETS})
    fresh = Usage(input_fresh=row.input_fresh + cached, output=row.output, reasoning=row.reasoning)
    return price.cost_nusd(fresh) - price.cost_nusd(as_it_was)


@lru_cache(maxsize=1024)
def _price(text: str) -> Price:
    return Price.from_json(json.loads(text))
