"""Stopping a run on a person's word."""

from django.db import transaction
from django.utils import timezone

from reqplatform.errors import Conflict
from reqplatform.teams.models import Role, User
from reqplatform.teams.permissions import require
from runs.models import Run, RunStatus
from runs.records import transition
from runs.waking import move_on_from


def cancel_run(user: User | None, run: Run) -> Run:
    """Cancel a queued or running run. Editors and above; raises Conflict if it has ended.

    A worker that executes it loses its lease and writes nothing more. It can be resumed.
    """
    require(user, run.project, Role.EDITOR)
    who = user.display_name if user else "the operator"
    with transaction.atomic():
        moved = transition(
            run.pk,
            (RunStatus.QUEUED, RunStatus.RUNNING),
            RunStatus.CANCELLED,
            f"Cancelled by {who}.",
            reason=f"Cancelled by {who}.",
            finished_at=timezone.now(),
        )
    if not moved:
        run.refresh_from_db()
        raise Conflict(f"The run is {run.get_status_display().lower()}; there is nothing to stop.")
    move_on_from(run.pk)
    run.refresh_from_db()
    return run
