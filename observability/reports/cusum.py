"""Where a series of results begins to be worse than the ones before it; arrays in, figures out.

A one-sided cumulative sum (E. S. Page, "Continuous inspection schemes", Biometrika 41, 1954; D. C.
Montgomery, Introduction to Statistical Quality Control, 7th ed., 9.1):

    S = max(0, S + how much worse than usual this one is - an allowance)

It signals above a limit. The onset is its last zero before or later: of these places the one that
parts the results most clearly, because a few results that are worse by chance often come right
before.

What is usual is learnt from the series itself, from 20 results on: the chart is self-starting (D.
M. Hawkins, "Self-starting CUSUM charts for location and scale", The Statistician 36, 1987), because
a mean of only 20, taken for the truth, signals far too often.

**Scores**: x is standardised by the mean m and the deviation s of the n before it,
t = (x - m) / (s sqrt(1 + 1/n)), and that made a normal deviate z, which it is of Student's t with
n - 1 degrees of freedom (by D. L. Wallace, "Bounds on normal approximations to Student's and the
chi-square distributions", Annals of Mathematical Statistics 30, 1959). z counts up to 3: fewer than
four results never signal. The allowance is 0.5, the best for a fall by one deviation. s is 0.01 at
least.

**Passes**: the log-likelihood ratio of a fail's odds being 2.5 times as high as usual (S. H.
Steiner and others, "Monitoring surgical performance using risk-adjusted cumulative sum charts",
Biostatistics 1, 2000). The usual share of fails is (fails + 1) / (n + 2).

While S is above zero, nothing is learnt, or the beginning of a fall would make itself usual; once
it is zero again, all that came meanwhile is learnt: leaving it out would learn from the better
results alone. After a signal the results since the onset are the new usual, so a fall is told once;
a further one is told again. A rise is told to nobody, and found in the same way, for the fall after
it; a fall that is too small to count becomes usual in the same way at twice the limit. The limits
were chosen by `benchmarks/anomalies.py`, which measures how often they are passed by chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import copysign, log, sqrt
from typing import Protocol

LEAST_RESULTS = 20
LEAST_WORSE = 3  # results since the onset
ALLOWANCE = 0.5
MOST_DEVIATES = 3.0
LEAST_DEVIATION = 0.01
ODDS = 2.5


@dataclass(frozen=True, slots=True)
class Fall:
    """Results `begin` to `onset` - 1 were the usual ones, `onset` to `at` are worse; at the last of
    them it was told. Means of the two, and the height of the sum, which was zero before `zero`."""

    begin: int
    zero: int
    onset: int
    at: int
    before: float
    after: float
    height: float


class Usual(Protocol):
    """What is learnt of a series."""

    n: int

    def learn(self, value: float) -> None: ...

    def worse(self, value: float) -> tuple[float, float]:
        """What a value adds to the sum that watches for falls, and to the one for rises."""
        ...


@dataclass(slots=True)
class Scores:
    n: int = 0
    mean: float = 0.0
    squares: float = 0.0  # of the deviations from the mean

    def learn(self, value: float) -> None:
        self.n += 1
        change = value - self.mean
        self.mean += change / self.n
        self.squares += change * (value - self.mean)

    def worse(self, value: float) -> tuple[float, float]:
        deviation = max(LEAST_DEVIATION, sqrt(self.squares / (self.n - 1)))
        z = normal((value - self.mean) / (deviation * sqrt(1 + 1 / self.n)), self.n - 1)
        z = max(-MOST_DEVIATES, min(MOST_DEVIATES, z))
        return -z - ALLOWANCE, z - ALLOWANCE


@dataclass(slots=True)
class Passes:
    """Values are 1 for a pass and 0 for a fail."""

    n: int = 0
    fails: int = 0

    def learn(self, value: float) -> None:
        self.n += 1
        self.fails += value < 0.5

    def worse(self, value: float) -> tuple[float, float]:
        share = (self.fails + 1) / (self.n + 2)
        failed = value < 0.5
        return _ratio(share, ODDS, failed=failed), _ratio(share, 1 / ODDS, failed=failed)


def _ratio(share: float, odds: float, *, failed: bool) -> float:
    """ln of how much likelier the result is if the odds of a fail are so many times as high."""
    return (log(odds) if failed else 0.0) - log(1 - share + odds * share)


def normal(t: float, freedom: int) -> float:
    """The normal deviate that is exceeded as often as `t` is with so many degrees of freedom."""
    stretch = (8 * freedom + 1) / (8 * freedom + 3)
    return copysign(stretch * sqrt(freedom * log(1 + t * t / freedom)), t)


@dataclass(frozen=True, slots=True)
class Chart:
    """What is watched: `limit` is that of the sum, `least` the fall of the mean that counts."""

    usual: type[Scores] | type[Passes]
    limit: float
    least: float


SCORES = Chart(Scores, limit=7.5, least=0.03)
PASSES = Chart(Passes, limit=7.0, least=0.1)


@dataclass(slots=True)
class _State:
    chart: Chart
    values: Sequence[float]
    begin: int = 0
    fall: float = 0.0
    rise: float = 0.0
    zero: int = 0
    rise_zero: int = 0
    learnt: int = 0  # how many values, from the beginning on
    usual: Scores | Passes = field(init=False)
    sums: list[float] = field(init=False)  # of the first values, so many

    def __post_init__(self) -> None:
        self.usual = self.chart.usual()
        self.sums = list(accumulate(self.values, initial=0.0))

    def restart(self, begin: int, at: int) -> None:
        """What came since then is usual now."""
        self.begin, self.fall, self.rise, self.usual = begin, 0.0, 0.0, self.chart.usual()
        self.zero = self.rise_zero = self.learnt = at + 1
        for value in self.values[begin : at + 1]:
            self.usual.learn(value)

    def take(self, at: int) -> Fall | None:
        value = self.values[at]
        if self.usual.n < LEAST_RESULTS:
            self.usual.learn(value)
            self.zero = self.rise_zero = self.learnt = at + 1
            return None
        down, up = self.usual.worse(value)
        self.fall, self.rise = max(0.0, self.fall + down), max(0.0, self.rise + up)
        self.zero = at + 1 if not self.fall else self.zero
        self.rise_zero = at + 1 if not self.rise else self.rise_zero
        found = self._found(at) if self.fall > self.chart.limit else None
        if found is not None:
            self.restart(found.onset, at)
        elif self.rise > self.chart.limit:
            self.restart(self.rise_zero, at)
        elif self.fall > 2 * self.chart.limit:  # for sure a fall, and too small to count
            self.restart(self.zero, at)
        elif not self.fall:
            for later in self.values[self.learnt : at + 1]:
                self.usual.learn(later)
            self.learnt = at + 1
        return found

    def _found(self, at: int) -> Fall | None:
        begin, zero = self.begin, self.zero
        if self._mean(begin, zero) - self._mean(zero, at + 1) < self.chart.least:
            return None
        onset = begin + clearest(self.values[begin : at + 1], zero - begin, LEAST_WORSE)
        before, after = self._mean(begin, onset), self._mean(onset, at + 1)
        return Fall(begin, zero, onset, at, before, after, self.fall)

    def _mean(self, first: int, end: int) -> float:
        return (self.sums[end] - self.sums[first]) / (end - first)


def clearest(values: Sequence[float], first: int, least: int) -> int:
    """Where to part the values, at `first` or later and with so many left, so that most of their
    squares lies between the two parts: the most likely place of a change of their mean."""
    n, total = len(values), sum(values)
    before = sum(values[:first])
    best, place = -1.0, first
    for at in range(first, max(first, n - least) + 1):
        between = (before * n - total * at) ** 2 / (at * (n - at))
        if between > best + 1e-9:
            best, place = between, at
        before += values[at]
    return place


def falls(values: Sequence[float], chart: Chart = SCORES) -> list[Fall]:
    """Every fall of a series, in order; each known from the results up to `at` alone."""
    state = _State(chart, values)
    return [found for at in range(len(values)) if (found := state.take(at)) is not None]
