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
    QualityRecord,
    RollupState,
    RunCosts,
    RunFigures,
    SpanCost,
    SpanQuality,
)
from observability.rollups import books, judged, measures
from observability.rollups.books import COUNTED, KEY, Sums
from observability.rollups.measures import Spread
from observability.rollups.spans import LENGTHS, Span, around
from reqplatform.teams.models import Project

_GRAINS = {Grain.ALL: (), Grain.SUBSYSTEM: ("subsystem",), Grain.PERSON: ("person",)}  # by costs
_JUDGED = (  # columns of RunFigures and of QualityRecord
    ("overall", "overall"), ("completeness", "completeness"), ("clarity", "clarity"),
    ("testability", "testability"), ("traceability", "traceability"),
    ("domain", "domain_compliance"), ("rules", "rules_overall"), ("judge", "judge_overall"),
    ("iterations", "iteration_count"), ("requirements", "requirements_count"),
    ("allocated", "allocated_count"), ("critical", "critical_count"),
    ("passed", "validation_passed"), ("findings_by_rule", "findings_by_rule"),
    ("judged_at", "timestamp"), ("subsystem_id", "subsystem_id"), ("person_id", "person_id"),
    ("specification_id", "specification_id"), ("revision_id", "revision_id"),
)  # fmt: skip


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
    states = RollupState.objects.filter(pk=project.pk)
    closed = states.values_list("closed_on", flat=True).first()
    yield from _of_days(project.pk, zone, closed)
    yield from _of_runs(project.pk)
    yield from _costs(project.pk, zone)
    yield from _of_judged(project.pk, closed)


def _is_over(day: date, days: int, closed: date | None) -> bool:
    """Whether reports read this span: days always, longer ones once they are made."""
    return days == 1 or (closed is not None and Span(days, day).last <= closed)


def _unlike(what: str, books: Sums, sums: Sums) -> Iterator[Difference]:
    for key in sorted(books.keys() | sums.keys(), key=str):
        ours, theirs = sums.get(key), books.get(key)
        if ours is None or theirs is None or not all(map(_same, ours, theirs)):
            yield Difference(f"{what}: {', '.join(map(str, key))}", str(theirs), str(ours))


def _same(one: Any, other: Any) -> bool:
    """Floats but for the order in which they were added up; all else exactly."""
    if isinstance(one, float) and isinstance(other, float | int):
        return isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other)


# Costs


def _of_days(project_id: int, zone: ZoneInfo, closed: date | None) -> Iterator[Difference]:
    plain = {day: books.of_day(project_id, day, zone) for day in _days(project_id, zone)}
    payers = _grouped(PayerCost.objects.filter(project=project_id), ("day", *KEY))
    yield from _unlike("runs and extractions", _spans(plain, 1, closed), payers)
    for grain, told in _GRAINS.items():
        names = (*KEY[:4], *told)
        by_day = {day: _folded(sums, names) for day, sums in plain.items()}
        for days in (1, *LENGTHS):
            rows = SpanCost.objects.filter(project=project_id, days=days, grain=grain)
            found = _grouped(rows, ("day", *names))
            shown = {key: one for key, one in found.items() if _is_over(key[0], days, closed)}
            yield from _unlike(f"{days} days by {grain}", _spans(by_day, days, closed), shown)


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


def _folded(sums: Sums, names: tuple[str, ...]) -> Sums:
    """The sums by some columns of `KEY` only."""
    places = [KEY.index(name) for name in names]
    found: Sums = {}
    for key, values in sums.items():
        less = tuple(key[place] for place in places)
        found[less] = _added(found[less], values) if less in found else values
    return found


def _spans(by_day: dict[date, Sums], days: int, closed: date | None) -> Sums:
    """By the first day of each span that reports read, and by the key of the sums."""
    found: Sums = {}
    for day, sums in by_day.items():
        first = around(day, days).day
        if _is_over(first, days, closed):
            for key, values in sums.items():
                there = found.get((first, *key))
                found[first, *key] = values if there is None else _added(there, values)
    return found


def _added(some: Iterable[float], others: Iterable[float]) -> tuple[float, ...]:
    return tuple(one + other for one, other in zip(some, others, strict=True))


def _grouped(rows: "QuerySet[Any]", names: tuple[str, ...]) -> Sums:
    columns = {f"sum_{name}": Sum(name) for name in COUNTED}
    return {
        tuple(row[name] for name in names): tuple(row[f"sum_{name}"] for name in COUNTED)
        for row in rows.order_by().values(*names).annotate(**columns).iterator()
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


# Runs and how they were judged


def _of_runs(project_id: int) -> Iterator[Difference]:
    """What stands in a run's row against its calls and its latest record."""
    calls, records = books.of_runs(project_id), books.latest_records(project_id)
    rows = RunFigures.objects.filter(project=project_id)
    figures = {row.run_id: row for row in rows.iterator()}
    for run in sorted(calls.keys() | records.keys() | figures.keys()):
        row, record = figures.get(run), records.get(run)
        if row is None:
            yield Difference(f"run {run}", "there is one", "None")
            continue
        for name, value in _told(calls.get(run), record).items():
            if not _same(ours := getattr(row, name), value):
                yield Difference(f"run {run}, {name}", str(value), str(ours))


def _told(calls: books.OfRun | None, record: QualityRecord | None) -> dict[str, Any]:
    """Columns of RunFigures as calls and record say. Of several who asked its calls, one has it."""
    found: dict[str, Any] = {"cost_nusd": 0, "calls": 0}
    if calls is not None:
        found = {"cost_nusd": calls.cost_nusd, "calls": calls.calls, "begun_at": calls.begun_at}
        if len(calls.people) <= 1:
            found["person_id"] = next(iter(calls.people), None)
    if record is not None:
        found.setdefault("begun_at", record.timestamp)
        found |= {ours: getattr(record, theirs) for ours, theirs in _JUDGED}
    return found


def _of_judged(project_id: int, closed: date | None) -> Iterator[Difference]:
    """What days and spans say of runs against the rows of the runs, every measure of each grain."""
    runs = RunFigures.objects.filter(project=project_id, judged_on__isnull=False)
    rows = judged.rows_of(project_id, runs.order_by("run_id").iterator())
    by_day: dict[date, dict[tuple[Any, ...], dict[str, Spread]]] = defaultdict(dict)
    for row in rows:
        by_day[row.day][judged.key_of(row)] = measures.together_of([row])
    for days in (1, *LENGTHS):
        plain: dict[tuple[Any, ...], dict[str, Spread]] = {}
        for day in sorted(by_day):
            first = around(day, days).day
            for key, one in by_day[day].items() if _is_over(first, days, closed) else ():
                plain[first, *key] = measures.together([plain.get((first, *key), {}), one])
        found = {
            (row.day, *judged.key_of(row)): measures.together_of([row])
            for row in SpanQuality.objects.filter(project=project_id, days=days).iterator()
            if _is_over(row.day, days, closed)
        }
        yield from _unlike(f"judged, {days} days", _flat(plain), _flat(found))


def _flat(groups: dict[tuple[Any, ...], dict[str, Spread]]) -> Sums:
    return {
        (*key, name): tuple(value or 0.0 for value in one.as_json())
        for key, group in groups.items()
        for name, one in group.items()
    }
