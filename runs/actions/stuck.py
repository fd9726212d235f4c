"""Runs that wait or work without anything happening: somebody is told."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from django.db.models import Max

from observability.alerts.watching import Found, Look, Watched
from runs.models import Run, RunStatus
from runs.models.run import WORKING
from runs.records import run_subject
from runs.waking import held_back


def stuck(look: Look, minutes: Decimal) -> Iterable[Found]:
    """Queued or running runs of which nothing was recorded for so long. A run of a campaign that
    waits for the one that reads is not stuck: that one is, if any."""
    rows = Run.objects.filter(project=look.project, status__in=WORKING).exclude(held_back())
    quiet = rows.annotate(last=Max("events__created_at"))
    for run in quiet.filter(last__lt=look.now - timedelta(minutes=float(minutes))).only(
        "id", "status", "lease_token"
    ):
        waited = int((look.now - run.last) / timedelta(minutes=1))
        advice = (
            "Is a worker at work ('manage.py serve', 'manage.py work')?"
            if run.status == RunStatus.QUEUED
            else "Its worker may wait for a model; the run's log says what it did last."
        )
        yield Found(
            f"{run_subject(run.pk)} {run.last:%Y-%m-%dT%H:%M}",  # stuck again is told again
            f"Run {run.short_id} is {run.get_status_display().lower()}, and nothing happened for "
            f"{waited} minutes. {advice}",
            run.pk,
        )


WATCHED = Watched(stuck, Decimal(60), "minutes without an event", least=Decimal(5), passes=True)
