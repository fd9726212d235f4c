"""Putting a stopped run back in the queue, to go on from its last checkpoint."""

from django.db import transaction

from reqplatform.errors import Conflict
from reqplatform.teams.models import Role, User
from reqplatform.teams.permissions import require
from runs.actions.review import decide_review
from runs.actions.start import wake_worker
from runs.models import Decision, Run, RunStatus
from runs.records import transition

STOPPED = (RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.OUT_OF_BUDGET)


def resume_run(user: User | None, run: Run, *, enqueue: bool = True) -> Run:
    """Queue a failed, cancelled or out-of-budget run again; for one that waits for a review, this
    approves what it waits with. Editors and above. Raises Conflict in any other state.
    """
    require(user, run.project, Role.EDITOR)
    if run.reviews.filter(decision=Decision.REJECTED).exists():
        raise Conflict("A reviewer rejected this run. Start a new one instead.")
    with transaction.atomic():
        if run.status == RunStatus.WAITING_REVIEW:
            decide_review(user, run, Decision.APPROVED, enqueue=enqueue)
        else:
            who = user.display_name if user else "the operator"
            moved = transition(
                run.pk,
                STOPPED,
                RunStatus.QUEUED,
                f"Resumed by {who}.",
                reason="",
                finished_at=None,
            )
            if not moved:
                run.refresh_from_db()
                raise Conflict(f"The run is {run.get_status_display().lower()}; it can't resume.")
            if enqueue:
                wake_worker(run)
    run.refresh_from_db()
    return run
