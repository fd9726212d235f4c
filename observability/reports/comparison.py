"""Subsystems, runs and models beside one another.

Whoever compares must see how little a few runs say: every mean has its number of runs, its spread
and its interval, and a trend is told only where it is beyond what chance does.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from uuid import UUID

from django.db.models import QuerySet, Sum

from observability import rollups
from observability.models import Grain, Node, PayerCost, RunFigures
from observability.reports.asked import QualityFilter, Unset
from observability.reports.intervals import FEW, mean_interval
from observability.reports.judged import measured
from observability.reports.quality import PassRate, Score, pass_rate, score
from observability.reports.sums import NAMES
from observability.reports.sums import Sum as Sums
from observability.rollups import measures
from observability.rollups.measures import DIMENSIONS, Spread

POINTS = 100  # a score of 1.00 is this many quality points


class Trend(StrEnum):
    """Of the mean score against the period before of the same length. Up and down only where the
    difference is more than twice its standard error."""

    UP = "up"
    DOWN = "down"
    LEVEL = "level"
    UNKNOWN = "unknown"  # fewer than two runs in either period


@dataclass(frozen=True, slots=True)
class Compared:
    """A subsystem's runs of a period. Nano-USD; what extraction cost is left out, because the
    revision paid for it. None where nothing was there to divide by."""

    subsystem: int | None
    runs: int
    nothing_allocated: int
    requirements: int
    scores: tuple[Score, ...]
    pass_rate: PassRate
    iterations: float | None
    cost_nusd: int
    nusd_per_requirement: float | None
    nusd_per_point: float | None
    unresolved: int  # findings in the latest results
    unresolved_critical: int
    trend: Trend
    change: float | None  # of the mean overall score
    behind: QualityFilter

    @property
    def is_small(self) -> bool:
        return self.runs < FEW

    @property
    def overall(self) -> Score:
        return self.score("overall") or score("overall", {})

    def score(self, dimension: str) -> Score | None:
        return next((one for one in self.scores if one.dimension == dimension), None)


@dataclass(frozen=True, slots=True)
class Comparison:
    """By subsystem, as their ids come; nothing here is a ranking."""

    asked: QualityFilter
    rows: tuple[Compared, ...]
    due: int


def comparison(asked: QualityFilter) -> Comparison:
    """Of a project that its reader may see, as the caller has made sure."""
    by = ("subsystem_id",)
    now = measured(asked, by, Grain.SUBSYSTEM)
    before = measured(asked.narrowed(period=asked.period.before), by, Grain.SUBSYSTEM)
    rows = [_compared(key[0], found, before.get(key, {}), asked) for key, found in now.items()]
    rows.sort(key=lambda row: (row.subsystem is None, row.subsystem or 0))
    return Comparison(asked, tuple(rows), rollups.due(asked.project_id))


def _compared(
    subsystem: int | None,
    found: Mapping[str, Spread],
    before: Mapping[str, Spread],
    asked: QualityFilter,
) -> Compared:
    def one(name: str) -> Spread:
        return found.get(name, Spread())

    overall, cost, requirements = one("overall"), one("cost_nusd"), one("requirements")
    points = overall.total * POINTS
    trend, change = trend_of(before.get("overall", Spread()), overall)
    return Compared(
        subsystem=subsystem,
        runs=overall.n,
        nothing_allocated=one(measures.NOTHING).n,
        requirements=round(requirements.total),
        scores=tuple(score(name, found) for name in DIMENSIONS if name in found),
        pass_rate=pass_rate(found),
        iterations=one("iterations").mean,
        cost_nusd=round(cost.total),
        nusd_per_requirement=cost.total / requirements.total if requirements.total else None,
        nusd_per_point=cost.total / points if points else None,
        unresolved=round(one("findings").total),
        unresolved_critical=round(one("critical").total),
        trend=trend,
        change=change,
        behind=asked.narrowed(subsystem=Unset.NONE if subsystem is None else subsystem),
    )


def trend_of(before: Spread, now: Spread) -> tuple[Trend, float | None]:
    """Which way the mean went, and by how much."""
    if before.error is None or now.error is None:
        return Trend.UNKNOWN, None
    assert before.mean is not None and now.mean is not None  # noqa: PT018
    change = now.mean - before.mean
    if abs(change) <= 2 * sqrt(before.error**2 + now.error**2):
        return Trend.LEVEL, change
    return (Trend.UP if change > 0 else Trend.DOWN), change


@dataclass(frozen=True, slots=True)
class NodePart:
    node: Node
    sum: Sums


@dataclass(frozen=True, slots=True)
class RunColumn:
    """A run among others: all that it took, and its latest result if it was judged."""

    run_id: UUID
    figures: RunFigures
    sum: Sums
    nodes: tuple[NodePart, ...]


def compare_runs(runs: "QuerySet[RunFigures]", ids: Collection[UUID]) -> list[RunColumn]:
    """The runs among those that the reader may see (`runs`), in the order of `ids`."""
    found = runs.in_bulk(ids)
    rows = PayerCost.objects.filter(run__in=found).order_by().values("run", "node")
    sums = rows.annotate(**{f"sum_{name}": Sum(name) for name in NAMES})
    parts = {(row["run"], row["node"]): Sums.of(row) for row in sums}
    return [
        RunColumn(
            run_id=pk,
            figures=found[pk],
            sum=Sums.total(one for (run, _), one in parts.items() if run == pk),
            nodes=tuple(NodePart(node, parts[pk, node]) for node in Node if (pk, node) in parts),
        )
        for pk in ids
        if pk in found
    ]


@dataclass(frozen=True, slots=True)
class RouteScore:
    """Runs of one revision that the same models answered. `busy_ms` is how long these took to
    answer, all calls one after the other."""

    revision: UUID
    route: str
    runs: int
    passed: int
    overall: float
    interval: tuple[float, float] | None
    least: float
    most: float
    requirements: int
    cost_nusd: int
    nusd_per_run: float
    busy_ms_per_run: float

    @property
    def nusd_per_requirement(self) -> float | None:
        return self.cost_nusd / self.requirements if self.requirements else None

    @property
    def is_small(self) -> bool:
        return self.runs < FEW


def compare_routes(asked: QualityFilter) -> tuple[RouteScore, ...]:
    """Revisions that more than one set of models worked on, each with all of these."""
    names = ("overall", measures.PASSED, "requirements", "cost_nusd", "busy_ms")
    groups = measured(asked, ("revision_id", "route"), Grain.ROUTE, names)
    found = [
        _route(revision, route, group)
        for (revision, route), group in groups.items()
        if revision is not None and "overall" in group
    ]
    counts = Counter(one.revision for one in found)
    kept = [one for one in found if counts[one.revision] > 1]
    return tuple(sorted(kept, key=lambda one: (str(one.revision), one.route)))


def _route(revision: UUID, route: str, group: Mapping[str, Spread]) -> RouteScore:
    overall, cost = group["overall"], group["cost_nusd"]
    assert overall.mean is not None and overall.least is not None  # noqa: PT018
    assert overall.most is not None
    return RouteScore(
        revision=revision,
        route=route,
        runs=overall.n,
        passed=round(group[measures.PASSED].total),
        overall=overall.mean,
        interval=mean_interval(overall.mean, overall.error, overall.n),
        least=overall.least,
        most=overall.most,
        requirements=round(group["requirements"].total),
        cost_nusd=round(cost.total),
        nusd_per_run=cost.total / overall.n,
        busy_ms_per_run=group["busy_ms"].total / overall.n,
    )
