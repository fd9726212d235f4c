"""No run stays without a worker: what a lost one leaves is given to another, or fails aloud."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone
from django_q.models import OrmQ

from observability import budgets, ledger
from observability.budgets import Payer
from observability.llm.routes import EMBEDDED_STEP, profile_of
from observability.models import CallState, LLMCall
from reqplatform.errors import Conflict
from runs.actions import reap as reaping
from runs.actions.claim import claim
from runs.actions.reap import MOST_ATTEMPTS, reap, sweep, sweeping, wake_forgotten
from runs.actions.resume import resume_run
from runs.models import EventKind, Run, RunEvent, RunStatus
from runs.records import append_event
from tests import factories
from tests.conftest import World
from tests.observability.accounts import assert_books_agree
from tests.runs.actions.queue import queued
from tests.waiting import eventually

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
    RunEvent.objects.filter(run=run).update(created_at=timezone.now() - timedelta(minutes=2))
    assert wake_forgotten() == [run]
    assert wake_forgotten() == []  # a message waits now
    OrmQ.objects.all().delete()

    append_event(run.pk, EventKind.STATUS, "Queued.")
    assert wake_forgotten() == []  # it has only just been queued


def test_what_an_ended_run_still_holds_is_left_unconfirmed(world: World) -> None:
    run = factories.run(world.project)
    call = held_call(run)
    sweep()
    assert state_of(call) == CallState.HELD  # it works
    Run.objects.filter(pk=run.pk).update(status=RunStatus.CANCELLED, finished_at=timezone.now())
    sweep()
    assert state_of(call) == CallState.HELD  # its worker is just hanging up
    Run.objects.filter(pk=run.pk).update(finished_at=timezone.now() - timedelta(minutes=1))
    sweep()
    assert state_of(call) == CallState.UNCONFIRMED
    assert_books_agree()


def test_a_block_is_swept_beside_and_an_error_does_not_end_that(
    world: World,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.RUN_SWEEP_SECONDS = 0.02
    run = factories.run(world.project)
    lose_worker(run)
    failures = [ValueError("a row that nobody thought of")]
    real = reaping.reap

    def reap_or_fail() -> list[Run]:
        if failures:
            raise failures.pop()
        return real()

    monkeypatch.setattr(reaping, "reap", reap_or_fail)
    with sweeping():
        assert eventually(lambda: Run.objects.get(pk=run.pk).status == RunStatus.QUEUED)


def test_a_clock_that_is_minutes_off_takes_nobody_s_lease(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = factories.run(world.project)
    claim(run.pk)
    ahead = timezone.now() + timedelta(minutes=5)
    monkeypatch.setattr(timezone, "now", lambda: ahead)
    assert claim(run.pk) is None
    assert reap() == []


def held_call(run: Run) -> LLMCall:
    call = LLMCall(
        project=run.project, run=run, node="decompose", profile=profile_of(EMBEDDED_STEP),
        provider="any", model="m", request_key="k", held_nusd=5_000,
    )  # fmt: skip
    ledger.hold(call, budgets.windows_of(Payer(run.project_id, run.pk)))
    return call


def state_of(call: LLMCall) -> str:
    call.refresh_from_db()
    return call.state
