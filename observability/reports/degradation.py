"""Subsystems whose results have become worse, since when, and what changed at that time.

Two kinds of charts run over the judged runs in order (`cusum`), for the overall score and for
passing the gate:

- one for each **subsystem**, across all versions of its skills. A new version that makes things
  worse is a fall of this chart and can be named as its cause. It is the one that a lead asks for.
- one for each **subsystem and set of skill versions**. A new version begins a chart of its own, so
  what it did at once is invisible here: it is what is usual of it. But runs of two versions that
  alternate, as trials beside others do, are told apart, and a fall within one version, by a model
  or a document, is not lost among the changes between versions.

A fall that began before another one of the same subsystem and measure was told is the same and is
told once, by the chart that was first; both at once, by the subsystem's.

A run counts once, by its latest result, when that was judged; runs to which nothing was allocated
are left out. A run that was resumed and judged again counts at that later time alone.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.utils.text import Truncator

from observability.models import RunFigures
from observability.reports.asked import Period
from observability.reports.changes import Change, Result, around, changes, domains_of
from observability.reports.cusum import PASSES, SCORES, Fall, falls
from observability.reports.intervals import wilson

_COLUMNS = (
    "run_id", "judged_at", "judged_on", "subsystem_id", "skills", "route", "specification_id",
    "revision_id", "threshold", "domain", "overall", "passed",
)  # fmt: skip


TOLD = 3  # changes in a message
MOST_TEXT = 500


class Measure(StrEnum):
    OVERALL = "overall"
    PASSED = "passed"


class Scope(StrEnum):
    """In the order in which falls that are told at once are preferred."""

    SUBSYSTEM = "subsystem"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Degradation:
    """Results from `onset` on are worse than those before; the run `run_id` told it. `before` and
    `after` are means of the score, or shares of runs that passed, over so many runs. `skills` are
    the versions of a chart of its own, "" of a subsystem's. `changes`: the nearest first."""

    project_id: int
    measure: Measure
    scope: Scope
    subsystem: int | None
    skills: str
    run_id: UUID
    at: datetime
    day: date
    onset: datetime
    onset_day: date
    onset_run_id: UUID
    runs_before: int
    runs_after: int
    before: float
    after: float
    height: float
    changes: tuple[Change, ...]

    @property
    def intervals(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        """Wilson's of the shares before and after; None for scores."""
        if self.measure != Measure.PASSED:
            return None
        before = wilson(self.before * self.runs_before, self.runs_before)
        after = wilson(self.after * self.runs_after, self.runs_after)
        return (before, after) if before is not None and after is not None else None

    def message(self, names: Mapping[int | str, str] | None = None) -> str:
        """In two or three sentences of 500 characters at most. `names`: of subsystems by their ids,
        of specifications and revisions by theirs as texts."""
        names = names or {}
        who = "runs without a subsystem"
        if self.subsystem is not None:
            who = names.get(self.subsystem, f"subsystem {self.subsystem}")
        if self.skills:
            who += f" with {self.skills}"
        what = "The pass rate" if self.measure == Measure.PASSED else "The quality"
        form = ".0%" if self.measure == Measure.PASSED else ".2f"
        text = (
            f"{what} of {who} has fallen since {self.onset_day.day} {self.onset_day:%b %Y}: "
            f"{self.before:{form}} over {self.runs_before} runs before, "
            f"{self.after:{form}} over {self.runs_after} since."
        )
        if not self.changes:
            return Truncator(f"{text} Nothing on record changed near that time.").chars(MOST_TEXT)
        told = "; ".join(one.text(names) for one in self.changes[:TOLD])
        return Truncator(f"{text} What changed: {told}.").chars(MOST_TEXT)


def degradations(project_id: int, period: Period) -> tuple[Degradation, ...]:
    """Those that were told on a day of the period, in order; from all runs that were judged by then
    on, so that it is the same whenever it is asked. One query; one more where there is any."""
    told = judge(project_id, results_of(project_id, period.last))
    found = [one for one in told if one.last.on >= period.first]
    if not found:
        return ()
    domains = domains_of({row.run_id for one in found for row in around(one.results, one.fall)})
    return tuple(one.degradation(domains) for one in found)


def results_of(project_id: int, last: date) -> list[Result]:
    """The judged runs of a project to that day, in the order in which they were."""
    rows = RunFigures.objects.filter(
        project=project_id,
        judged_on__lte=last,
        allocated__gt=0,
        overall__isnull=False,
        passed__isnull=False,
    )
    values = rows.order_by("judged_at", "run_id").values_list(*_COLUMNS)
    return [Result(*row) for row in values]


def judge(project_id: int, results: Sequence[Result]) -> list["Told"]:
    """All falls of these results, in the order in which they were told."""
    by_subsystem: dict[int | None, list[Result]] = defaultdict(list)
    for one in results:
        by_subsystem[one.subsystem].append(one)
    found = [
        Told(project_id, measure, scope, some, fall)
        for rows in by_subsystem.values()
        for scope, some in charts(rows)
        for measure in Measure
        for fall in fallen(some, measure)
    ]
    found.sort(key=lambda told: (told.last.at, told.last.run_id, told.order))
    return list(_once(found))


def charts(rows: Sequence[Result]) -> Iterator[tuple[Scope, Sequence[Result]]]:
    """The results of a subsystem, and those of each set of skill versions, if there are several."""
    yield Scope.SUBSYSTEM, rows
    by_version: dict[str, list[Result]] = defaultdict(list)
    for one in rows:
        by_version[one.skills].append(one)
    if len(by_version) > 1:
        yield from ((Scope.VERSION, some) for some in by_version.values())


def fallen(results: Sequence[Result], measure: Measure) -> list[Fall]:
    if measure == Measure.PASSED:
        return falls([float(one.passed) for one in results], PASSES)
    return falls([one.overall for one in results], SCORES)


@dataclass(frozen=True, slots=True)
class Told:
    """A fall of one chart."""

    project_id: int
    measure: Measure
    scope: Scope
    results: Sequence[Result]
    fall: Fall

    @property
    def last(self) -> Result:
        return self.results[self.fall.at]

    @property
    def first(self) -> Result:
        return self.results[self.fall.onset]

    @property
    def order(self) -> int:
        return list(Scope).index(self.scope)

    def degradation(self, domains: Mapping[UUID, str] | None = None) -> Degradation:
        fall, first, last = self.fall, self.first, self.last
        return Degradation(
            project_id=self.project_id,
            measure=self.measure,
            scope=self.scope,
            subsystem=last.subsystem,
            skills=last.skills if self.scope == Scope.VERSION else "",
            run_id=last.run_id,
            at=last.at,
            day=last.on,
            onset=first.at,
            onset_day=first.on,
            onset_run_id=first.run_id,
            runs_before=fall.onset - fall.begin,
            runs_after=fall.at - fall.onset + 1,
            before=fall.before,
            after=fall.after,
            height=fall.height,
            changes=changes(self.results, fall, domains),
        )


def _once(found: Sequence[Told]) -> Iterator[Told]:
    """Without those that began before one of the same subsystem and measure was told."""
    told: dict[tuple[int | None, Measure], datetime] = {}
    for one in found:
        key = (one.last.subsystem, one.measure)
        if key not in told or one.first.at > told[key]:
            told[key] = one.last.at
            yield one
