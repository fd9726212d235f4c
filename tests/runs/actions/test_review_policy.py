"""Reviews that nobody decides: reminders, what the project's policy does, and who is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from observability.alerts import acknowledge
from observability.models import Alert, AlertCause
from reqplatform.errors import Conflict
from reqplatform.teams.models import Project, ReviewExpiry
from runs.actions import review as reviewing
from runs.actions import review_policy
from runs.actions.reap import sweep
from runs.actions.resume import resume_run
from runs.actions.review import decide_review
from runs.actions.review_policy import remind_and_expire
from runs.models import Decision, EventKind, Review, ReviewKind, Run, RunStatus
from runs.records import transition
from tests import factories
from tests.conftest import World
from tests.runs.actions.at_once import all_at_once
from tests.runs.actions.queue import queued

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def waiting(world: World) -> Run:
    run = factories.run(world.project, status=RunStatus.RUNNING)
    assert transition(
        run.pk, RunStatus.RUNNING, RunStatus.WAITING_REVIEW, "Waits.", reason="0.6 is below 0.8."
    )
    Review.objects.create(run=run, kind=ReviewKind.RESULT, iteration=1)
    return run


def waits_for(hours: float) -> None:
    Review.objects.update(created_at=timezone.now() - timedelta(hours=hours))


def policy(**values: Any) -> None:
    Project.objects.update(**values)


def told() -> list[str]:
    rows = Alert.objects.filter(cause=AlertCause.RUN_WAITING, acknowledged_at=None)
    return list(rows.values_list("message", flat=True))


def now(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def test_people_are_told_until_somebody_decides(world: World, waiting: Run) -> None:
    assert told() == [
        f"Run {waiting.short_id} for Navigation waits for a review. 0.6 is below 0.8."
    ]
    decide_review(world.reviewer, waiting, Decision.APPROVED, enqueue=False)
    assert told() == []


def test_they_are_reminded_once_for_each_interval(world: World, waiting: Run) -> None:
    policy(review_reminder_hours=24)
    acknowledge(world.editor, Alert.objects.get())
    waits_for(23.9)
    sweep()
    assert told() == []
    waits_for(24.1)
    for _ in range(3):
        sweep()
    assert told() == [
        f"Run {waiting.short_id} for Navigation waits for a review. It has waited for a review for "
        "24 hours."
    ]
    waits_for(121)  # nobody swept for some days
    sweep()
    events = waiting.events.filter(kind=EventKind.REVIEW).values_list("message", flat=True)
    assert list(events) == [
        "It has waited for a review for 24 hours.",
        "It has waited for a review for 5 days.",
    ]
    assert Review.objects.get().reminders == 5


def test_nobody_is_reminded_where_the_project_does_not_want_it(waiting: Run) -> None:
    policy(review_reminder_hours=None)
    waits_for(1000)
    sweep()
    assert not waiting.events.filter(kind=EventKind.REVIEW).exists()
    assert now(waiting).status == RunStatus.WAITING_REVIEW


def test_an_expired_review_cancels_the_run_which_can_be_resumed(world: World, waiting: Run) -> None:
    policy(review_expiry_hours=72)
    waits_for(73)
    sweep()
    run, review = now(waiting), Review.objects.get()
    assert (run.status, review.decision, review.by_policy) == (
        RunStatus.CANCELLED, Decision.EXPIRED, True,
    )  # fmt: skip
    assert run.reason.startswith("Nobody reviewed it for 3 days, and this project cancels")
    assert told() == [f"Run {run.short_id} was cancelled. {run.reason}"]
    with pytest.raises(Conflict, match="expired, by the project's review policy at"):
        decide_review(world.reviewer, run, Decision.APPROVED)
    assert resume_run(world.editor, run, enqueue=False).status == RunStatus.QUEUED
    assert told() == []


def test_a_review_that_cannot_be_looked_after_keeps_no_other_from_it(
    world: World, waiting: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = factories.run(world.project, status=RunStatus.WAITING_REVIEW)
    Review.objects.create(run=other, kind=ReviewKind.RESULT, iteration=1)
    policy(review_expiry_hours=2)
    waits_for(3)
    real = reviewing.conclude

    def conclude(run: Run, *given: Any, **more: Any) -> Review:
        if run == waiting:
            raise ZeroDivisionError
        return real(run, *given, **more)

    monkeypatch.setattr(review_policy, "conclude", conclude)
    sweep()
    assert (now(waiting).status, now(other).status) == (
        RunStatus.WAITING_REVIEW, RunStatus.CANCELLED,
    )  # fmt: skip


def test_it_goes_on_if_the_project_says_so_but_never_as_a_person_s_word(waiting: Run) -> None:
    policy(review_expiry_hours=2, review_expiry=ReviewExpiry.GO_ON)
    waits_for(3)
    sweep()
    review = Review.objects.get()
    assert (review.decision, review.by_policy) == (Decision.APPROVED, True)
    assert review.decider == "the project's review policy"
    assert now(waiting).status == RunStatus.QUEUED
    assert queued() == [("runs.tasks.execute_run", (str(waiting.pk),))]


def test_a_person_and_the_policy_at_once_decide_once(world: World, waiting: Run) -> None:
    policy(review_expiry_hours=2)
    waits_for(3)

    def person() -> object:
        try:
            return decide_review(world.reviewer, waiting, Decision.APPROVED)
        except Conflict as refusal:
            return refusal.message

    def policy_decides() -> object:
        remind_and_expire()
        return None

    all_at_once(person, policy_decides, policy_decides, person)
    review = Review.objects.get()
    ends = {Decision.APPROVED: RunStatus.QUEUED, Decision.EXPIRED: RunStatus.CANCELLED}
    assert now(waiting).status == ends[Decision(review.decision)]
    assert waiting.events.filter(kind=EventKind.REVIEW).count() == 1
    assert len(queued()) == (review.decision == Decision.APPROVED)


def test_a_failed_run_is_told_of_until_it_goes_on(world: World) -> None:
    run = factories.run(world.project, status=RunStatus.RUNNING)
    transition(run.pk, RunStatus.RUNNING, RunStatus.FAILED, "Failed.", reason="No key.")
    alert = Alert.objects.get(cause=AlertCause.RUN_FAILED)
    assert alert.message == f"Run {run.short_id} for Navigation failed. No key."
    assert (alert.run_id, alert.acknowledged_at) == (run.pk, None)
    resume_run(world.editor, run, enqueue=False)
    assert Alert.objects.get().acknowledged_at is not None
