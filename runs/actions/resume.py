"""Putting a stopped run back in the queue, to go on from its last checkpoint."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from reqplatform.errors import Conflict
from reqplatform.teams.models import Role, User
from reqplatform.teams.permissions import require
from runs.actions.review import decide_review
from runs.actions.start import wake_worker
from runs.models import Decision, Run, RunStatus
from runs.records import transition

STOPPED = (RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.OUT_OF_BUDGET)


def lost() -> Q:
    """Running in name only: the lease has run out, so whoever executed it is gone."""
    return Q(lease_expires_at__lt=timezone.now())


def resume_run(user: User | None, run: Run, *, enqueue: bool = True) -> Run:
    """Queue a run again that failed, was cancelled, or lost its worker; approve what a waiting one
    waits with. Editors and above. Raises Conflict in any other state.
    """
    require(user, run.project, Role.EDITOR)
    if run.reviews.filter(decision=Decision.REJECTED).exists():
        raise Conflict("A reviewer rejected this run. Start a new one instead.")
    with transaction.atomic():
        run.refresh_from_db()
        if run.status == RunStatus.WAITING_REVIEW:
            decide_review(user, run, Decision.APPROVED, enqueue=enqueue)
        else:
            _queue_again(run, user.display_name if user else "the operator")
            if enqueue:
                wake_worker(run)
    run.refresh_from_db()
    return run


def _queue_again(run: Run, who: str) -> None:
    message = f"Resumed by {who}."
    fresh: dict[str, Any] = {"reason": "", "finished_at": None, "attempts": 0}
    queued = transition(run.pk, STOPPED, RunStatus.QUEUED, message, **fresh) or transition(
        run.pk, RunStatus.RUNNING, RunStatus.QUEUED, message, only=lost(), **fresh
    )
    if not queued:
        run.refresh_from_db()
        raise Conflict(f"The run is {run.get_status_display().lower()}; it can't resume.")
