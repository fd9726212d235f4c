"""People stop runs and let them go on; each state allows what its diagram says."""

import pytest
from django.db import transaction
from django.utils import timezone

from reqplatform.errors import Conflict
from runs.actions.cancel import cancel_run
from runs.actions.claim import claim
from runs.actions.resume import resume_run
from runs.models import Decision, Review, ReviewKind, Run, RunStatus
from runs.records import LostLease, confirm_lease
from tests import factories
from tests.conftest import World
from tests.runs.actions import roles
from tests.runs.actions.at_once import at_once, raised
from tests.runs.actions.queue import queued

WORKING = [RunStatus.QUEUED, RunStatus.RUNNING]
STOPPED = [RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.OUT_OF_BUDGET]
ENDED = [status for status in RunStatus if status not in WORKING]


def stopped(world: World, status: RunStatus = RunStatus.FAILED) -> Run:
    return factories.run(
        world.project, status=status, reason="It broke.", finished_at=timezone.now()
    )


def waiting(world: World) -> Run:
    run = factories.run(world.project, status=RunStatus.WAITING_REVIEW, gate_passed=False)
    Review.objects.create(run=run, kind=ReviewKind.RESULT, iteration=1)
    return run


@pytest.mark.parametrize("status", WORKING)
def test_a_working_run_is_cancelled(world: World, status: RunStatus) -> None:
    run = cancel_run(world.editor, factories.run(world.project, status=status))
    assert run.status == RunStatus.CANCELLED
    assert run.reason == "Cancelled by editor."
    assert run.finished_at is not None
    event = run.events.get()
    assert (event.message, event.figures) == ("Cancelled by editor.", {"status": "cancelled"})


@pytest.mark.parametrize("status", ENDED)
def test_what_does_not_work_cannot_be_stopped(world: World, status: RunStatus) -> None:
    run = factories.run(world.project, status=status, reason="As it was.")
    with pytest.raises(Conflict, match="nothing to stop"):
        cancel_run(world.editor, run)
    run.refresh_from_db()
    assert (run.status, run.reason) == (status, "As it was.")
    assert not run.events.exists()


def test_the_worker_of_a_cancelled_run_has_lost_it(world: World) -> None:
    run = factories.run(world.project)
    token = claim(run.pk)
    assert token is not None
    cancel_run(None, run)
    with transaction.atomic(), pytest.raises(LostLease):
        confirm_lease(run.pk, token)


@pytest.mark.parametrize("status", STOPPED)
def test_a_stopped_run_is_queued_again(world: World, status: RunStatus) -> None:
    run = resume_run(world.editor, stopped(world, status), enqueue=False)
    assert (run.status, run.reason, run.finished_at) == (RunStatus.QUEUED, "", None)
    assert [event.message for event in run.events.all()] == ["Resumed by editor."]
    assert claim(run.pk) == 1


@pytest.mark.parametrize("status", [*WORKING, RunStatus.COMPLETED])
def test_what_was_not_stopped_cannot_resume(world: World, status: RunStatus) -> None:
    run = factories.run(world.project, status=status)
    with pytest.raises(Conflict, match="can't resume"):
        resume_run(world.editor, run)
    run.refresh_from_db()
    assert run.status == status
    assert not run.events.exists()


def test_resuming_what_waits_approves_it(world: World) -> None:
    run = resume_run(world.editor, waiting(world), enqueue=False)
    assert run.status == RunStatus.QUEUED
    review = run.reviews.get()
    assert (review.decision, review.decided_by) == (Decision.APPROVED, world.editor)


def test_what_was_rejected_stays_cancelled(world: World) -> None:
    run = stopped(world, RunStatus.CANCELLED)
    Review.objects.create(
        run=run, kind=ReviewKind.RESULT, iteration=1, decision=Decision.REJECTED,
        decided_at=timezone.now(),
    )  # fmt: skip
    with pytest.raises(Conflict, match="rejected"):
        resume_run(world.owner, run)
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED


@roles.refused
def test_who_may_not(world: World, who: str, error: type[Exception]) -> None:
    working, failed, waits = factories.run(world.project), stopped(world), waiting(world)
    roles.is_refused(lambda user: cancel_run(user, working), world, who, error)
    roles.is_refused(lambda user: resume_run(user, failed), world, who, error)
    roles.is_refused(lambda user: resume_run(user, waits), world, who, error)
    statuses = [Run.objects.get(pk=run.pk).status for run in (working, failed, waits)]
    assert statuses == [RunStatus.QUEUED, RunStatus.FAILED, RunStatus.WAITING_REVIEW]


@roles.allowed
def test_who_may(world: World, who: str | None) -> None:
    user = roles.person(world, who)
    run = cancel_run(user, factories.run(world.project))
    assert resume_run(user, run, enqueue=False).status == RunStatus.QUEUED
    name = user.display_name if user else "the operator"
    messages = [event.message for event in run.events.all()]
    assert messages == [f"Cancelled by {name}.", f"Resumed by {name}."]


@pytest.mark.parametrize("make", [stopped, waiting])
def test_a_worker_is_woken_when_the_change_is_there(
    transactional_db: None, world: World, make: type
) -> None:
    run = make(world)
    with transaction.atomic():
        resume_run(None, run)
        assert queued() == []
    assert queued() == [("runs.tasks.execute_run", (str(run.pk),))]


def test_no_worker_is_woken_for_what_was_rolled_back(transactional_db: None, world: World) -> None:
    run = stopped(world)
    with transaction.atomic():
        resume_run(None, run)
        transaction.set_rollback(True)
    run.refresh_from_db()
    assert (run.status, queued()) == (RunStatus.FAILED, [])


def test_of_two_who_resume_at_once_one_is_told(transactional_db: None, world: World) -> None:
    run = stopped(world)
    outcomes = at_once(*[lambda: resume_run(None, Run.objects.get(pk=run.pk))] * 3)
    assert [type(error) for error in raised(outcomes)] == [Conflict, Conflict]
    assert len(queued()) == 1
    assert run.events.count() == 1


def test_of_two_who_cancel_at_once_one_is_told(transactional_db: None, world: World) -> None:
    run = factories.run(world.project)
    outcomes = at_once(*[lambda: cancel_run(None, Run.objects.get(pk=run.pk))] * 3)
    assert [type(error) for error in raised(outcomes)] == [Conflict, Conflict]
    assert run.events.count() == 1
