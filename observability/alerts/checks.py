"""What is looked for in a project's figures. Each threshold and its meaning stands in `CAUSES`."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import Count, Q

from observability.alerts import window_subject
from observability.alerts.watching import Found, Watched, register
from observability.models import AlertCause, CallPurpose, CallState, LLMCall, RunFigures
from observability.money import format_usd
from observability.reports.anomalies import cost_anomalies
from observability.reports.asked import Period, QualityFilter, today
from observability.reports.comparison import comparison
from observability.reports.degradation import Measure, degradations
from observability.reports.forecast import Reach, forecast, rates
from observability.reports.names import of_anomalies, of_falls, subsystem
from observability.reports.windows import current
from reqplatform.teams.models import Project

FEWEST_RUNS = 5  # judged, for a floor
FEWEST_ALIKE, SPREADS = 10, 3.5  # runs of a subsystem that one is compared with
LEAST_COSTLY_NUSD = 10**8  # ten cents above the usual
FEWEST_CALLS = 10  # of a model on a day


def stop_ahead(project: Project, days: Decimal, now: datetime) -> Iterable[Found]:
    """A budget that will reach its stop within so many days."""
    rate = rates([project], now).get(project.pk)
    last = today(project, now) + timedelta(days=int(days))
    for standing in current(project):
        stop = forecast(standing, rate, project.time_zone, now).stop
        if standing.window_id is None or stop is None or stop.reach != Reach.ON:
            continue
        if stop.on is not None and stop.on <= last:
            sure = f" ({stop.interval_text})" if stop.interval_text else ""
            yield Found(
                window_subject(standing.window_id),
                f"{standing.label} will reach its stop at {format_usd(standing.max_nusd or 0)} on "
                f"{stop.on:%-d %b %Y}{sure}, at the rate of the last days.",
            )


def dear_day(project: Project, dollars: Decimal, now: datetime) -> Iterable[Found]:
    """A day far above what its past lets expect, and so many dollars at least: today or yesterday.
    Days one after the other are one alert."""
    day, least = today(project, now), int(dollars * 10**9)
    found = cost_anomalies(project.pk, Period.of_days(2, day), day, least)
    names = of_anomalies(project.pk, found)
    for one in found:
        yield Found(f"days since {one.since}", one.message(names))


def dear_run(project: Project, factor: Decimal, now: datetime) -> Iterable[Found]:
    """A run of the last two days that cost so many times the median of its subsystem's runs of 90
    days, and lies above their usual spread. The spread is the MAD of the logarithms' differences,
    taken on the amounts: a run must beat median + 3.5 x 1.4826 x MAD as well."""
    since = now - timedelta(days=2)
    rows = RunFigures.objects.filter(
        project=project, begun_at__gte=now - timedelta(days=90), cost_nusd__gt=0
    )
    costs: dict[int | None, list[Any]] = defaultdict(list)
    for row in rows.only("run", "subsystem", "cost_nusd", "begun_at").order_by("begun_at"):
        costs[row.subsystem_id].append(row)
    for alike in costs.values():
        amounts = [row.cost_nusd for row in alike]
        if len(amounts) <= FEWEST_ALIKE:
            continue
        usual = median(amounts)
        spread = 1.4826 * median(abs(amount - usual) for amount in amounts)
        most = max(usual * float(factor), usual + SPREADS * spread, usual + LEAST_COSTLY_NUSD)
        for row in alike:
            if row.begun_at >= since and row.cost_nusd > most:
                yield Found(
                    f"run {row.run_id}",
                    f"A run has cost {format_usd(row.cost_nusd)}, {row.cost_nusd / usual:.1f} "
                    f"times the median of {len(amounts)} runs of "
                    f"{subsystem(project.pk, row.subsystem_id)} "
                    f"({format_usd(round(usual))}).",
                    row.run_id,
                )


def _asked(project: Project, now: datetime, days: int) -> QualityFilter:
    period = Period.of_days(days, today(project, now))
    return QualityFilter(project.pk, project.time_zone, period)


def low_quality(project: Project, floor: Decimal, now: datetime) -> Iterable[Found]:
    """A subsystem whose average overall score of seven days is below, with five runs at least."""
    week = f"{today(project, now):%G-W%V}"
    for row in comparison(_asked(project, now, 7)).rows:
        mean = row.overall.mean
        if mean is not None and row.runs >= FEWEST_RUNS and mean < floor:
            yield Found(
                f"subsystem {row.subsystem} {week}",
                f"{subsystem(project.pk, row.subsystem)}: the {row.runs} runs of the last 7 days "
                f"score "
                f"{mean:.3f} on average, below {floor:.2f}.",
            )


def few_pass(project: Project, share: Decimal, now: datetime) -> Iterable[Found]:
    """A subsystem whose pass rate of 30 days is below for certain: the upper end of its 95 %
    interval is."""
    month = f"{today(project, now):%Y-%m}"
    for row in comparison(_asked(project, now, 30)).rows:
        rate = row.pass_rate
        if rate.interval is not None and rate.interval[1] < share:
            yield Found(
                f"subsystem {row.subsystem} {month}",
                f"{subsystem(project.pk, row.subsystem)}: of {rate.runs} runs of the last 30 days "
                f"{rate.passed} passed their "
                f"gate: fewer than {share:.0%}, with {rate.interval[1]:.0%} the most that chance "
                "allows for.",
            )


def falling_quality(project: Project, drop: Decimal, now: datetime) -> Iterable[Found]:
    """A chart of scores that told yesterday or today, of at least this drop, or one of passes."""
    day = today(project, now)
    found = degradations(project.pk, Period.of_days(2, day))
    names = of_falls(project.pk, found)
    for one in found:
        if one.measure == Measure.PASSED or one.before - one.after >= drop:
            subject = f"{one.measure} since run {one.onset_run_id}"
            yield Found(subject, one.message(names), one.run_id)


def failing_over(project: Project, share: Decimal, now: datetime) -> Iterable[Found]:
    """A model to which so large a share of its calls of a day came because others had failed."""
    begin = now - timedelta(days=1)
    rows = LLMCall.objects.filter(project=project, created_at__gte=begin)
    rows = rows.exclude(state=CallState.HELD).exclude(purpose=CallPurpose.REPLAY).order_by()
    found = rows.values("provider", "model").annotate(
        calls=Count("pk"), stood_in=Count("pk", filter=Q(purpose=CallPurpose.FALLBACK))
    )
    for row in found:
        if row["stood_in"] >= FEWEST_CALLS and row["stood_in"] >= row["calls"] * share:
            name = f"{row['provider']}/{row['model']}"
            yield Found(
                f"{name[:60]} {today(project, now)}",
                f"{name} answered {row['stood_in']} calls of the last day because another model "
                f"had failed: {row['stood_in'] / row['calls']:.0%} of its calls. The journal says "
                "which failed, and why.",
            )


CAUSES = {
    AlertCause.FORECAST: Watched(
        stop_ahead, Decimal(7), "days ahead within which a stop is told", most=Decimal(366)
    ),
    AlertCause.COST_ANOMALY: Watched(
        dear_day, Decimal(1), "dollars above what was expected, at least"
    ),
    AlertCause.RUN_COSTLY: Watched(
        dear_run, Decimal(3), "times the median of a subsystem's runs", least=Decimal(1)
    ),
    AlertCause.QUALITY_LOW: Watched(
        low_quality, Decimal("0.70"), "average overall score", most=Decimal(1)
    ),
    AlertCause.PASS_RATE: Watched(
        few_pass, Decimal("0.50"), "share of runs that pass", most=Decimal(1)
    ),
    AlertCause.QUALITY_FALLING: Watched(
        falling_quality, Decimal("0.03"), "drop of the average score, at least", most=Decimal(1)
    ),
    AlertCause.FAILING_OVER: Watched(
        failing_over, Decimal("0.20"), "share of a model's calls", most=Decimal(1)
    ),
}


def register_all() -> None:
    for cause, watched in CAUSES.items():
        register(cause, watched)
