"""What calls and quality records come to, added up without our sums: what these must equal."""

from collections import defaultdict
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Case, CharField, Count, F, Max, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from observability.models import (
    CallPurpose,
    CallState,
    CostSource,
    LLMCall,
    QualityRecord,
    RunCosts,
)
from observability.models.rollup import RELEASED
from observability.rollups.days import packed
from observability.rollups.spans import moments
from observability.tokens import BUCKETS

KEY = ("node", "provider", "model", "source", "subsystem", "person")
COUNTED = (
    "calls", "released_calls", "failed_calls", "failed_nusd", "again_calls", "again_nusd",
    "revised_calls", "revised_nusd", "cost_nusd", "energy_low_wh", "energy_high_wh",
    "energy_known_calls", "energy_unknown_calls", *BUCKETS,
)  # fmt: skip
Sums = dict[tuple[Any, ...], tuple[float, ...]]
SOURCE = Case(
    When(state=CallState.RELEASED, then=Value(RELEASED)),
    default=F("cost_source"),
    output_field=CharField(),
)


def of_day(project_id: int, day: date, zone: ZoneInfo) -> Sums:
    """By agent, model, source, subsystem and person."""
    begin, end = moments(day, day, zone)
    calls = LLMCall.objects.filter(
        project=project_id, created_at__gte=begin, created_at__lt=end
    ).exclude(state=CallState.HELD)
    return plain_sums(calls)


def plain_sums(calls: "QuerySet[LLMCall]") -> Sums:
    """By the columns of `KEY`: the sums of `COUNTED` in its order."""
    released = Q(state=CallState.RELEASED)
    counts = ~released
    failed = counts & (
        Q(cost_source__in=[CostSource.UNCONFIRMED, CostSource.LANGSMITH, CostSource.INVOICE])
    )
    again = counts & Q(purpose__in=[CallPurpose.RETRY, CallPurpose.REPAIR, CallPurpose.FALLBACK])
    revised = counts & Q(iteration__gt=1)
    known = counts & Q(energy_low_wh__isnull=False)
    asked = counts & ~Q(cost_source__in=[CostSource.REPLAYED, CostSource.EMBEDDED])
    figures: dict[str, Any] = {
        "calls": Count("pk", filter=counts),
        "released_calls": Count("pk", filter=released),
        "energy_known_calls": Count("pk", filter=known),
        "energy_unknown_calls": Count("pk", filter=asked & Q(energy_low_wh__isnull=True)),
        **{
            f"{name}_calls": Count("pk", filter=which)
            for name, which in (("failed", failed), ("again", again), ("revised", revised))
        },
        **{
            f"{name}_nusd": Coalesce(Sum("cost_nusd", filter=which), 0)
            for name, which in (("failed", failed), ("again", again), ("revised", revised))
        },
        "sum_cost_nusd": Coalesce(Sum("cost_nusd", filter=counts), 0),
        **{
            f"sum_{name}": Coalesce(Sum(name, filter=counts), 0.0)
            for name in ("energy_low_wh", "energy_high_wh")
        },
        **{f"sum_{name}": Coalesce(Sum(name, filter=counts), 0) for name in BUCKETS},
    }
    rows = calls.order_by().annotate(source=SOURCE).values(*KEY).annotate(**figures)
    return {
        tuple(row[name] for name in KEY): tuple(
            row.get(f"sum_{name}", row.get(name)) for name in COUNTED
        )
        for row in rows
    }


class OfRun(NamedTuple):
    """What a run's own calls say; `begun_at` of the first. Without calls that are held."""

    cost_nusd: int
    calls: int
    begun_at: datetime
    people: frozenset[int]  # two of them, if there are more


def of_runs(project_id: int) -> dict[UUID, OfRun]:
    calls = LLMCall.objects.filter(project=project_id, run__isnull=False)
    counts = ~Q(state=CallState.RELEASED)
    rows = calls.exclude(state=CallState.HELD).order_by().values("run")
    sums = rows.annotate(
        cost=Sum("cost_nusd", filter=counts, default=0),
        number=Count("pk", filter=counts),
        begun=Min("created_at"),
        one=Min("person"),
        other=Max("person"),
    )
    return {
        row["run"]: OfRun(
            row["cost"],
            row["number"],
            row["begun"],
            frozenset({row["one"], row["other"]} - {None}),
        )
        for row in sums.iterator()
    }


def run_costs(project_id: int, zone: ZoneInfo) -> dict[tuple[Any, ...], bytes]:
    """By the day on which runs began, and by agent, model and source: as RunCosts has them."""
    names = ("node", "provider", "model", "source", "state", "cost_nusd", "created_at")
    calls = LLMCall.objects.filter(project=project_id, run__isnull=False)
    calls = calls.exclude(state=CallState.HELD).annotate(source=SOURCE).order_by("run")
    found: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for _, some in groupby(calls.values_list("run", *names).iterator(), key=lambda row: row[0]):
        costs: dict[tuple[Any, ...], int] = defaultdict(int)
        rows = list(some)
        day = min(row[-1] for row in rows).astimezone(zone).date()
        for _, node, provider, model, source, state, cost, _ in rows:
            if state != CallState.RELEASED:
                costs[RunCosts.By.RUN, ""] += cost or 0
                costs[RunCosts.By.NODE, node] += cost or 0
                costs[RunCosts.By.MODEL, f"{provider}/{model}"] += cost or 0
                costs[RunCosts.By.SOURCE, source] += cost or 0
        for key, cost in costs.items():
            found[day, *key].append(cost)
    return {key: packed(values) for key, values in found.items()}


def latest_records(project_id: int) -> dict[UUID, QualityRecord]:
    """The record of each run's last iteration."""
    records = QualityRecord.objects.filter(project=project_id).order_by("iteration_count")
    return {record.run_id: record for record in records.iterator()}
