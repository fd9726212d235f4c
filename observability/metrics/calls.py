"""Calls, tokens and dollars from the sums; what is being asked right now from the journal.

The counters never go down, although what they are read from may:

- A call whose outcome is unknown is charged at its hold, and later at its cost, by another source.
  So it counts in gauges of its own, and in the counters from when its outcome is known. A call that
  is settled or released stays as it is.
- `rebuild_rollups`, a project's move to another time zone and an upgrade empty sums or make them
  anew, so that for a while they lack what they had. Prometheus would take the fall for a restart,
  and add everything up a second time. All of them leave calls due that ended long ago; as long as
  there is one, the project's series are left out of the page. A gap is no fall: after it, the
  counters stand where they stood, or higher.
- Pruning takes prompts and answers and leaves the figures.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Sum

from observability.metrics.described import Metric, Point, counter, gauge
from observability.metrics.scrape import Scrape
from observability.models import CallState, CostSource, Grain, LLMCall, SpanCost
from observability.models.rollup import RELEASED
from observability.money import NUSD_PER_USD
from observability.rollups.spans import rows_ever
from observability.tokens import BUCKETS

RECENT = timedelta(minutes=15)

_OF_WHOM = ("project", "node", "provider", "model")

CALLS = counter(
    "calls_total",
    (*_OF_WHOM, "source"),
    "Calls whose outcome is known, by where their cost is from (released: surely cost nothing).",
)
AGAIN = counter(
    "calls_again_total",
    _OF_WHOM,
    "Those of them made because one before had failed: retry, repair, fallback.",
)
TOKENS = counter("tokens_total", (*_OF_WHOM, "kind"), "Their tokens; no kind holds another.")
COST = counter("cost_dollars_total", (*_OF_WHOM, "source"), "US dollars that these calls cost.")
BUSY = counter(
    "calls_busy_seconds_total", _OF_WHOM, "From asking to the answer, added up over these calls."
)
UNCONFIRMED = gauge(
    "unconfirmed_calls",
    _OF_WHOM,
    "Calls whose outcome is unknown: in no counter yet.",
)
UNCONFIRMED_COST = gauge(
    "unconfirmed_dollars", _OF_WHOM, "US dollars that they are charged at: the most they can cost."
)
HELD = gauge("held_calls", ("project",), "Calls that are with a model now.")
HELD_AGE = gauge(
    "held_calls_oldest_age_seconds", ("project",), "Since the oldest of them was begun; 0 if none."
)
RECENT_CALLS = gauge(
    "recent_calls",
    ("project", "provider", "model", "purpose", "state"),
    "Calls begun in the last 15 minutes, by why they were made and where they stand.",
)
METRICS: tuple[Metric, ...] = (
    CALLS, AGAIN, TOKENS, COST, BUSY, UNCONFIRMED, UNCONFIRMED_COST, HELD, HELD_AGE, RECENT_CALLS,
)  # fmt: skip

_BY = ("project", "node", "provider", "model", "source")
_SUMS = ("calls", "released_calls", "again_calls", "cost_nusd", "busy_ms", *BUCKETS)


def collect(scrape: Scrape) -> Iterator[Point]:
    yield from _summed(scrape)
    yield from _held(scrape)
    yield from _recent(scrape)


def _summed(scrape: Scrape) -> Iterator[Point]:
    rows = SpanCost.objects.filter(rows_ever(scrape.summed), grain=Grain.ALL)
    sums = rows.order_by().values(*_BY).annotate(**{f"sum_{name}": Sum(name) for name in _SUMS})
    added: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: dict.fromkeys(_SUMS, 0))
    for row in sums.order_by(*_BY):
        whom: tuple[str, ...] = (
            scrape.slug(row["project"]),
            row["node"],
            row["provider"],
            row["model"],
        )
        if row["source"] == CostSource.UNCONFIRMED:
            yield UNCONFIRMED.at(row["sum_calls"], *whom)
            yield UNCONFIRMED_COST.at(row["sum_cost_nusd"] / NUSD_PER_USD, *whom)
            continue
        calls = row["sum_released_calls" if row["source"] == RELEASED else "sum_calls"]
        yield CALLS.at(calls, *whom, row["source"])
        yield COST.at(row["sum_cost_nusd"] / NUSD_PER_USD, *whom, row["source"])
        for name in _SUMS:
            added[whom][name] += row[f"sum_{name}"]
    for whom, total in added.items():
        yield AGAIN.at(total["again_calls"], *whom)
        yield BUSY.at(total["busy_ms"] / 1000, *whom)
        for kind in BUCKETS:
            yield TOKENS.at(total[kind], *whom, kind)


def _held(scrape: Scrape) -> Iterator[Point]:
    """They are few, and found by their own index only if nothing groups them."""
    rows = LLMCall.objects.filter(state=CallState.HELD).order_by("expires_at")
    begun: dict[int, list[datetime]] = defaultdict(list)
    for project, at in rows.values_list("project", "created_at"):
        begun[project].append(at)
    for pk, live in scrape.projects.items():
        age = (scrape.now - min(begun[pk])).total_seconds() if begun[pk] else 0.0
        yield HELD.at(len(begun[pk]), live.slug)
        yield HELD_AGE.at(max(0.0, age), live.slug)


def _recent(scrape: Scrape) -> Iterator[Point]:
    by = ("project", "provider", "model", "purpose", "state")
    rows = LLMCall.objects.filter(
        project__in=scrape.projects, created_at__gte=scrape.now - RECENT
    ).order_by()
    for row in rows.values(*by).annotate(calls=Count("pk")).order_by(*by):
        labels = (row[name] for name in by[1:])
        yield RECENT_CALLS.at(row["calls"], scrape.slug(row["project"]), *labels)
