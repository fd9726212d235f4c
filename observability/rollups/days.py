"""The days of a project, made anew from the rows of its payers and runs."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from observability.models import DailyCost, DailyMeasure, Grain, PayerCost, RunFigures
from observability.models.rollup import SUMS
from observability.rollups import measures

_DIMENSIONS = ("day", "subsystem_id", "person_id", "node", "provider", "model", "source")
_JUDGED = (
    "run_id", "subsystem_id", "judged_on", "skills", "allocated", *measures.DIMENSIONS, "passed",
    "iterations", "requirements", "findings", "critical", "cost_nusd", "busy_ms",
    "findings_by_rule", "judge", "rules", "threshold",
)  # fmt: skip
DAYS_AT_ONCE = 31


def write_costs(project_id: int, days: Collection[date]) -> None:
    for some in _batches(days):
        rows = DailyCost.objects.filter(project=project_id, day__in=some)
        rows.delete()
        DailyCost.objects.bulk_create(costs_of(project_id, some), batch_size=200)


def write_measures(project_id: int, days: Collection[date]) -> None:
    for some in _batches(days):
        DailyMeasure.objects.filter(project=project_id, day__in=some).delete()
        DailyMeasure.objects.bulk_create(measures_of(project_id, some), batch_size=500)


def costs_of(project_id: int, days: Collection[date]) -> list[DailyCost]:
    """The rows of DailyCost of these days, not saved yet."""
    sums: dict[tuple[Any, ...], dict[str, Any]] = {}
    payers = PayerCost.objects.filter(project=project_id, day__in=days).order_by()
    for values in payers.values_list(*_DIMENSIONS, *SUMS).iterator():
        day, subsystem, person, *what = values[: len(_DIMENSIONS)]
        for key in (
            (day, Grain.ALL, None, None, *what),
            (day, Grain.SUBSYSTEM, subsystem, None, *what),
            (day, Grain.PERSON, None, person, *what),
        ):
            columns = sums.setdefault(key, dict.fromkeys(SUMS, 0))
            for name, value in zip(SUMS, values[len(_DIMENSIONS) :], strict=True):
                columns[name] += value
    names = ("day", "grain", *_DIMENSIONS[1:])
    return [
        DailyCost(project_id=project_id, **dict(zip(names, key, strict=True)), **columns)
        for key, columns in sums.items()
    ]


def measures_of(project_id: int, days: Collection[date]) -> list[DailyMeasure]:
    """The rows of DailyMeasure of these days, not saved yet."""
    lists: dict[tuple[Any, ...], list[float]] = defaultdict(list)
    runs = RunFigures.objects.filter(project=project_id, judged_on__in=days).only(*_JUDGED)
    for run in runs.order_by("run_id"):
        for name, value in measures.of(run):
            lists[run.judged_on, run.subsystem_id, run.skills, name].append(value)
    found = []
    for (day, subsystem, skills, name), values in lists.items():
        one = measures.spread(values)
        found.append(
            DailyMeasure(
                project_id=project_id,
                day=day,
                subsystem_id=subsystem,
                skills=skills,
                measure=name,
                n=one.n,
                total=one.total,
                squares=one.squares,
                least=min(values),
                most=max(values),
            )
        )
    return found


def _batches(days: Collection[date]) -> Iterator[list[date]]:
    ordered = sorted(days)
    for start in range(0, len(ordered), DAYS_AT_ONCE):
        yield ordered[start : start + DAYS_AT_ONCE]
