"""Whether the sums are those of the calls and records, added up once more by the database."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import isclose
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max, Min, QuerySet, Sum

from observability.models import (
    Grain,
    LLMCall,
    PayerCost,
    RollupState,
    RunCosts,
    RunFigures,
    SpanCost,
    SpanQuality,
)
from observability.rollups import books, measures
from observability.rollups.books import COUNTED, KEY, Sums
from observability.rollups.spans import LENGTHS, around
from reqplatform.teams.models import Project

_GRAINS = (Grain.ALL, Grain.SUBSYSTEM, Grain.PERSON)  # of costs


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
    plain = {day: books.of_day(project.pk, day, zone) for day in _days(project.pk, zone)}
    for day, found in plain.items():
        payers = PayerCost.objects.filter(project=project.pk, day=day)
        yield from _unlike(f"{day}, runs and extractions", found, _grouped(payers))
    closed = RollupState.objects.filter(pk=project.pk).values_list("closed_on", flat=True).first()
    for days in (1, *LENGTHS):
        spans = _spans(plain, days, closed)
        for grain in _GRAINS:
            yield from _unlike(f"{days} days by {grain}", spans, _summed(project.pk, days, grain))
    yield from _unlike("run", books.of_runs(project.pk), _figures(project.pk))
    yield from _costs(project.pk, zone)
    judged = books.judged(project.pk, zone)
    for days in (1, *LENGTHS):
        spans = _spans(_by_day(judged), days, closed)
        yield from _unlike(f"judged, {days} days", spans, _measured(project.pk, days, closed))


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
    for rows in (SpanCost.objects.filter(days=1), PayerCost.objects.all()):
        summed = rows.filter(project=project_id).aggregate(first=Min("day"), last=Max("day"))
        days += [day for day in summed.values() if day is not None]
    day = min(days, default=None)
    while day is not None and day <= max(days):
        yield day
        day += timedelta(days=1)


def _by_day(sums: Sums) -> dict[date, Sums]:
    found: dict[date, Sums] = defaultdict(dict)
    for (day, *key), values in sums.items():
        found[day][tuple(key)] = values
    return found


def _spans(by_day: dict[date, Sums], days: int, closed: date | None) -> Sums:
    """By the first day of each span that ended by `closed`, and by the key of the sums."""
    found: Sums = {}
    for day, sums in by_day.items():
        span = around(day, days)
        if days > 1 and (closed is None or span.last > closed):
            continue
        for key, values in sums.items():
            there = found.get((span.day, *key))
            found[span.day, *key] = values if there is None else _added(there, values)
    return found


def _added(some: Iterable[float], others: Iterable[float]) -> tuple[float, ...]:
    return tuple(one + other for one, other in zip(some, others, strict=True))


def _summed(project_id: int, days: int, grain: Grain) -> Sums:
    rows = SpanCost.objects.filter(project=project_id, days=days, grain=grain)
    return _grouped(rows, "day")


def _grouped(rows: "QuerySet[Any]", *by: str) -> Sums:
    columns = {f"sum_{name}": Sum(name) for name in COUNTED}
    names = (*by, *KEY)
    return {
        tuple(row[name] for name in names): tuple(row[f"sum_{name}"] for name in COUNTED)
        for row in rows.order_by().values(*names).annotate(**columns)
    }


def _figures(project_id: int) -> Sums:
    rows = RunFigures.objects.filter(project=project_id, calls__gt=0).order_by()
    return {
        (run,): (cost, calls)
        for run, cost, calls in rows.values_list("run_id", "cost_nusd", "calls").iterator()
    }


def _costs(project_id: int, zone: ZoneInfo) -> Iterator[Difference]:
    rows = RunCosts.objects.filter(project=project_id).values_list("day", "by", "key", "costs")
    sums = {tuple(key): bytes(costs) for *key, costs in rows}
    plain = books.run_costs(project_id, zone)
    for key in sorted(plain.keys() | sums.keys(), key=str):
        ours, theirs = sums.get(key, b""), plain.get(key, b"")
        if ours != theirs:
            runs = [f"{len(costs) // 8} runs of certain costs" for costs in (theirs, ours)]
            yield Difference(f"costs of runs: {', '.join(map(str, key))}", *runs)


def _measured(project_id: int, days: int, closed: date | None) -> Sums:
    """As `books.judged`, of spans that ended by `closed`; each grain must have the same runs."""
    found: dict[tuple[Any, ...], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])
    rows = SpanQuality.objects.filter(project=project_id, grain=Grain.SUBSYSTEM, days=days)
    for day, subsystem, judged in rows.values_list("day", "subsystem_id", "measures"):
        if "overall" not in judged or (days > 1 and not _is_over(day, days, closed)):
            continue
        sums = found[day, subsystem]
        for name, (n, total, *_) in judged.items():
            if name == "overall":
                sums[0] += n
                sums[1] += total
            elif name == measures.PASSED:
                sums[2] += total
            elif name.startswith(measures.RULE):
                sums[3] += total
    return {key: tuple(values) for key, values in found.items()}


def _is_over(day: date, days: int, closed: date | None) -> bool:
    return closed is not None and around(day, days).last <= closed
