"""Days on which a project spent far more than its past lets expect, and why.

A day is judged against the complete days before it, at most 84 and at least 28 since the first
spending (in the project's time zone). On the logarithm of what was spent,

    y(t) = level + effect of the weekday + residual

- the level is the median of the last 28 days that had spending, without the weekdays' effects;
- a weekday's effect is the median of its residuals, shrunken towards 0 by n / (n + 1);
- the spread is 1.4826 times the median absolute deviation (MAD) of all residuals, and 0.1 at
  least. The factor makes it the standard deviation of normal residuals: P. J. Rousseeuw and
  C. Croux, "Alternatives to the median absolute deviation", JASA 88, 1993. It is widened for what
  is not known of the level and of the weekday, whose medians of n values vary by pi / 2n.

A day is an anomaly if its residual is more than 3.3 spreads above 0, and it cost at least a minimum
in dollars more than expected. Days without spending say nothing of how much a busy day costs, so
they are left out; a project that rests at weekends is expected to spend on Sunday what it spends on
other days. Days that were anomalies stay in the past of later days: medians hardly see them, and a
level that stays becomes normal within some two weeks. Too little spending is no anomaly here.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import exp, log, sqrt
from statistics import median
from typing import Any

from django.db.models import Min
from django.db.models import Sum as SumOf

from observability.models import DailyCost, Grain
from observability.reports.asked import today
from observability.reports.sums import NAMES, Sum
from reqplatform.teams.models import Project

PAST, LEAST_PAST, LEVEL = timedelta(days=84), timedelta(days=28), 28
LEAST_ACTIVE = 14  # days with spending
THRESHOLD = 3.3  # spreads
LEAST_NUSD = 10**9  # a dollar above what was expected
_MAD, _SHRINK, _LEAST_SPREAD = 1.4826, 1, 0.1
_MEDIAN = 1.5708  # the variance of a median of n normal values, in units of one value's over n


@dataclass(frozen=True, slots=True)
class Judged:
    """A day beside what was expected of it; nano-USD. `most` is where an anomaly begins. `score` is
    in spreads above the expectation."""

    day: date
    spent_nusd: int
    expected_nusd: int
    most_nusd: int
    score: float
    days: int  # with spending, that it was compared with

    @property
    def is_anomaly(self) -> bool:
        return self.spent_nusd > self.most_nusd


def judge(
    spent: Mapping[date, int],
    day: date,
    *,
    threshold: float = THRESHOLD,
    least_nusd: int = LEAST_NUSD,
) -> Judged | None:
    """A day of a project by what it spent on the days before; `spent` may leave out days on which
    it spent nothing, and says nothing of the first day of the project but by its first entry.

    None without spending on the day, or with too little past.
    """
    value = spent.get(day, 0)
    past = {one: log(nusd) for one, nusd in spent.items() if nusd > 0 and day - PAST <= one < day}
    begun = min((one for one, nusd in spent.items() if nusd > 0), default=day)
    if value <= 0 or day - begun < LEAST_PAST or len(past) < LEAST_ACTIVE:
        return None
    effects, like = _weekdays(past), sum(one.weekday() == day.weekday() for one in past)
    plain = {one: y - effects.get(one.weekday(), 0.0) for one, y in past.items()}
    level = median([plain[one] for one in sorted(plain)][-LEVEL:])
    deviations = [abs(y - level) for y in plain.values()]
    fitted = len(past) / (len(past) - len(effects) - 1)  # the fit takes some of the noise away
    guessed = 1 + _MEDIAN / min(LEVEL, len(past)) + _MEDIAN / (like + 1)
    spread = max(_LEAST_SPREAD, _MAD * median(deviations)) * sqrt(fitted * guessed)
    expected = level + effects.get(day.weekday(), 0.0)
    usual = round(exp(expected))
    return Judged(
        day=day,
        spent_nusd=value,
        expected_nusd=usual,
        most_nusd=max(round(exp(expected + threshold * spread)), usual + least_nusd),
        score=(log(value) - expected) / spread,
        days=len(past),
    )


def _weekdays(past: Mapping[date, float]) -> dict[int, float]:
    """What each weekday adds to the logarithm, shrunken the fewer of them there are."""
    middle = median(past.values())
    residuals: dict[int, list[float]] = defaultdict(list)
    for day, y in past.items():
        residuals[day.weekday()].append(y - middle)
    return {
        weekday: median(values) * len(values) / (len(values) + _SHRINK)
        for weekday, values in residuals.items()
    }


# Why


@dataclass(frozen=True, slots=True)
class Share:
    """Of what a day cost above usual, what one agent, model, subsystem or person did."""

    dimension: str
    key: str | int | None
    excess_nusd: float


@dataclass(frozen=True, slots=True)
class Because:
    """Why a day cost more than `usual`; nano-USD that add up to the difference.

    `calls`: there were more of them. `tokens`: they were longer. `price`: a token was dearer before
    what caches saved. `cache`: less was saved by caches.
    """

    usual_nusd: float
    calls: float
    tokens: float
    price: float
    cache: float
    most: tuple[Share, ...]  # in each dimension who did most of it

    @property
    def main(self) -> str:
        """The name of the largest of the four."""
        return max(("calls", "tokens", "price", "cache"), key=lambda name: getattr(self, name))


@dataclass(frozen=True, slots=True)
class Anomaly:
    judged: Judged
    because: Because | None  # None where the past days have nothing to be compared with

    @property
    def text(self) -> str:
        """In words for an alert, without names of subsystems and people."""
        from observability.money import format_usd

        one = self.judged
        said = (
            f"{one.day.day} {one.day:%b %Y}: {format_usd(one.spent_nusd)} where about "
            f"{format_usd(one.expected_nusd)} was to be expected, {format_usd(one.most_nusd)} at "
            f"most."
        )
        return f"{said} {_WHY[self.because.main]}." if self.because else said


_WHY = {
    "calls": "Mainly because there were more calls",
    "tokens": "Mainly because prompts and answers were longer",
    "price": "Mainly because models were dearer",
    "cache": "Mainly because fewer tokens were read from caches",
}


def explain(day: Sum, usual: "Sum | None", days: int) -> tuple[float, float, float, float] | None:
    """Nano-USD by calls, tokens, price and cache, against the mean of `days` days that came to
    `usual` together. Their sum is the difference. None if either has nothing to divide by.

    The logarithmic mean Divisia index, as in `sums.explain`, of
    cost = calls x tokens per call x undiscounted price of a token x share that caches left to pay.
    """
    if usual is None or not days:
        return None
    now, before = _factors(day, 1), _factors(usual, days)
    if now is None or before is None:
        return None
    cost, past = day.cost_nusd, usual.cost_nusd / days
    change = log(cost / past)
    weight = (cost - past) / change if change else float(cost)
    calls, tokens, price, cache = (
        weight * log(one / other) for one, other in zip(now, before, strict=True)
    )
    return calls, tokens, price, cache


def _factors(of: Sum, days: int) -> tuple[float, float, float, float] | None:
    gross = of.cost_nusd + of.saved_nusd  # what it would have cost without caches
    if min(of.cost_nusd, of.calls, of.tokens, gross) <= 0:
        return None
    return of.calls / days, of.tokens / of.calls, gross / of.tokens, of.cost_nusd / gross


# From the database


@dataclass(frozen=True, slots=True)
class History:
    """What a project spent by day, and how; read once, to judge as many days as wanted."""

    project_id: int
    spent: Mapping[date, int]

    @classmethod
    def of(cls, project: Project, last: date, days: int = 0) -> "History":
        """So that `last` and the `days` before it can be judged."""
        rows = DailyCost.objects.filter(project=project, grain=Grain.ALL).order_by()
        begun = rows.filter(cost_nusd__gt=0).aggregate(first=Min("day"))["first"]
        since = last - timedelta(days=days) - PAST
        found = rows.filter(day__range=(since, last)).values_list("day")
        spent: dict[date, int] = dict(found.annotate(SumOf("cost_nusd")))
        if begun is not None and begun < since:
            spent.setdefault(begun, 1)  # only says how long the project has been spending
        return cls(project.pk, spent)

    def anomaly(self, day: date, *, least_nusd: int = LEAST_NUSD) -> Anomaly | None:
        judged = judge(self.spent, day, least_nusd=least_nusd)
        if judged is None or not judged.is_anomaly:
            return None
        return Anomaly(judged, self._because(day))

    def _because(self, day: date) -> Because | None:
        """Against the days with spending of the past; of the same weekday if there are three."""
        past = [one for one, nusd in self.spent.items() if nusd and day - PAST <= one < day]
        same = [one for one in past if one.weekday() == day.weekday()]
        usual_days = same if len(same) >= 3 else past
        now, usual = _summed(self.project_id, [day]), _summed(self.project_id, usual_days)
        parts = explain(now, usual, len(usual_days))
        if parts is None:
            return None
        most = tuple(_most(self.project_id, day, usual_days))
        return Because(usual.cost_nusd / len(usual_days), *parts, most=most)


def _rows(project_id: int, days: Collection[date], grain: Grain = Grain.ALL) -> Any:
    return DailyCost.objects.filter(project=project_id, grain=grain, day__in=days).order_by()


def _summed(project_id: int, days: Collection[date]) -> Sum:
    sums = {f"sum_{name}": SumOf(name) for name in NAMES}
    return Sum.of(_rows(project_id, days).aggregate(**sums))


def _most(project_id: int, day: date, usual: Collection[date]) -> Iterator[Share]:
    """Who spent most above their usual day, by agent, model, subsystem and person."""
    for dimension, grain, columns in (
        ("agent", Grain.ALL, ("node",)),
        ("model", Grain.ALL, ("provider", "model")),
        ("subsystem", Grain.SUBSYSTEM, ("subsystem",)),
        ("person", Grain.PERSON, ("person",)),
    ):
        excess: dict[Any, float] = defaultdict(float)
        for days, share in (([day], 1.0), (usual, -1.0 / len(usual))):
            rows = _rows(project_id, days, grain).values_list(*columns)
            for *key, nusd in rows.annotate(SumOf("cost_nusd")):
                excess["/".join(key) if len(key) > 1 else key[0]] += share * nusd
        key, nusd = max(excess.items(), key=lambda item: item[1])
        if nusd > 0:
            yield Share(dimension, key, nusd)


def cost_anomaly(project: Project, now: datetime, least_nusd: int = LEAST_NUSD) -> Anomaly | None:
    """Today's, which may be found before the day is over, else yesterday's."""
    day = today(project, now)
    history = History.of(project, day, 1)
    return history.anomaly(day, least_nusd=least_nusd) or history.anomaly(
        day - timedelta(days=1), least_nusd=least_nusd
    )
