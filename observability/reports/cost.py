"""What a project spent in a period, on what, and what is ahead.

A call counts on the day on which it was begun. Calls that are being made count when they have
ended; `due` says how many that have ended are not added up yet. Figures per run are over the runs
whose first call was made in the period, and count all that they ever cost; what a revision's
extraction cost belongs to no run and is in none of them.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models import Sum as SumOf

from observability import rollups
from observability.models import Grain, Node, PayerCost, RunFigures, SpanCost
from observability.reports.asked import CostFilter, Period, Unset, latest_runs
from observability.reports.per_run import PerRun, per_run
from observability.reports.sums import NAMES, Sum, explain
from observability.rollups import spans
from reqplatform.teams.models import Project

RECENT = 20


@dataclass(frozen=True, slots=True)
class Part:
    """The calls that have something in common: `key` is an agent, a model, a source, or the id of
    a subsystem or a person; None for those that have none."""

    key: str | int | None
    sum: Sum
    share: float  # of the cost, 0 to 1
    behind: CostFilter


@dataclass(frozen=True, slots=True)
class DayPart:
    """One agent's calls to one model on one day."""

    day: date
    node: Node
    model: str
    calls: int
    cost_nusd: int


@dataclass(frozen=True, slots=True)
class RecentRun:
    """A run of late. All that it ever cost, whatever the filter."""

    run_id: UUID
    begun_at: datetime
    subsystem: int | None
    person: int | None
    route: str
    sources: tuple[str, ...]
    calls: int
    tokens: int
    cost_nusd: int


@dataclass(frozen=True, slots=True)
class CostReport:
    """`because`: why the total is not that of the period before, see `sums.explain`."""

    asked: CostFilter
    total: Sum
    before: Sum
    because: tuple[float, float, float] | None
    per_run: PerRun
    days: tuple[DayPart, ...]
    by_node: tuple[Part, ...]
    by_model: tuple[Part, ...]
    by_source: tuple[Part, ...]
    by_subsystem: tuple[Part, ...]
    by_person: tuple[Part, ...]
    recent: tuple[RecentRun, ...]
    due: int

    @property
    def is_empty(self) -> bool:
        return not (self.total.calls or self.total.released_calls)

    @property
    def per_day(self) -> float:
        """The average of all days of the period."""
        return self.total.cost_nusd / self.asked.period.days


def cost(asked: CostFilter) -> CostReport:
    """The report of a project that its reader may see, as the caller has made sure."""
    which = _spans(asked)
    groups = _groups(asked, which)
    total = Sum.total(group for _, group in groups)
    before = total_of(asked.narrowed(period=asked.period.before))
    return CostReport(
        asked=asked,
        total=total,
        before=before,
        because=explain(before, total),
        per_run=per_run(asked),
        days=_days(asked),
        by_node=_parts(groups, total, lambda row: Node(row["node"]), _narrow(asked, "node")),
        by_model=_parts(groups, total, _model, _narrow(asked, "model")),
        by_source=_parts(groups, total, lambda row: row["source"], _narrow(asked, "source")),
        by_subsystem=_by_id(asked, which, "subsystem", total),
        by_person=_by_id(asked, which, "person", total),
        recent=tuple(map(_recent, latest_runs(asked, RECENT))),
        due=rollups.due(asked.project_id),
    )


def by_project(projects: Collection[Project], period: Period) -> dict[int, Sum]:
    """What each of these projects spent in a period, each in its own days."""
    found = spans.rows_in({project.pk: (period.first, period.last) for project in projects})
    rows = SpanCost.objects.filter(found, grain=Grain.ALL)
    sums = rows.order_by().values("project").annotate(**_SUMS)
    return {row["project"]: Sum.of(row) for row in sums}


_SUMS = {f"sum_{name}": SumOf(name) for name in NAMES}
Group = tuple[Mapping[str, Any], Sum]


def _spans(asked: CostFilter) -> Q:
    """The days and spans that the period is covered by."""
    return spans.rows_in({asked.project_id: (asked.period.first, asked.period.last)})


def _single_days(asked: CostFilter) -> Q:
    days = (asked.period.first, asked.period.last)
    return Q(project=asked.project_id, days=1, day__range=days)


def _rows(asked: CostFilter, which: Q, by: str = "") -> "QuerySet[Any]":
    """The sums to read for a filter, of these days and spans, in the grain that tells it and `by`;
    those of single payers where no grain tells both subsystems and persons."""
    told = {by} - {""}
    told |= {name for name in ("subsystem", "person") if getattr(asked, name) is not None}
    if told == {"subsystem", "person"}:
        days = (asked.period.first, asked.period.last)
        payers = PayerCost.objects.filter(project=asked.project_id, day__range=days)
        return payers.filter(asked.of_sums).order_by()
    grain = Grain(told.pop()) if told else Grain.ALL
    return SpanCost.objects.filter(which, asked.of_sums, grain=grain).order_by()


def _groups(asked: CostFilter, which: Q) -> list[Group]:
    rows = _rows(asked, which).values("node", "provider", "model", "source").annotate(**_SUMS)
    return [(row, Sum.of(row)) for row in rows]


def total_of(asked: CostFilter) -> Sum:
    """What the calls of a filter come to."""
    return Sum.of(_rows(asked, _spans(asked)).aggregate(**_SUMS))


def _model(row: Mapping[str, Any]) -> str:
    return f"{row['provider']}/{row['model']}"


def _narrow(asked: CostFilter, name: str) -> Callable[[Any], CostFilter]:
    return lambda key: asked.narrowed(**{name: Unset.NONE if key is None else key})


def _parts(
    groups: Iterable[Group],
    total: Sum,
    key_of: Callable[[Mapping[str, Any]], str | int | None],
    behind: Callable[[Any], CostFilter],
) -> tuple[Part, ...]:
    """By key, the dearest first."""
    found: dict[str | int | None, list[Sum]] = defaultdict(list)
    for row, group in groups:
        found[key_of(row)].append(group)
    parts = [
        Part(key, (one := Sum.total(sums)), _share(one, total), behind(key))
        for key, sums in found.items()
    ]
    return tuple(sorted(parts, key=lambda part: (-part.sum.cost_nusd, str(part.key))))


def _share(part: Sum, total: Sum) -> float:
    return part.cost_nusd / total.cost_nusd if total.cost_nusd else 0.0


def _by_id(asked: CostFilter, which: Q, name: str, total: Sum) -> tuple[Part, ...]:
    rows = _rows(asked, which, name).values(name).annotate(**_SUMS)
    groups = [(row, Sum.of(row)) for row in rows]
    return _parts(groups, total, lambda row: row[name], _narrow(asked, name))


def _days(asked: CostFilter) -> tuple[DayPart, ...]:
    rows = _rows(asked, _single_days(asked))
    rows = rows.values("day", "node", "provider", "model").order_by("day", "node", "model")
    return tuple(
        DayPart(row["day"], Node(row["node"]), _model(row), row["number"], row["cost"])
        for row in rows.annotate(number=SumOf("calls"), cost=SumOf("cost_nusd"))
        if row["number"]
    )


def _recent(row: RunFigures) -> RecentRun:
    tokens = Sum.of({f"sum_{name}": getattr(row, name) for name in NAMES}).tokens
    return RecentRun(
        run_id=row.run_id,
        begun_at=row.begun_at,
        subsystem=row.subsystem_id,
        person=row.person_id,
        route=row.route,
        sources=tuple(row.sources),
        calls=row.calls,
        tokens=tokens,
        cost_nusd=row.cost_nusd,
    )
