"""Finding runs that nobody executes, and giving them to a worker again.

The queue only wakes workers and may lose a message with the worker that held it; the truth is the
Run row. Done every ten seconds by `manage.py serve` and by every process that executes a run.
"""

import logging
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django_q.brokers import get_broker

from observability import ledger, node_costs, rollups
from observability.models import CallState, LLMCall
from runs.actions import exports_keeping
from runs.actions.beside import beside
from runs.actions.review_policy import remind_and_expire
from runs.models import Run, RunStatus
from runs.models.run import WORKING, lost_worker
from runs.records import transition
from runs.waking import held_back, move_all_on, wake_worker

MOST_ATTEMPTS = 3
REFRESH_SECONDS = 3.0  # what is left, such as a whole history after an upgrade, waits its turn
ENDED_AFTER = timedelta(seconds=30)  # a call that is stopped with its run has ended by then

log = logging.getLogger(__name__)


def sweeping() -> AbstractContextManager[None]:
    """Sweep every RUN_SWEEP_SECONDS for as long as the block runs, whatever else is at work."""
    return beside("sweep", settings.RUN_SWEEP_SECONDS, sweep)


def sweep() -> None:
    """Leave nothing to the dead or the busy: runs without a worker, holds without a call, sums out
    of date, reviews that nobody decides.

    Several at once do no harm.
    """
    for run in reap():
        log.warning("Run %s had lost its worker and is queued again.", run.short_id)
    move_all_on()
    ledger.expire()
    for call in _held_by_ended_runs():
        ledger.leave_unconfirmed(ledger.Held.of(call), "Its run ended before the answer came.")
    node_costs.refresh()
    remind_and_expire()
    rollups.refresh(seconds=REFRESH_SECONDS)
    for export in exports_keeping.requeue_lost_exports():
        log.warning("Export %s had lost its worker and is queued again.", export.pk)
    for run in wake_forgotten():  # last, because it asks the queue, which may be out of reach
        log.warning("Run %s waited for a worker that was never woken.", run.short_id)
    for export in exports_keeping.wake_forgotten_exports():
        log.warning("Export %s waited for a worker that was never woken.", export.pk)


def _held_by_ended_runs() -> list[LLMCall]:
    rows = LLMCall.objects.filter(state=CallState.HELD, run__finished_at__lt=Now() - ENDED_AFTER)
    return list(rows.exclude(run__status__in=WORKING).only("pk", "held_nusd"))


def reap() -> list[Run]:
    """Queue runs again whose worker is lost; those. One that lost its worker three times fails."""
    lost = Run.objects.filter(lost_worker())
    return [run for run in lost if leave_to_another(run, lost_worker())]


def leave_to_another(run: Run, only: Q, why: str = "Its worker was lost") -> bool:
    """Queue a running run again, if it still is as `only` says; whether it was queued. After three
    workers that it lost, it fails."""
    if run.attempts >= MOST_ATTEMPTS:
        _give_up(run, only)
        return False
    with transaction.atomic():
        queued = transition(
            run.pk, RunStatus.RUNNING, RunStatus.QUEUED, f"{why}; queued again.", only=only
        )
        if queued:
            wake_worker(run)
    return queued


def _give_up(run: Run, only: Q) -> None:
    reason = (
        f"It lost its worker {run.attempts} times, so it is not tried again by itself. Look into "
        "the log for what ends the workers, then resume it."
    )
    transition(
        run.pk,
        RunStatus.RUNNING,
        RunStatus.FAILED,
        f"Failed: {reason}",
        only=only,
        reason=reason,
        finished_at=timezone.now(),
    )


def wake_forgotten() -> list[Run]:
    """Wake workers for runs that are queued for RUN_FORGOTTEN_SECONDS while no message waits: what
    was to wake them got lost. Those runs."""
    now = timezone.now()
    if get_broker(settings.Q_CLUSTER["cluster_name"]).queue_size():
        return []
    forgotten = [
        run
        for run in Run.objects.filter(~held_back(), status=RunStatus.QUEUED)
        if run.events.filter(
            created_at__gt=now - timedelta(seconds=settings.RUN_FORGOTTEN_SECONDS)
        ).first()
        is None
    ]
    for run in forgotten:
        wake_worker(run)
    return forgotten


def wake_waiting() -> None:
    """Wake a worker for every queued run, whatever became of the messages that were to do so."""
    for run in Run.objects.filter(~held_back(), status=RunStatus.QUEUED):
        wake_worker(run)


def hand_over(run_id: UUID, token: int) -> None:
    """Queue a run whose worker stops in good order, which is not counted as a loss."""
    with transaction.atomic():
        transition(
            run_id,
            RunStatus.RUNNING,
            RunStatus.QUEUED,
            "Its worker was stopped after the last node; queued again.",
            token=token,
            attempts=F("attempts") - 1,
        )
        wake_worker(Run(pk=run_id))
