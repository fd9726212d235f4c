"""Whether the sums are those of the calls and records, added up once more by the database."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import isclose
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Case, CharField, Count, F, Max, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from observability.models import (
    CallPurpose,
    CallState,
    CostSource,
    DailyCost,
    DailyMeasure,
    Grain,
    LLMCall,
    PayerCost,
    QualityRecord,
    RunFigures,
)
from observability.models.rollup import RELEASED
from observability.rollups import measures
from observability.tokens import BUCKETS
from reqplatform.teams.models import Project

_KEY = ("node", "provider", "model", "source")
_COUNTED = (
    "calls", "released_calls", "failed_calls", "failed_nusd", "again_calls", "again_nusd",
    "revised_calls", "revised_nusd", "cost_nusd", "energy_low_wh", "energy_high_wh",
    "energy_known_calls", "energy_unknown_calls", *BUCKETS,
)  # fmt: skip
Sums = dict[tuple[Any, ...], tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that is not what the books say."""

    what: str
    books: str
    sums: str

    def __str__(self) -> str:
        return f"{self.what}: the books say {self.books}, the sums {self.sums}"


def differences(project: Project) -> Iterator[Difference]:
    """Every sum of a project that is not the books'. What is due, and calls that are settled while
    this runs, differ as well. Not compared: what caches saved, and how long answers took."""
    zone = ZoneInfo(project.time_zone)
    for day in _days(project.pk, zone):
        plain = _plain(project.pk, day, zone)
        payers = PayerCost.objects.filter(project=project.pk, day=day)
        yield from _unlike(f"{day}, runs and extractions", plain, _grouped(payers))
        for grain in Grain:
            daily = DailyCost.objects.filter(project=project.pk, day=day, grain=grain)
            yield from _unlike(f"{day}, by {grain.value}", plain, _grouped(daily))
    yield from _unlike("run", _costs_of_runs(project.pk), _figures(project.pk))
    yield from _unlike("judged", _judged(project.pk, zone), _measured(project.pk))


def _unlike(what: str, books: Sums, sums: Sums) -> Iterator[Difference]:
    for key in sorted(books.keys() | sums.keys(), key=str):
        ours, theirs = sums.get(key), books.get(key)
        if ours is None or theirs is None or not all(map(_same, ours, theirs)):
            yield Difference(f"{what}: {', '.join(map(str, key))}", str(theirs), str(ours))


def _same(one: float, other: float) -> bool:
    """Integers to the last digit; floats but for the order in which they were added up."""
    if isinstance(one, int) and isinstance(other, int):
        return one == other
    return isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def _days(project_id: int, zone: ZoneInfo) -> Iterator[date]:
    """From the first call or sum to the last."""
    calls = LLMCall.objects.filter(project=project_id)
    ends = calls.aggregate(first=Min("created_at"), last=Max("created_at"))
    days = [at.astimezone(zone).date() for at in ends.values() if at is not None]
    for model in (DailyCost, PayerCost):
        summed = model.objects.filter(project=project_id).aggregate(
            first=Min("day"), last=Max("day")
        )
        days += [day for day in summed.values() if day is not None]
    day = min(days, default=None)
    while day is not None and day <= max(days):
        yield day
        day += timedelta(days=1)


def bounds(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The moments at which the first of these days begins and the last is over."""
    begin = datetime.combine(first, time(), tzinfo=zone)
    return begin, datetime.combine(last + timedelta(days=1), time(), tzinfo=zone)


def _plain(project_id: int, day: date, zone: ZoneInfo) -> Sums:
    """The calls of a day, added up by the database."""
    begin, end = bounds(day, day, zone)
    calls = LLMCall.objects.filter(
        project=project_id, created_at__gte=begin, created_at__lt=end
    ).exclude(state=CallState.HELD)
    return plain_sums(calls)


def plain_sums(calls: "QuerySet[LLMCall]") -> Sums:
    """By agent, model and source: the sums of `_COUNTED` in its order."""
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
    source = Case(
        When(released, then=Value(RELEASED)), default=F("cost_source"), output_field=CharField()
    )
    rows = calls.order_by().annotate(source=source).values(*_KEY).annotate(**figures)
    return {
        tuple(row[name] for name in _KEY): tuple(
            row.get(f"sum_{name}", row.get(name)) for name in _COUNTED
        )
        for row in rows
    }


def _grouped(rows: "QuerySet[Any]") -> Sums:
    columns = {f"sum_{name}": Sum(name) for name in _COUNTED}
    return {
        tuple(row[name] for name in _KEY): tuple(row[f"sum_{name}"] for name in _COUNTED)
        for row in rows.order_by().values(*_KEY).annotate(**columns)
    }


def _costs_of_runs(project_id: int) -> Sums:
    calls = LLMCall.objects.filter(project=project_id, run__isnull=False)
    calls = calls.exclude(state__in=[CallState.HELD, CallState.RELEASED]).order_by()
    rows = calls.values("run").annotate(cost=Sum("cost_nusd"), number=Count("pk"))
    return {(row["run"],): (row["cost"], row["number"]) for row in rows.iterator()}


def _figures(project_id: int) -> Sums:
    rows = RunFigures.objects.filter(project=project_id, calls__gt=0).order_by()
    return {
        (run,): (cost, calls)
        for run, cost, calls in rows.values_list("run_id", "cost_nusd", "calls").iterator()
    }


def _judged(project_id: int, zone: ZoneInfo) -> Sums:
    """By day and subsystem, of the latest record of each run: runs, scores, passes, findings."""
    latest: dict[UUID, tuple[Any, ...]] = {}
    records = QualityRecord.objects.filter(project=project_id).order_by("iteration_count")
    columns = (
        "run_id", "timestamp", "subsystem_id", "overall", "validation_passed", "findings_by_rule",
        "allocated_count",
    )  # fmt: skip
    for run, *values in records.values_list(*columns):
        latest[run] = tuple(values)
    found: dict[tuple[Any, ...], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])
    for at, subsystem, overall, passed, rules, allocated in latest.values():
        if allocated:
            sums = found[at.astimezone(zone).date(), subsystem]
            for index, value in enumerate(
                (1.0, overall, float(passed), float(sum(rules.values())))
            ):
                sums[index] += value
    return {key: tuple(values) for key, values in found.items()}


def _measured(project_id: int) -> Sums:
    rows = DailyMeasure.objects.filter(project=project_id).exclude(measure=measures.NOTHING)
    found: dict[tuple[Any, ...], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])
    groups = rows.order_by().values_list("day", "subsystem_id", "measure")
    for day, subsystem, measure, n, total in groups.annotate(Sum("n"), Sum("total")):
        sums = found[day, subsystem]
        if measure == "overall":
            sums[0] += n
            sums[1] += total
        elif measure == measures.PASSED:
            sums[2] += total
        elif measure.startswith(measures.RULE):
            sums[3] += total
    return {key: tuple(values) for key, values in found.items()}
