"""What Prometheus is told of runs and of the queue that wakes their workers."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min, OuterRef, Subquery
from django.db.models.functions import Now
from django_q.models import OrmQ

from observability.metrics import Metric, Point, Scrape
from observability.metrics.described import gauge
from runs.models import Run, RunEvent, RunStatus
from runs.models.run import WORKING
from runs.waking import held_back

_OF = ("project",)

RUNS = gauge("runs", ("project", "state"), "Runs by the state they are in.")
QUEUED_AGE = gauge(
    "runs_queued_oldest_age_seconds",
    _OF,
    "How long the run that has waited longest was not heard of; runs that wait for their "
    "campaign's reader are left out. 0 if none waits.",
)
HEARTBEAT_AGE = gauge(
    "runs_oldest_heartbeat_age_seconds",
    _OF,
    "Since the running run reported that was silent longest; 0 if none is running.",
)
LOST = gauge("runs_without_worker", _OF, "Runs that are running in name only: their lease is over.")
QUEUE = gauge(
    "queue_tasks",
    ("cluster",),
    "Tasks of the queue that no worker has taken. Only where the queue is in the database.",
)
QUEUE_AGE = gauge(
    "queue_oldest_task_age_seconds", ("cluster",), "Since the oldest of them was put there."
)
METRICS: tuple[Metric, ...] = (RUNS, QUEUED_AGE, HEARTBEAT_AGE, LOST, QUEUE, QUEUE_AGE)


def collect(scrape: Scrape) -> Iterator[Point]:
    yield from _states(scrape)
    yield from _working(scrape)
    if not settings.REDIS_URL:
        yield from _queue(scrape)


def _states(scrape: Scrape) -> Iterator[Point]:
    rows = Run.objects.filter(project__in=scrape.projects).order_by()
    found = {
        (row["project"], row["status"]): row["runs"]
        for row in rows.values("project", "status").annotate(runs=Count("pk"))
    }
    for pk, live in scrape.projects.items():
        for state in RunStatus.values:
            yield RUNS.at(found.get((pk, state), 0), live.slug, state)


def _working(scrape: Scrape) -> Iterator[Point]:
    """One question for all of them: they are few. By the database's clock, as leases are."""
    heard = RunEvent.objects.filter(run=OuterRef("pk")).order_by().values("run")
    last = Subquery(heard.annotate(last=Max("created_at")).values("last"))
    rows = Run.objects.filter(status__in=WORKING).order_by("created_at")
    read = rows.annotate(held=held_back(), heard=last, clock=Now()).values(
        "project", "status", "created_at", "lease_expires_at", "held", "heard", "clock"
    )
    waiting: dict[int, list[datetime]] = defaultdict(list)
    ages: dict[int, list[float]] = defaultdict(list)
    for row in read:
        lease = row["lease_expires_at"]
        if row["status"] == RunStatus.QUEUED and not row["held"]:
            waiting[row["project"]].append(row["heard"] or row["created_at"])
        elif row["status"] == RunStatus.RUNNING and lease is not None:
            ages[row["project"]].append((row["clock"] - lease).total_seconds())
    for pk, live in scrape.projects.items():
        silent = max(ages[pk]) + settings.RUN_LEASE_SECONDS if ages[pk] else 0.0
        yield QUEUED_AGE.at(_age(scrape.now, min(waiting[pk], default=None)), live.slug)
        yield HEARTBEAT_AGE.at(max(0.0, silent), live.slug)
        yield LOST.at(sum(age > 0 for age in ages[pk]), live.slug)  # as `lost_worker` has it


def _queue(scrape: Scrape) -> Iterator[Point]:
    """A task's lock is when it was put there, and once it is taken, when it would be given up."""
    waiting = OrmQ.objects.filter(lock__lte=scrape.now).order_by()
    rows = waiting.values("key").annotate(tasks=Count("pk"), oldest=Min("lock"))
    found = {row["key"]: row for row in rows}
    for cluster in _clusters():
        row = found.get(cluster)
        yield QUEUE.at(row["tasks"] if row else 0, cluster)
        yield QUEUE_AGE.at(_age(scrape.now, row["oldest"] if row else None), cluster)


def _clusters() -> list[str]:
    queues: dict[str, Any] = settings.Q_CLUSTER
    return [queues["cluster_name"], *queues["ALT_CLUSTERS"]]


def _age(now: datetime, since: datetime | None) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
