"""A person's decision that a run waits for."""

from django.db import transaction
from django.utils import timezone

from reqplatform.errors import Conflict, InvalidInput
from reqplatform.teams.models import Role, User
from reqplatform.teams.permissions import require
from runs.models import Decision, EventKind, Review, Run, RunStatus
from runs.records import append_event, transition
from runs.waking import wake_worker

FEEDBACK_LIMIT = 10_000  # characters


def decide_review(
    user: User | None, run: Run, decision: Decision, feedback: str = "", *, enqueue: bool = True
) -> Review:
    """Approve, send back or reject what the run waits with. Reviewers and above.

    Approved and sent back queue the run again; rejected cancels it. Raises Conflict if the run
    waits for nothing or someone else has decided first, and InvalidInput for missing feedback.
    """
    require(user, run.project, Role.REVIEWER)
    feedback = feedback.strip()[:FEEDBACK_LIMIT]
    if decision == Decision.PENDING:
        raise InvalidInput("Decide approved, changes or rejected.", field="decision")
    if decision == Decision.CHANGES and not feedback:
        raise InvalidInput("Say what should change; it goes to the agent.", field="feedback")
    who = user.display_name if user else "The operator"
    with transaction.atomic():
        review = _decided(user, run, decision, feedback)
        append_event(
            run.pk,
            EventKind.REVIEW,
            f"{who} decided: {review.get_decision_display().lower()}.",
            iteration=review.iteration,
            figures={"kind": review.kind, "decision": decision.value},
        )
        if decision == Decision.REJECTED:
            moved = _reject(run, f"{who} rejected it in review. {feedback}".strip())
        else:
            moved = _queue_again(run, enqueue)
        if not moved:
            raise Conflict("The run does not wait any more; reload to see where it stands.")
    return review


def _decided(user: User | None, run: Run, decision: Decision, feedback: str) -> Review:
    """The review that was pending, decided. Raises Conflict if there is none, or none any more."""
    review = run.reviews.filter(decision=Decision.PENDING).first()
    if review is None:
        raise Conflict(_nothing_pending(run))
    decided = Review.objects.filter(pk=review.pk, decision=Decision.PENDING).update(
        decision=decision, feedback=feedback, decided_by=user, decided_at=timezone.now()
    )
    if not decided:
        raise Conflict(_nothing_pending(run))
    review.refresh_from_db()
    return review


def _reject(run: Run, reason: str) -> bool:
    return transition(
        run.pk,
        RunStatus.WAITING_REVIEW,
        RunStatus.CANCELLED,
        "Cancelled: the review rejected it.",
        reason=reason,
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
    who = last.decided_by.display_name if last.decided_by else "the operator"
    return (
        f"This review has been decided already: {last.get_decision_display().lower()}, by {who} "
        f"at {last.decided_at:%Y-%m-%d %H:%M} UTC."
    )
