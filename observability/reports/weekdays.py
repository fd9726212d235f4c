"""What a day of a project usually costs, and the most that it usually costs.

With y the natural logarithm of what a day cost, and only days that cost anything:

    level(d)  = median of y over the 28 days before d; over the 91 days before where fewer than 10
                of these cost anything; over a project's first 28 days for those days themselves
    left(d)   = y(d) - level(d)
    centre    = median of left over the 91 days before the day that is judged
    weekday   = median of left - centre over the days of one weekday, shrunk
    scale     = 1.4826 x n / (n - 0.8) x MAD of (left - centre - weekday) / sqrt(1 - h);
                at least 0.1
    expected  = exp(level + centre + weekday)
    most      = expected x exp(3.2 x scale x sqrt(1 + h) x (1 + (22 / n)^2))

All are medians, so days that stood out stay in: up to half of the days may, before the figures
follow them. It needs no memory of what was flagged, and a lasting change is told for about two
weeks until it is the level. `centre` is what days lie above the level that trails them: growth.

1.4826 makes the median absolute deviation that of a normal distribution; n / (n - 0.8) corrects it
in small samples (P. J. Rousseeuw, C. Croux, "Alternatives to the median absolute deviation", JASA
88, 1993; C. Croux, P. J. Rousseeuw, "Time-efficient algorithms for two highly robust estimators of
scale", 1992). A weekday's effect e of m days keeps the part k = 1 - (s^2 pi / 2m) / e^2 of itself,
0 if that is negative, with s the scale within weekdays: the median of m has about that variance
(the positive part of Stein's rule, as in L. Breiman, "Better subset regression using the
nonnegative garrote", Technometrics 37, 1995). With few days it is hardly believed. h = k^2 pi / 2m
is what it then owes to its own days' noise: these lie nearer to it than the next one will. 3.2 and
22 were chosen by `benchmarks/anomalies.py`, the latter for young projects.

**Days without spending** have no logarithm and are in no figure: a day of rest says nothing about
what a day of work costs, and the Monday after a weekend of rest is compared with Mondays. A day on
which a project otherwise rests is held against what its days of work cost. After 91 days of rest a
project begins anew.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log, pi, sqrt
from statistics import median

DAYS = 91
LEAST_DAYS = 28  # complete days since the first that cost anything
LEAST_SPENT = 14  # of the 91 days, with spending
LEVEL_DAYS = 28
LEVEL_SPENT = 10
BEFORE = 2 * DAYS  # how far back the figures of a day reach

SCORE = 3.2
_FEW = 22.0
LEAST_SCALE = 0.1
_NORMAL = 1.4826
TYPICAL = 2.0  # a day within so many scales of its expectation is a typical one


@dataclass(frozen=True, slots=True)
class Usual:
    """What a day may cost, in nano-USD; days are ordinals of the calendar. `typical`: the days of
    its level that cost about what was to be expected of them."""

    expected: float
    least: float
    most: float
    scale: float  # of logarithms
    weekday: float  # the effect, of logarithms
    days: int  # complete days it is known from
    spent: int  # of these, with spending
    typical: tuple[int, ...]

    def score(self, cost_nusd: int) -> float:
        """How many scales above its expectation a day is; 0 if it cost nothing."""
        return log(cost_nusd / self.expected) / self.scale if cost_nusd else 0.0


class Spending:
    """What a project spent on each day that cost anything."""

    def __init__(self, costs: Mapping[int, int]) -> None:
        """`costs`: nano-USD by the ordinals of days; days that aren't there cost nothing."""
        self._days = sorted(day for day, cost in costs.items() if cost > 0)
        self._logs = [log(costs[day]) for day in self._days]
        self._starts: list[int] = []
        for index, day in enumerate(self._days):
            rested = index and day - self._days[index - 1] <= DAYS
            self._starts.append(self._starts[-1] if rested else day)
        self._left = [
            value - self._level(day, start)
            for day, start, value in zip(self._days, self._starts, self._logs, strict=True)
        ]

    def usual(self, day: int) -> Usual | None:
        """From the days before this one; None where they are too few."""
        end = bisect_left(self._days, day)
        if not end or day - self._days[end - 1] > DAYS:
            return None
        start = self._starts[end - 1]
        first = max(start, day - DAYS)
        begin = bisect_left(self._days, first)
        if day - start < LEAST_DAYS or end - begin < LEAST_SPENT:
            return None
        days, left = self._days[begin:end], self._left[begin:end]
        centre = median(left)
        effects = _effects(days, [one - centre for one in left])
        rest = [
            (one - centre - effect.value) / effect.left
            for one, effect in zip(left, [effects[_weekday(at)] for at in days], strict=True)
        ]
        n = len(rest)
        scale = max(LEAST_SCALE, _scale(rest))
        effect = effects[_weekday(day)]
        middle = self._level(day, start) + centre + effect.value
        wide = SCORE * scale * sqrt(1 + effect.noise) * (1 + (_FEW / n) ** 2)
        return Usual(
            expected=exp(middle),
            least=exp(middle - wide),
            most=exp(middle + wide),
            scale=scale,
            weekday=effect.value,
            days=day - first,
            spent=n,
            typical=self._typical(day, days, rest, scale),
        )

    def _level(self, day: int, start: int) -> float:
        first = day - LEVEL_DAYS
        if first < start:
            return median(self._between(start, start + LEVEL_DAYS))
        near = self._between(first, day)
        return median(near if len(near) >= LEVEL_SPENT else self._wide(day, start))

    def _wide(self, day: int, start: int) -> list[float]:
        """Of 91 days; without spending on any of them, of the last day that had some."""
        found = self._between(max(start, day - DAYS), day)
        return found or [self._logs[bisect_left(self._days, day) - 1]]

    def _between(self, first: int, end: int) -> list[float]:
        return self._logs[bisect_left(self._days, first) : bisect_left(self._days, end)]

    @staticmethod
    def _typical(day: int, days: list[int], rest: list[float], scale: float) -> tuple[int, ...]:
        near = [at for at in days if at >= day - LEVEL_DAYS]
        asked = set(near if len(near) >= LEVEL_SPENT else days)
        found = tuple(
            at
            for at, one in zip(days, rest, strict=True)
            if at in asked and abs(one) <= TYPICAL * scale
        )
        return found or tuple(sorted(asked))


def _weekday(day: int) -> int:
    return (day - 1) % 7  # the first day of the calendar is a Monday


@dataclass(frozen=True, slots=True)
class _Effect:
    """A weekday's: what is kept of it, and the part of its days' own noise that it took along."""

    value: float = 0.0
    noise: float = 0.0

    @property
    def left(self) -> float:
        """How much smaller its own days' deviations from it are than those of other days."""
        return sqrt(max(0.25, 1 - self.noise))


def _effects(days: list[int], left: list[float]) -> list[_Effect]:
    """By weekday from Monday on, shrunk."""
    groups: list[list[float]] = [[] for _ in range(7)]
    for day, one in zip(days, left, strict=True):
        groups[_weekday(day)].append(one)
    raw = [median(group) if group else 0.0 for group in groups]
    rest = [one - raw[_weekday(at)] for at, one in zip(days, left, strict=True)]
    within = max(LEAST_SCALE, _scale(rest))
    found = []
    for value, group in zip(raw, groups, strict=True):
        noise = pi / 2 / len(group) if group else 0.0
        kept = max(0.0, 1 - within**2 * noise / value**2) if value else 0.0
        found.append(_Effect(value * kept, noise * kept**2))
    return found


def _scale(values: list[float]) -> float:
    """The deviation of these, by their median absolute deviation."""
    n, middle = len(values), median(values)
    return _NORMAL * n / (n - 0.8) * median([abs(value - middle) for value in values])
