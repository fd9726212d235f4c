"""How good the results of a period were: by day, by skill version, by rule.

A run counts once, by its latest result, on the day on which that was judged. A run to whose
subsystem nothing was allocated is counted apart and is in no average: its scores are 1 by
definition.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from observability import rollups
from observability.models import RunFigures
from observability.reports.asked import QualityFilter, runs_behind
from observability.reports.intervals import FEW, mean_interval, wilson
from observability.reports.judged import Key, measured
from observability.rollups import measures
from observability.rollups.measures import DIMENSIONS, Spread

RECENT = 20
Measures = Mapping[str, Spread]


@dataclass(frozen=True, slots=True)
class Score:
    """One dimension over runs, 0 to 1. `interval`: 95 % of the mean, None for fewer than two."""

    dimension: str
    n: int
    mean: float | None
    deviation: float | None
    least: float | None
    most: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class PassRate:
    """How many runs passed their gate; `interval` is Wilson's, of 95 %."""

    passed: int
    runs: int
    share: float | None
    interval: tuple[float, float] | None

    @property
    def is_small(self) -> bool:
        return self.runs < FEW


@dataclass(frozen=True, slots=True)
class Point:
    """A day, or a version of a skill."""

    key: str
    runs: int
    overall: Score
    pass_rate: PassRate
    behind: QualityFilter


@dataclass(frozen=True, slots=True)
class Finding:
    """How often a rule found something: in all results together, and in how many of them."""

    rule: str
    findings: int
    runs: int
    behind: QualityFilter


@dataclass(frozen=True, slots=True)
class Judges:
    """Rules and judge on the same runs, those that a judge of its own scored. `distance` is the
    mean of what lies between the two, `agreed` the share with both on one side of the threshold."""

    runs: int
    rules: float | None
    judge: float | None
    difference: float | None
    distance: float | None
    agreed: float | None


@dataclass(frozen=True, slots=True)
class JudgedRun:
    run_id: UUID
    judged_at: datetime
    subsystem: int | None
    person: int | None
    passed: bool
    allocated: int
    requirements: int
    iterations: int
    overall: float
    threshold: float
    findings: int
    critical: int


@dataclass(frozen=True, slots=True)
class QualityReport:
    """`runs` is without `nothing_allocated`. Iterations have a mean, a least and a most."""

    asked: QualityFilter
    runs: int
    nothing_allocated: int
    scores: tuple[Score, ...]
    pass_rate: PassRate
    iterations: Spread
    requirements: int
    days: tuple[Point, ...]
    versions: tuple[Point, ...]
    findings: tuple[Finding, ...]
    judges: Judges
    recent: tuple[JudgedRun, ...]
    due: int

    @property
    def is_empty(self) -> bool:
        return not (self.runs or self.nothing_allocated)


def quality(asked: QualityFilter) -> QualityReport:
    """The report of a project that its reader may see, as the caller has made sure."""
    by_skills = measured(asked, ("skills",))
    total = measures.together(by_skills.values())
    overall = total.get("overall", Spread())
    return QualityReport(
        asked=asked,
        runs=overall.n,
        nothing_allocated=total.get(measures.NOTHING, Spread()).n,
        scores=tuple(score(name, total) for name in DIMENSIONS if name in total),
        pass_rate=pass_rate(total),
        iterations=total.get("iterations", Spread()),
        requirements=round(total.get("requirements", Spread()).total),
        days=_days(asked),
        versions=_versions(asked, by_skills),
        findings=_findings(asked, total),
        judges=_judges(total),
        recent=tuple(_recent(row) for row in runs_behind(asked)[:RECENT]),
        due=rollups.due(asked.project_id),
    )


def score(dimension: str, total: Measures) -> Score:
    one = total.get(dimension, Spread())
    mean = one.mean
    return Score(
        dimension=dimension,
        n=one.n,
        mean=mean,
        deviation=one.deviation,
        least=one.least,
        most=one.most,
        interval=None if mean is None else mean_interval(mean, one.error, one.n),
    )


def pass_rate(total: Measures) -> PassRate:
    one = total.get(measures.PASSED, Spread())
    return PassRate(round(one.total), one.n, one.mean, wilson(one.total, one.n))


def _point(key: str, total: Measures, behind: QualityFilter) -> Point:
    overall = score("overall", total)
    return Point(key, overall.n, overall, pass_rate(total), behind)


def _days(asked: QualityFilter) -> tuple[Point, ...]:
    by_day = measured(asked, ("day",), names={"overall", measures.PASSED})
    period = type(asked.period)
    return tuple(
        _point(day.isoformat(), found, asked.narrowed(period=period(day, day)))
        for (day,), found in sorted(by_day.items())
    )


def _versions(asked: QualityFilter, by_skills: Mapping[Key, Measures]) -> tuple[Point, ...]:
    """By every version of every skill that runs were made with."""
    by_label: dict[str, list[Measures]] = defaultdict(list)
    for (skills,), found in by_skills.items():
        for label in skills.split():
            by_label[label].append(found)
    return tuple(
        _point(label, measures.together(by_label[label]), asked.narrowed(skill=label))
        for label in sorted(by_label, key=_in_order)
    )


def _in_order(label: str) -> tuple[str, int, str]:
    slug, _, version = label.partition("@")
    return slug, int(version) if version.isdecimal() else 0, version


def _findings(asked: QualityFilter, total: Measures) -> tuple[Finding, ...]:
    found = [
        Finding(rule, round(one.total), one.n, asked.narrowed(rule=rule))
        for name, one in total.items()
        if (rule := name.removeprefix(measures.RULE)) != name
    ]
    return tuple(sorted(found, key=lambda row: (-row.findings, row.rule)))


def _judges(total: Measures) -> Judges:
    def mean(name: str) -> float | None:
        return total.get(name, Spread()).mean

    return Judges(
        runs=total.get("judge", Spread()).n,
        rules=mean("rules"),
        judge=mean("judge"),
        difference=mean("apart"),
        distance=mean("distance"),
        agreed=mean(measures.AGREED),
    )


def _recent(row: RunFigures) -> JudgedRun:
    assert row.judged_at is not None
    return JudgedRun(
        run_id=row.run_id,
        judged_at=row.judged_at,
        subsystem=row.subsystem_id,
        person=row.person_id,
        passed=bool(row.passed),
        allocated=row.allocated or 0,
        requirements=row.requirements,
        iterations=row.iterations,
        overall=row.overall or 0.0,
        threshold=row.threshold or 0.0,
        findings=row.findings,
        critical=row.critical,
    )
