"""How runs were judged in the last days, what nobody has acknowledged, and how far sums lag."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count

from observability.metrics.described import Metric, Point, gauge
from observability.metrics.scrape import Scrape
from observability.models import Alert, AlertCause, Grain, SpanQuality
from observability.rollups.measures import DIMENSIONS, NOTHING, PASSED, Spread
from observability.rollups.spans import rows_in

DAYS = 7

SCORE = gauge(
    "quality_score_average",
    ("project", "dimension"),
    "Average score, 0 to 1, of the runs judged in the last 7 days of the project's time zone; runs "
    "that allocated nothing are in no average. Missing: none was judged.",
)
JUDGED = gauge("quality_judged_runs", ("project",), "Runs that were judged in these days.")
PASSED_RUNS = gauge("quality_passed_runs", ("project",), "Those of them that passed their gate.")
EMPTY = gauge(
    "quality_unallocated_runs",
    ("project",),
    "Runs of these days that allocated nothing and are in neither of the two.",
)
ALERTS = gauge("alerts_open", ("project", "cause"), "Alerts that nobody has acknowledged.")
DUE = gauge(
    "sums_due",
    ("project",),
    "Calls and quality records that are not in the project's sums yet; counted up to 2,000 each.",
)
BEHIND = gauge(
    "sums_behind",
    ("project",),
    "1 if a call that ended over 5 minutes ago is not in the sums: what is read from them is left "
    "out until it is.",
)
METRICS: tuple[Metric, ...] = (SCORE, JUDGED, PASSED_RUNS, EMPTY, ALERTS, DUE, BEHIND)


def collect(scrape: Scrape) -> Iterator[Point]:
    for live in scrape.projects.values():
        yield DUE.at(live.due, live.slug)
        yield BEHIND.at(float(live.is_behind), live.slug)
    yield from _alerts(scrape)
    yield from _quality(scrape)


def _alerts(scrape: Scrape) -> Iterator[Point]:
    rows = Alert.objects.filter(project__in=scrape.projects, acknowledged_at=None).order_by()
    found = {
        (row["project"], row["cause"]): row["alerts"]
        for row in rows.values("project", "cause").annotate(alerts=Count("pk"))
    }
    for pk, live in scrape.projects.items():
        for cause in AlertCause.values:
            yield ALERTS.at(found.get((pk, cause), 0), live.slug, cause)


def _quality(scrape: Scrape) -> Iterator[Point]:
    """Days begin and end by each project's own time zone."""
    periods = {}
    for pk in scrape.summed:
        today = scrape.now.astimezone(scrape.projects[pk].zone).date()
        periods[pk] = (today - timedelta(days=DAYS - 1), today)
    rows = SpanQuality.objects.filter(rows_in(periods), grain=Grain.ALL).order_by()
    found: dict[tuple[int, str], tuple[int, float]] = {}
    for pk, judged in rows.values_list("project", "measures"):
        for name in (*DIMENSIONS, PASSED, NOTHING):
            runs, total = found.get((pk, name), (0, 0.0))
            one = Spread.of_json(judged[name]) if name in judged else Spread()
            found[pk, name] = (runs + one.n, total + one.total)
    for pk in scrape.summed:
        slug = scrape.slug(pk)
        runs, passed = found.get((pk, PASSED), (0, 0.0))
        yield JUDGED.at(runs, slug)
        yield PASSED_RUNS.at(passed, slug)
        yield EMPTY.at(found.get((pk, NOTHING), (0, 0.0))[0], slug)
        for dimension in DIMENSIONS:
            runs, total = found.get((pk, dimension), (0, 0.0))
            if runs:
                yield SCORE.at(total / runs, slug, dimension)
