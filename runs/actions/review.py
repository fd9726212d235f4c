"""A person's decision that a run waits for."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from reqplatform.errors import Conflict, InvalidInput
from reqplatform.teams.models import Role, User
from reqplatform.teams.permissions import require
from runs.models import Decision, EventKind, Review, Run, RunStatus
from runs.models.review import UNDECIDED
from runs.records import append_event, transition
from runs.waking import wake_worker

FEEDBACK_LIMIT = 10_000  # characters
CANCELS = {
    Decision.REJECTED: "Cancelled: the review rejected it.",
    Decision.EXPIRED: "Cancelled: nobody reviewed it in time.",
}


def decide_review(
    user: User | None, run: Run, decision: Decision, feedback: str = "", *, enqueue: bool = True
) -> Review:
    """Approve, send back or reject what the run waits with. Reviewers and above.

    Approved and sent back queue the run again; rejected cancels it. Raises Conflict if the run
    waits for nothing or someone else has decided first, and InvalidInput for missing feedback.
    """
    require(user, run.project, Role.REVIEWER)
    feedback = feedback.strip()[:FEEDBACK_LIMIT]
    if decision in UNDECIDED:
        raise InvalidInput("Decide approved, changes or rejected.", field="decision")
    if decision == Decision.CHANGES and not feedback:
        raise InvalidInput("Say what should change; it goes to the agent.", field="feedback")
    who = user.display_name if user else "The operator"
    why = f"{who} rejected it in review. {feedback}".strip()
    columns = {"feedback": feedback, "decided_by": user}
    return conclude(run, decision, who, why, enqueue=enqueue, **columns)


def conclude(
    run: Run, decision: Decision, who: str, why: str, *, enqueue: bool = True, **columns: Any
) -> Review:
    """Record the decision on the pending review, with these further columns of it, and move the
    run: `why` is the reason of one that is cancelled. Raises Conflict if someone was first.
    """
    with transaction.atomic():
        review = _decided(run, decision, columns)
        append_event(
            run.pk,
            EventKind.REVIEW,
            f"{who} decided: {review.get_decision_display().lower()}.",
            iteration=review.iteration,
            figures={"kind": review.kind, "decision": decision.value},
        )
        if decision in CANCELS:
            moved = _cancel(run, CANCELS[decision], why)
        else:
            moved = _queue_again(run, enqueue)
        if not moved:
            raise Conflict("The run does not wait any more; reload to see where it stands.")
    return review


def _decided(run: Run, decision: Decision, columns: dict[str, Any]) -> Review:
    """The review that was pending, decided. Raises Conflict if there is none, or none any more."""
    review = run.reviews.filter(decision=Decision.PENDING).first()
    if review is None:
        raise Conflict(_nothing_pending(run))
    decided = Review.objects.filter(pk=review.pk, decision=Decision.PENDING).update(
        decision=decision, decided_at=timezone.now(), **columns
    )
    if not decided:
        raise Conflict(_nothing_pending(run))
    review.refresh_from_db()
    return review


def _cancel(run: Run, message: str, why: str) -> bool:
    return transition(
        run.pk,
        RunStatus.WAITING_REVIEW,
        RunStatus.CANCELLED,
        message,
        reason=why,
        finished_at=timezone.now(),
    )


def _queue_again(run: Run, enqueue: bool) -> bool:
    moved = transition(
        run.pk, RunStatus.WAITING_REVIEW, RunStatus.QUEUED, "Queued again.", reason=""
    )
    if moved and enqueue:
        wake_worker(run)
    return moved


def _nothing_pending(run: Run) -> str:
    last = run.reviews.exclude(decision=Decision.PENDING).order_by("-id").first()
    if last is None:
        return "This run does not wait for a review."
    return (
        f"This review has been decided already: {last.get_decision_display().lower()}, by "
        f"{last.decider} at {last.decided_at:%Y-%m-%d %H:%M} UTC."
    )
