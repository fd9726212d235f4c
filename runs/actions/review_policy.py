"""Reviews that nobody decides: people are reminded, and the project's policy decides in the end."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from observability import alerts
from observability.models import AlertCause
from reqplatform.errors import Conflict
from reqplatform.teams.models import ReviewExpiry
from runs.actions.review import conclude
from runs.models import Decision, EventKind, Review, RunStatus
from runs.records import append_event, run_subject, tell

POLICY = "The project's review policy"

log = logging.getLogger(__name__)


def remind_and_expire() -> None:
    """Do what is due for the reviews that are pending. Several at once do it once."""
    now = timezone.now()
    rows = Review.objects.filter(
        Q(run__project__review_reminder_hours__isnull=False)
        | Q(run__project__review_expiry_hours__isnull=False),
        decision=Decision.PENDING,
        run__status=RunStatus.WAITING_REVIEW,
    )
    for review in rows.select_related("run__project"):
        try:
            if review.expires_at is not None and review.expires_at <= now:
                _expire(review)
            else:
                _remind(review, now)
        except Exception:  # one that cannot be done keeps no other from it
            log.exception("The review of run %s could not be looked after", review.run.short_id)


def _expire(review: Review) -> None:
    project, run = review.run.project, review.run
    after = _for(timedelta(hours=project.review_expiry_hours or 0))
    goes_on = project.review_expiry == ReviewExpiry.GO_ON
    why = (
        f"Nobody reviewed it for {after}, and this project cancels such runs. Resume it to have it "
        "reviewed after all."
    )
    decision = Decision.APPROVED if goes_on else Decision.EXPIRED
    try:
        with transaction.atomic():
            conclude(run, decision, POLICY, why, by_policy=True)
            if not goes_on:  # who did not look in time learns of it; a resume answers it
                alerts.raise_alert(
                    run.project_id,
                    AlertCause.RUN_WAITING,
                    run_subject(run.pk),
                    f"Run {run.short_id} was cancelled. {why}",
                    run_id=run.pk,
                )
    except Conflict:
        log.info("Run %s: a person decided its review first", run.short_id)


def _remind(review: Review, now: datetime) -> None:
    hours = review.run.project.review_reminder_hours
    age = now - review.created_at
    due = int(age / timedelta(hours=hours)) if hours else 0
    if due <= review.reminders:
        return
    waits = f"It has waited for a review for {_for(age)}."
    with transaction.atomic():
        mine = Review.objects.filter(
            pk=review.pk, decision=Decision.PENDING, reminders=review.reminders
        ).update(reminders=due)
        if mine:
            append_event(review.run_id, EventKind.REVIEW, waits, iteration=review.iteration)
            tell(review.run_id, RunStatus.WAITING_REVIEW, waits)


def _for(time: timedelta) -> str:
    hours = int(time / timedelta(hours=1))
    if hours >= 48:
        return f"{hours // 24} days"
    return "an hour" if hours == 1 else f"{hours} hours"
