"""What is looked for in a project's figures. Each threshold and its meaning stands in `CAUSES`."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import Count, Q

from observability.alerts import window_subject
from observability.alerts.watching import Found, Look, Watched, register
from observability.models import Alert, AlertCause, CallPurpose, CallState, LLMCall, RunFigures
from observability.money import format_usd
from observability.reports.anomalies import cost_anomalies
from observability.reports.asked import Period, QualityFilter, today
from observability.reports.comparison import Compared, comparison
from observability.reports.degradation import Measure, degradations
from observability.reports.forecast import Reach, forecast, rates
from observability.reports.names import of_anomalies, of_falls, subsystem
from observability.reports.windows import current

FEWEST_RUNS = 5  # judged, for a floor
FEWEST_ALIKE, SPREADS = 10, 3.5  # runs of a subsystem that one is compared with
LEAST_COSTLY_NUSD = 10**8  # ten cents above the usual
FEWEST_CALLS = 10  # of a model on a day


def stop_ahead(look: Look, days: Decimal) -> Iterable[Found]:
    """A budget that will reach its stop within so many days."""
    project, now = look.project, look.now
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


def dear_day(look: Look, dollars: Decimal) -> Iterable[Found]:
    """A day far above what its past lets expect, and so many dollars at least. Days one after the
    other are one alert."""
    project, period = look.project, _days(look)
    found = cost_anomalies(project.pk, period, period.last, int(dollars * 10**9))
    names = of_anomalies(project.pk, found)
    for one in found:
        yield Found(f"days since {one.since}", one.message(names))


def dear_run(look: Look, factor: Decimal) -> Iterable[Found]:
    """A run of late that cost so many times the median of its subsystem's runs of 90
    days, and lies above their usual spread. The spread is the MAD of the logarithms' differences,
    taken on the amounts: a run must beat median + 3.5 x 1.4826 x MAD as well."""
    project, since = look.project, look.since - timedelta(days=2)  # it may have cost it since
    rows = RunFigures.objects.filter(
        project=project, begun_at__gte=look.now - timedelta(days=90), cost_nusd__gt=0
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


def _days(look: Look) -> Period:
    """Yesterday and today, and those since nobody has looked."""
    last = today(look.project, look.now)
    return Period(today(look.project, look.since - timedelta(days=1)), last)


def _untold(look: Look, cause: AlertCause, days: int) -> Iterator[tuple[str, Compared]]:
    """What subsystems' runs of so many days were like, with the subject of an alert: of those days
    only that lie after the last such alert, so that no run is told of twice."""
    project, last = look.project, today(look.project, look.now)
    asked = QualityFilter(project.pk, project.time_zone, Period.of_days(days, last))
    begin, _ = asked.period.bounds(project.time_zone)
    alerts = Alert.objects.filter(project=project, cause=cause, created_at__gte=begin)
    told = {
        subject.rpartition(" ")[0]: today(project, at)
        for subject, at in alerts.order_by("created_at").values_list("subject", "created_at")
    }
    for row in comparison(asked).rows:
        whom = f"subsystem {row.subsystem}"
        if whom not in told:
            yield f"{whom} {last}", row
        elif told[whom] < last:
            days_after = Period(told[whom] + timedelta(days=1), last)
            rows = comparison(row.behind.narrowed(period=days_after)).rows
            yield from ((f"{whom} {last}", one) for one in rows)


def low_quality(look: Look, floor: Decimal) -> Iterable[Found]:
    """A subsystem whose average overall score of seven days is below, with five runs at least."""
    for subject, row in _untold(look, AlertCause.QUALITY_LOW, 7):
        mean = row.overall.mean
        if mean is not None and row.runs >= FEWEST_RUNS and mean < floor:
            yield Found(
                subject,
                f"{subsystem(look.project.pk, row.subsystem)}: {row.runs} runs of the last "
                f"{_count(row)} score {mean:.3f} on average, below {floor:.2f}.",
            )


def few_pass(look: Look, share: Decimal) -> Iterable[Found]:
    """A subsystem whose pass rate of 30 days is below for certain: the upper end of its 95 %
    interval is."""
    for subject, row in _untold(look, AlertCause.PASS_RATE, 30):
        rate = row.pass_rate
        if rate.interval is not None and rate.interval[1] < share:
            yield Found(
                subject,
                f"{subsystem(look.project.pk, row.subsystem)}: of {rate.runs} runs of the last "
                f"{_count(row)} {rate.passed} passed their gate: fewer than {share:.0%}, with "
                f"{rate.interval[1]:.0%} the most that chance allows for.",
            )


def _count(row: Compared) -> str:
    days = row.behind.period.days
    return "day" if days == 1 else f"{days} days"


def falling_quality(look: Look, drop: Decimal) -> Iterable[Found]:
    """A chart of scores that told of late, of at least this drop, or one of passes."""
    found = degradations(look.project.pk, _days(look))
    names = of_falls(look.project.pk, found)
    for one in found:
        if one.measure == Measure.PASSED or one.before - one.after >= drop:
            subject = f"{one.measure} since run {one.onset_run_id}"
            yield Found(subject, one.message(names), one.run_id)


def failing_over(look: Look, share: Decimal) -> Iterable[Found]:
    """A model to which so large a share of its calls of a day came because others had failed: on
    the last days, each by itself."""
    period = _days(look)
    for day in period.each_day:
        begin, end = Period(day, day).bounds(look.project.time_zone)
        rows = LLMCall.objects.filter(project=look.project, created_at__gte=begin)
        rows = rows.filter(created_at__lt=end).exclude(state=CallState.HELD)
        rows = rows.exclude(purpose=CallPurpose.REPLAY).order_by()
        found = rows.values("profile", "provider", "model").annotate(
            calls=Count("pk"), stood_in=Count("pk", filter=Q(purpose=CallPurpose.FALLBACK))
        )
        for row in found:
            if row["stood_in"] >= FEWEST_CALLS and row["stood_in"] >= row["calls"] * share:
                name = f"{row['provider']}/{row['model']}"
                yield Found(
                    f"model {row['profile']} {day}",
                    f"{name} answered {row['stood_in']} calls of {day:%-d %b %Y} because another "
                    f"model had failed: {row['stood_in'] / row['calls']:.0%} of its calls. The "
                    "journal says which failed, and why.",
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
