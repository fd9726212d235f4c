"""Putting a stopped run back in the queue, to go on from its last checkpoint."""

from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery

from observability import alerts
from observability.llm import routes
from reqplatform.errors import Conflict
from reqplatform.teams.models import Role, User
from reqplatform.teams.permissions import require
from runs.actions.review import decide_review
from runs.models import Decision, EventKind, Run, RunEvent, RunStatus
from runs.models.run import STOPPED, lost_worker
from runs.records import stopped_by, transition
from runs.waking import wake_in_turn


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
            window = stopped_by(run).get("window")
            _queue_again(run, user.display_name if user else "the operator")
            if window is not None and not _has_stopped_others(window, run):
                alerts.answer_stop(window)
            if enqueue:
                wake_in_turn(run)
    run.refresh_from_db()
    return run


def _queue_again(run: Run, who: str) -> None:
    message = f"Resumed by {who}."
    fresh: dict[str, Any] = {
        "reason": "",
        "finished_at": None,
        "attempts": 0,
        "routes": routes.at_todays_prices(run.routes),  # a price may have changed meanwhile
    }
    queued = transition(run.pk, STOPPED, RunStatus.QUEUED, message, **fresh) or transition(
        run.pk, RunStatus.RUNNING, RunStatus.QUEUED, message, only=lost_worker(), **fresh
    )
    if not queued:
        run.refresh_from_db()
        raise Conflict(f"The run is {run.get_status_display().lower()}; it can't resume.")


def _has_stopped_others(window: int, run: Run) -> bool:
    """Whether runs beside this one are out of budget by the same window."""
    last = RunEvent.objects.filter(run=OuterRef("pk"), kind=EventKind.STATUS).order_by("-seq")
    rows = Run.objects.filter(project=run.project_id, status=RunStatus.OUT_OF_BUDGET)
    others = rows.exclude(pk=run.pk).annotate(last=Subquery(last.values("figures")[:1]))
    return any(figures.get("window") == window for figures in others.values_list("last", flat=True))
