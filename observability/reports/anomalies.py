"""Days on which a project spent far more than it usually does, and why.

`weekdays` says what a day may cost, from the days before it alone; `excess` why it cost more. A day
is an anomaly if it cost more than its most, and at least so many dollars more than was expected of
it (`LEAST_NUSD` unless the caller says otherwise). Too little is none. Today is judged like any
other day, as soon as it has cost more than the whole day may; before that nothing can be said.

A day that stood out stays in what later days are judged by, where medians ignore it. So a verdict
needs no memory, a replay over history says what was said then, and a lasting change is told for
about 14 days of spending; `since` is the day that the series began with, for one alert on all.

Days are those of the project's time zone, costs are what the books say of these days by now: what
was reconciled or repriced since is in them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Sum as SumOf
from django.utils.text import Truncator

from observability.models import Grain, Node, SpanCost
from observability.money import NUSD_PER_USD, format_usd
from observability.reports.asked import Period
from observability.reports.excess import (
    REASON_TEXTS,
    By,
    Group,
    Mix,
    Reason,
    Share,
    costs_by,
    reasons,
    shares,
    whole,
)
from observability.reports.sums import NAMES, Sum
from observability.reports.weekdays import BEFORE, LEVEL_DAYS, Spending, Usual

LEAST_NUSD = NUSD_PER_USD
MOST_TEXT = 500
_SERIES = LEVEL_DAYS  # how far back the beginning of a series is looked for


@dataclass(frozen=True, slots=True)
class Judged:
    """A day that cost too much. `series`: the first of the days with spending, one after the other,
    that did. Days are ordinals of the calendar."""

    day: int
    cost_nusd: int
    usual: Usual
    series: int

    @property
    def expected_nusd(self) -> int:
        return round(self.usual.expected)


def judge(
    costs: Mapping[int, int], first: int, last: int, least_nusd: int = LEAST_NUSD
) -> Iterator[Judged]:
    """The days from the first to the last that cost too much, each by the days before it."""
    spending = Spending(costs)
    series: int | None = None
    for day in range(first - _SERIES, last + 1):
        cost = costs.get(day, 0)
        if cost <= 0:
            continue  # a day of rest, which neither is anything nor ends a series
        usual = spending.usual(day)
        if usual is None or cost <= usual.most or cost - usual.expected < least_nusd:
            series = None
            continue
        series = series or day
        if day >= first:
            yield Judged(day, cost, usual, series)


def judgeable(costs: Mapping[int, int], first: int, last: int) -> int:
    """How many of these days have enough days before them to be judged by."""
    spending = Spending(costs)
    return sum(spending.usual(day) is not None for day in range(first, last + 1))


@dataclass(frozen=True, slots=True)
class Because:
    """What one reason comes to; those of a day add up to its excess."""

    reason: Reason
    nusd: int
    before: float  # calls, tokens a call, nano-USD a token, or the part that caches saved
    now: float

    @property
    def text(self) -> str:
        """ "$12.00 by more calls (80 to 210)"."""
        return f"{format_usd(self.nusd)} by {REASON_TEXTS[self.reason]}{self._figures}"

    @property
    def _figures(self) -> str:
        before, now = self.before, self.now
        if self.reason == Reason.CACHE:
            return f" (caches saved {before:.0%}, now {now:.0%})"
        if self.reason == Reason.PRICE:
            million = [format_usd(round(value * 10**6)) for value in (before, now)]
            return f" ({million[0]} to {million[1]} a million tokens, without caches)"
        if self.reason == Reason.UNKNOWN:
            return ""
        unit = "" if self.reason == Reason.CALLS else " tokens a call"
        return f" ({before:,.0f} to {now:,.0f}{unit})"


@dataclass(frozen=True, slots=True)
class CostAnomaly:
    """`least_nusd` to `most_nusd` is what the day might have cost; `score` how many scales it lies
    above its expectation. `known_days`, of which `spent_days` cost anything, it was judged by."""

    project_id: int
    day: date
    is_complete: bool
    since: date
    actual_nusd: int
    expected_nusd: int
    least_nusd: int
    most_nusd: int
    score: float
    known_days: int
    spent_days: int
    because: tuple[Because, ...]  # the largest first
    shares: tuple[Share, ...]  # by agent, model, subsystem, person; the largest of each first

    @property
    def excess_nusd(self) -> int:
        return self.actual_nusd - self.expected_nusd

    def most_of(self, by: By) -> Share | None:
        """The agent, model, subsystem or person with the largest part of the excess."""
        return next((one for one in self.shares if one.by == by), None)

    def message(self, names: Mapping[tuple[By, int], str] | None = None) -> str:
        """In three sentences of 500 characters at most. `names`: of subsystems and persons, by
        their ids."""
        so_far = "" if self.is_complete else " so far"
        day = f"{self.day.day} {self.day:%b %Y}"
        text = (
            f"{day} cost {format_usd(self.actual_nusd)}{so_far}; "
            f"{format_usd(self.expected_nusd)} was expected, and "
            f"{format_usd(self.most_nusd)} at most."
        )
        told = [one.text for one in self.because if one.nusd * 10 >= self.excess_nusd][:3]
        if told:
            text += f" Of the excess, {', '.join(told)}."
        who = [_named(one, names or {}) for by in By if (one := self.most_of(by)) is not None]
        text = f"{text} Most of it: {', '.join(who)}." if who else text
        return Truncator(text).chars(MOST_TEXT)


def _named(one: Share, names: Mapping[tuple[By, int], str]) -> str:
    if isinstance(one.key, int):
        name = names.get((one.by, one.key), f"{one.by} {one.key}")
    elif one.by == By.NODE:
        name = Node(str(one.key)).label
    else:
        name = one.key if one.key is not None else f"no {one.by}"
    return f"{name} ({one.share:.0%})"


def cost_anomalies(
    project_id: int, period: Period, today: date, least_nusd: int = LEAST_NUSD
) -> tuple[CostAnomaly, ...]:
    """The anomalies of a period, by day. One query; three more where there is any."""
    first, last = period.first.toordinal(), period.last.toordinal()
    found = list(judge(costs_of(project_id, period), first, last, least_nusd))
    if not found:
        return ()
    details = _Details(project_id, found)
    return tuple(details.explained(one, today) for one in found)


def costs_of(project_id: int, period: Period) -> dict[int, int]:
    """Nano-USD by the ordinals of days, of a period and of all days that it is judged by."""
    back = timedelta(days=BEFORE + _SERIES)
    rows = SpanCost.objects.filter(
        project=project_id, grain=Grain.ALL, days=1, day__range=(period.first - back, period.last)
    )
    sums = rows.order_by().values_list("day").annotate(cost=SumOf("cost_nusd"))
    return {day.toordinal(): cost for day, cost in sums}


class _Details:
    """What the calls were like on days that stood out, and on those they are compared with."""

    def __init__(self, project_id: int, found: Iterable[Judged]) -> None:
        self.project_id = project_id
        days = {one.day for one in found} | {day for one in found for day in one.usual.typical}
        self.range = (date.fromordinal(min(days)), date.fromordinal(max(days)))
        self.groups = self._groups()
        self.ids = {
            By.SUBSYSTEM: self._costs(Grain.SUBSYSTEM, "subsystem"),
            By.PERSON: self._costs(Grain.PERSON, "person"),
        }

    def _groups(self) -> dict[int, list[Group]]:
        names = ("calls", "input_fresh", "cache_read", "cache_write", "cache_write_1h", "output",
                 "reasoning", "cost_nusd", "saved_nusd")  # fmt: skip
        rows = SpanCost.objects.filter(
            project=self.project_id, grain=Grain.ALL, days=1, day__range=self.range
        )
        keys = ("day", "node", "provider", "model", "source")
        sums = rows.order_by().values(*keys, *names)
        found: dict[int, list[Group]] = defaultdict(list)
        unread = dict.fromkeys(set(NAMES) - set(names), 0)
        for row in sums:
            one = Sum.of(row | unread, prefix="")
            group = Group(
                Node(row["node"]), f"{row['provider']}/{row['model']}", row["source"], one
            )
            found[row["day"].toordinal()].append(group)
        return found

    def _costs(self, grain: Grain, name: str) -> dict[int, dict[str | int | None, float]]:
        rows = SpanCost.objects.filter(project=self.project_id, grain=grain, days=1)
        sums = rows.filter(day__range=self.range).order_by().values_list("day", name)
        found: dict[int, dict[str | int | None, float]] = defaultdict(dict)
        for day, key, cost in sums.annotate(cost=SumOf("cost_nusd")):
            found[day.toordinal()][key] = cost
        return found

    def explained(self, one: Judged, today: date) -> CostAnomaly:
        typical = [group for day in one.usual.typical for group in self.groups[day]]
        mix, now = Mix.of(typical), Mix.of(self.groups[one.day])
        factor = one.expected_nusd / mix.total
        excess = one.cost_nusd - one.expected_nusd
        found: list[Share] = []
        for by in (By.NODE, By.MODEL):
            before = _times(factor, [costs_by(by, typical)])
            found += shares(by, before, costs_by(by, self.groups[one.day]), excess)
        for by, costs in self.ids.items():
            before = _times(factor, (costs[day] for day in one.usual.typical))
            found += shares(by, before, costs[one.day], excess)
        return CostAnomaly(
            project_id=self.project_id,
            day=date.fromordinal(one.day),
            is_complete=one.day < today.toordinal(),
            since=date.fromordinal(one.series),
            actual_nusd=one.cost_nusd,
            expected_nusd=one.expected_nusd,
            least_nusd=round(one.usual.least),
            most_nusd=round(one.usual.most),
            score=one.usual.score(one.cost_nusd),
            known_days=one.usual.days,
            spent_days=one.usual.spent,
            because=_because(mix.times(factor), now, excess),
            shares=tuple(found),
        )


def _times(
    factor: float, parts: Iterable[Mapping[str | int | None, float]]
) -> dict[str | int | None, float]:
    found: dict[str | int | None, float] = defaultdict(float)
    for part in parts:
        for key, value in part.items():
            found[key] += factor * value
    return dict(found)


def _because(before: Mix, now: Mix, excess_nusd: int) -> tuple[Because, ...]:
    parts = whole(reasons(before, now), excess_nusd)
    figures = {key: (_figure(before, key), _figure(now, key)) for key in parts}
    found = [Because(key, nusd, *figures[key]) for key, nusd in parts.items()]
    return tuple(sorted(found, key=lambda one: -one.nusd))


def _figure(mix: Mix, reason: Reason) -> float:
    calls, tokens = mix.calls or 1.0, mix.tokens or 1.0
    return {
        Reason.CALLS: mix.calls,
        Reason.INPUT: mix.input / calls,
        Reason.OUTPUT: mix.output / calls,
        Reason.PRICE: mix.gross / tokens,
        Reason.CACHE: mix.cached,
        Reason.UNKNOWN: mix.unknown,
    }[reason]
