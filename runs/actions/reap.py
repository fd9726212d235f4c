"""Finding runs that nobody executes, and giving them to a worker again.

The queue only wakes workers and may lose a message with the worker that held it; the truth is the
Run row. Called every few seconds by `manage.py serve`.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from runs.actions.start import wake_worker
from runs.models import Run, RunStatus
from runs.models.run import lost_worker
from runs.records import transition

MOST_ATTEMPTS = 3
FORGOTTEN_AFTER = timedelta(seconds=60)


def reap() -> list[Run]:
    """Queue runs again whose worker is lost, and wake workers for queued runs that the queue has
    forgotten; the runs that were woken. One that lost its worker three times fails.
    """
    woken = []
    for run in Run.objects.filter(lost_worker()):
        if run.attempts >= MOST_ATTEMPTS:
            _give_up(run)
        elif _queue_again(run):
            woken.append(run)
    woken += _wake_forgotten()
    return woken


def _queue_again(run: Run) -> bool:
    with transaction.atomic():
        queued = transition(
            run.pk,
            RunStatus.RUNNING,
            RunStatus.QUEUED,
            "Its worker was lost; queued again.",
            only=lost_worker(),
        )
        if queued:
            wake_worker(run)
    return queued


def _give_up(run: Run) -> None:
    reason = (
        f"It lost its worker {run.attempts} times, so it is not tried again by itself. Look into "
        "the log for what ends the workers, then resume it."
    )
    transition(
        run.pk,
        RunStatus.RUNNING,
        RunStatus.FAILED,
        f"Failed: {reason}",
        only=lost_worker(),
        reason=reason,
        finished_at=timezone.now(),
    )


def _wake_forgotten() -> list[Run]:
    """Queued for a minute while no message waits: what woke its worker got lost."""
    now = timezone.now()
    if OrmQ.objects.filter(lock__lte=now).exists():
        return []
    forgotten = [
        run
        for run in Run.objects.filter(status=RunStatus.QUEUED)
        if run.events.filter(created_at__gt=now - FORGOTTEN_AFTER).first() is None
    ]
    for run in forgotten:
        with transaction.atomic():
            wake_worker(run)
    return forgotten
