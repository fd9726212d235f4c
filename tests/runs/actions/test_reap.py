"""No run stays without a worker: what a lost one leaves is given to another, or fails aloud."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from reqplatform.errors import Conflict
from runs.actions.claim import claim
from runs.actions.reap import FORGOTTEN_AFTER, MOST_ATTEMPTS, reap
from runs.actions.resume import resume_run
from runs.models import EventKind, Run, RunEvent, RunStatus
from runs.records import append_event
from tests import factories
from tests.conftest import World
from tests.runs.actions.queue import queued

pytestmark = pytest.mark.django_db(transaction=True)


def lose_worker(run: Run) -> None:
    assert claim(run.pk)
    Run.objects.filter(pk=run.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def test_a_run_that_lost_its_worker_is_queued_again(world: World) -> None:
    run = factories.run(world.project)
    lose_worker(run)
    assert reap() == [run]
    run.refresh_from_db()
    assert run.status == RunStatus.QUEUED
    assert queued() == [("runs.tasks.execute_run", (str(run.pk),))]
    assert "worker was lost" in run.events.order_by("-seq")[0].message


def test_a_run_whose_worker_is_alive_is_left_alone(world: World) -> None:
    run = factories.run(world.project)
    claim(run.pk)
    assert reap() == []
    with pytest.raises(Conflict, match="running"):
        resume_run(None, run)


def test_after_three_lost_workers_it_fails_with_the_reason(world: World) -> None:
    run = factories.run(world.project)
    for _ in range(MOST_ATTEMPTS):
        lose_worker(run)
        reap()
    run.refresh_from_db()
    assert (run.status, "lost its worker 3 times" in run.reason) == (RunStatus.FAILED, True)
    resume_run(None, run, enqueue=False)
    assert run.attempts == 0  # a person's resume starts the count anew


def test_a_person_may_resume_what_lost_its_worker(world: World) -> None:
    run = factories.run(world.project)
    lose_worker(run)
    assert resume_run(None, run, enqueue=False).status == RunStatus.QUEUED


def test_a_queued_run_that_the_queue_forgot_is_woken_once(world: World) -> None:
    run = factories.run(world.project)
    RunEvent.objects.filter(run=run).update(created_at=timezone.now() - 2 * FORGOTTEN_AFTER)
    assert reap() == [run]
    assert reap() == []  # a message waits now
    OrmQ.objects.all().delete()

    append_event(run.pk, EventKind.STATUS, "Queued.")
    assert reap() == []  # it has only just been queued
