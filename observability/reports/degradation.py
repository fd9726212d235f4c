"""Whether the results of a subsystem have become worse, since when, and what changed then.

A chart for each subsystem goes over its judged runs in order, through versions of skills, models
and specifications: one that began anew with each version could not tell that the version did it.

It is a self-starting one-sided CUSUM. Each overall score x(n) is compared with all before it:

    t(n) = (x(n) - mean(n-1)) / s(n-1) x sqrt((n-1) / n)      Student's t with n - 2 degrees
    u(n) = the normal deviate of the same probability, between -3 and 3
    S(n) = max(0, S(n-1) - u(n) - k)                           an alarm above h

as in D. M. Hawkins, "Self-starting cusum charts for location and scale", The Statistician 36, 1987.
While nothing changes, u is standard normal whatever the mean and spread, so no target needs to be
known. The deviate is by D. L. Wallace's approximation (Annals of Mathematical Statistics 30,
1959). With k = 0.5 the chart is made for drops of one standard deviation (E. S. Page, "Continuous
inspection schemes", Biometrika 41, 1954). The bounds of u keep one very bad run from being an
alarm.

No alarm before 20 runs, none of a drop below 0.02, and none by fewer than 3 runs. The chart begins
anew at the onset of what it has told, so the new level is what later runs are compared with.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import copysign, log, sqrt
from typing import Any
from uuid import UUID

from observability.models import RunFigures
from reqplatform.teams.models import Project

LEAST_RUNS, LEAST_DROP, LEAST_SINCE = 20, 0.02, 3
K, H, MOST_DEVIATE = 0.5, 5.0, 3.0
_LEAST_SPREAD = 0.005  # scores that never differ would make any change infinite
NEAR = 10  # runs before the onset that those after it are compared with


@dataclass(frozen=True, slots=True)
class Signal:
    """Indexes into the scores: of the run that made it certain, and of the first that is worse."""

    at: int
    onset: int
    before: float  # the mean of the runs before the onset
    since: float


class Chart:
    """The CUSUM of one subsystem; give it one score after the other."""

    def __init__(self, h: float = H) -> None:
        self._h = h
        self._all: list[float] = []
        self._begin(0)

    def _begin(self, index: int) -> None:
        self._first = index
        self._n, self._mean, self._squares = 0, 0.0, 0.0
        self._cusum, self._onset = 0.0, index

    def add(self, score: float) -> Signal | None:
        self._all.append(score)
        deviate = self._deviate(score)
        if self._cusum == 0.0:
            self._onset = len(self._all) - 1
        self._cusum = max(0.0, self._cusum - deviate - K)
        self._take(score)
        signal = self._signal() if self._cusum > self._h else None
        if signal:
            self._restart(signal.onset)
        return signal

    def _take(self, score: float) -> None:
        """Welford's running mean and sum of squares."""
        self._n += 1
        step = score - self._mean
        self._mean += step / self._n
        self._squares += step * (score - self._mean)

    def _deviate(self, score: float) -> float:
        if self._n < 3:
            return 0.0
        spread = max(_LEAST_SPREAD, sqrt(self._squares / (self._n - 1)))
        t = (score - self._mean) / spread * sqrt(self._n / (self._n + 1))
        return max(-MOST_DEVIATE, min(MOST_DEVIATE, normal_of_t(t, self._n - 1)))

    def _signal(self) -> Signal | None:
        scores, onset = self._all, self._onset
        before, since = scores[self._first : onset], scores[onset:]
        if len(before) < LEAST_RUNS - LEAST_SINCE or len(scores) - self._first < LEAST_RUNS:
            return None
        means = sum(before) / len(before), sum(since) / len(since)
        if len(since) < LEAST_SINCE or means[0] - means[1] < LEAST_DROP:
            return None
        return Signal(len(scores) - 1, onset, *means)

    def _restart(self, onset: int) -> None:
        self._begin(onset)
        for score in self._all[onset:]:
            self._take(score)


def normal_of_t(t: float, freedom: int) -> float:
    """The standard normal deviate with the probability of a Student's t."""
    size = (8 * freedom + 1) / (8 * freedom + 3) * sqrt(freedom * log(1 + t * t / freedom))
    return copysign(size, t)


def signals(scores: Iterable[float], h: float = H) -> list[Signal]:
    """All alarms of a history."""
    chart = Chart(h)
    return [signal for score in scores if (signal := chart.add(score))]


# What changed


@dataclass(frozen=True, slots=True)
class Change:
    """Something that most runs since the onset have and most runs before did not."""

    what: str  # skill | models | specification | revision | person
    before: str
    since: str


@dataclass(frozen=True, slots=True)
class Degradation:
    subsystem: int | None
    told_at: datetime  # by the run that made it certain
    told_by: UUID
    onset_at: datetime
    onset_run: UUID
    before: float
    since: float
    runs_since: int
    changes: tuple[Change, ...]

    @property
    def text(self) -> str:
        """For an alert; names of subsystems are the caller's."""
        said = (
            f"Results since {self.onset_at:%-d %b %Y} score {self.since:.3f} on average, where "
            f"those before scored {self.before:.3f}."
        )
        named = "; ".join(f"{one.what} {one.before} -> {one.since}" for one in self.changes)
        return f"{said} Changed near then: {named}." if named else f"{said} Nothing known changed."


def degradations(runs: Sequence[RunFigures], h: float = H) -> list[Degradation]:
    """Of judged runs of one subsystem, in order."""
    scores = [run.overall for run in runs if run.overall is not None]
    assert len(scores) == len(runs)
    return [_degradation(runs, signal) for signal in signals(scores, h)]


def _degradation(runs: Sequence[RunFigures], signal: Signal) -> Degradation:
    first, last = runs[signal.onset], runs[signal.at]
    assert first.judged_at is not None and last.judged_at is not None  # noqa: PT018
    return Degradation(
        subsystem=last.subsystem_id,
        told_at=last.judged_at,
        told_by=last.run_id,
        onset_at=first.judged_at,
        onset_run=first.run_id,
        before=signal.before,
        since=signal.since,
        runs_since=signal.at - signal.onset + 1,
        changes=tuple(changes(runs, signal)),
    )


def changes(runs: Sequence[RunFigures], signal: Signal) -> list[Change]:
    """What most of the runs from the onset on have in common, and most of the last before do not.

    The onset is found to within a few runs, so both sides are taken by what most of them have.
    """
    before = runs[max(0, signal.onset - NEAR) : signal.onset]
    since = runs[signal.onset : signal.at + 1]
    old, new = _traits(before), _traits(since)
    return [
        Change(what, old.get(what, "none"), value)
        for what, value in new.items()
        if old.get(what) != value
    ]


def _traits(runs: Sequence[RunFigures]) -> dict[str, str]:
    """What more than half of the runs have."""
    counts: Counter[tuple[str, str]] = Counter()
    for run in runs:
        counts.update(set(_of(run)))
    return {what: value for (what, value), n in sorted(counts.items()) if 2 * n > len(runs)}


def _of(run: RunFigures) -> Iterable[tuple[str, str]]:
    yield "models", run.route or "none"
    for label in run.skills.split():
        yield label.partition("@")[0], label
    for what, value in (("specification", run.specification_id), ("revision", run.revision_id)):
        if value is not None:
            yield what, str(value)


# From the database

_COLUMNS = (
    "run", "subsystem", "judged_at", "overall", "skills", "route", "specification", "revision",
)  # fmt: skip


def histories(project: Project, until: datetime | None = None) -> dict[int | None, list[Any]]:
    """The judged runs of a project by subsystem, each in order; without those that had nothing
    allocated."""
    rows = RunFigures.objects.filter(project=project, allocated__gt=0, overall__isnull=False)
    if until is not None:
        rows = rows.filter(judged_at__lte=until)
    found: dict[int | None, list[Any]] = {}
    for run in rows.only(*_COLUMNS).order_by("judged_at", "run_id").iterator():
        found.setdefault(run.subsystem_id, []).append(run)
    return found


def all_degradations(project: Project, until: datetime | None = None) -> list[Degradation]:
    """Whatever any subsystem's chart has ever told, in the order in which it was told."""
    found = [one for runs in histories(project, until).values() for one in degradations(runs)]
    return sorted(found, key=lambda one: (one.told_at, str(one.told_by)))
