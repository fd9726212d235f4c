"""One worker executes a run: the one that holds its lease. Whoever lost it writes nothing."""

import threading
import time
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, transaction
from django.utils import timezone

from observability.models import Node, NodeCost
from runs.actions import claim as claiming
from runs.actions.claim import claim, heartbeat
from runs.graph.execution import Execution, Summary
from runs.models import Run, RunEvent, RunStatus
from runs.records import LostLease, confirm_lease, transition
from tests import factories
from tests.conftest import World
from tests.runs.actions.at_once import all_at_once
from tests.waiting import eventually


@pytest.fixture
def run(world: World) -> Run:
    return factories.run(world.project)


def now(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def expire(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def kept(run: Run) -> bool:
    end = now(run).lease_expires_at
    return end is not None and end > timezone.now()


def test_a_queued_run_is_claimed(run: Run, settings: LazySettings) -> None:
    settings.RUN_LEASE_SECONDS = 33
    before = timezone.now() - timedelta(milliseconds=1)  # SQLite's clock has no shorter time
    assert claim(run.pk) == 1
    run = now(run)
    assert (run.status, run.lease_token, run.attempts) == (RunStatus.RUNNING, 1, 1)
    assert run.started_at is not None
    assert run.lease_expires_at is not None
    assert before <= run.lease_expires_at - timedelta(seconds=33) <= timezone.now()
    assert [event.figures for event in run.events.all()] == [{"status": "running"}]


def test_a_claimed_run_is_not_to_be_had(run: Run) -> None:
    assert claim(run.pk) == 1
    before = now(run).lease_expires_at
    assert claim(run.pk) is None
    assert (now(run).lease_token, now(run).attempts) == (1, 1)
    assert now(run).lease_expires_at == before


@pytest.mark.parametrize(
    "status", [s for s in RunStatus if s not in {RunStatus.QUEUED, RunStatus.RUNNING}]
)
def test_a_run_that_does_not_work_is_not_to_be_had(world: World, status: RunStatus) -> None:
    """Even if it was left with a lease that has expired."""
    run = factories.run(world.project, status=status, lease_token=1)
    expire(run)
    assert claim(run.pk) is None
    assert (now(run).status, now(run).lease_token) == (status, 1)


def test_an_expired_lease_is_taken_over(run: Run) -> None:
    assert claim(run.pk) == 1
    began = now(run).started_at
    expire(run)
    assert claim(run.pk) == 2
    assert claim(run.pk) is None
    run = now(run)
    assert (run.attempts, run.started_at) == (2, began)
    assert [event.message for event in run.events.all()] == [
        "Running.",
        "Taken over from a lost worker.",
    ]


@pytest.mark.parametrize("lost", [False, True])
def test_of_many_who_claim_at_once_one_gets_it(
    transactional_db: None, run: Run, lost: bool
) -> None:
    if lost:
        claim(run.pk)
        expire(run)
    tokens = all_at_once(*[lambda: claim(run.pk)] * 6)
    assert sorted(tokens, key=str) == [2 if lost else 1] + [None] * 5
    assert now(run).attempts == (2 if lost else 1)
    assert run.events.count() == (2 if lost else 1)


def test_the_heartbeat_keeps_the_lease_and_stops_with_the_block(
    transactional_db: None, run: Run, settings: LazySettings
) -> None:
    settings.RUN_HEARTBEAT_SECONDS = 0.02
    token = claim(run.pk)
    assert token is not None
    expire(run)
    with heartbeat(run.pk, token):
        assert eventually(lambda: kept(run))
        assert claim(run.pk) is None
    assert not [thread for thread in threading.enumerate() if str(run.pk) in thread.name]
    expire(run)
    time.sleep(0.1)
    assert claim(run.pk) == 2


def test_the_heartbeat_ends_with_a_block_that_fails(run: Run) -> None:
    with pytest.raises(ZeroDivisionError), heartbeat(run.pk, 1):
        raise ZeroDivisionError
    assert not [thread for thread in threading.enumerate() if str(run.pk) in thread.name]


@pytest.mark.parametrize("change", [{"lease_token": 2}, {"status": RunStatus.CANCELLED}])
def test_the_heartbeat_of_a_lost_lease_keeps_nothing(
    transactional_db: None, run: Run, settings: LazySettings, change: dict[str, object]
) -> None:
    settings.RUN_HEARTBEAT_SECONDS = 0.02
    token = claim(run.pk)
    assert token is not None
    Run.objects.filter(pk=run.pk).update(**change)
    before = now(run).lease_expires_at
    with heartbeat(run.pk, token):
        name = f"heartbeat {run.pk}"
        assert eventually(lambda: name not in {thread.name for thread in threading.enumerate()})
    assert now(run).lease_expires_at == before


def test_the_heartbeat_survives_a_database_that_does_not_answer(
    transactional_db: None, run: Run, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RUN_HEARTBEAT_SECONDS = 0.02
    token = claim(run.pk)
    assert token is not None
    expire(run)
    real, failures = claiming.lease_end, [DatabaseError("gone away")] * 2

    def lease_end() -> object:
        if failures:
            raise failures.pop()
        return real()

    monkeypatch.setattr(claiming, "lease_end", lease_end)
    with heartbeat(run.pk, token):
        assert eventually(lambda: kept(run))
    assert failures == []


def test_only_the_holder_of_the_lease_is_confirmed(run: Run) -> None:
    first = claim(run.pk)
    expire(run)
    second = claim(run.pk)
    assert (first, second) == (1, 2)
    with transaction.atomic():
        assert confirm_lease(run.pk, 2).pk == run.pk
    for token in (0, 1, 3):
        with transaction.atomic(), pytest.raises(LostLease):
            confirm_lease(run.pk, token)
    Run.objects.update(status=RunStatus.CANCELLED)
    with transaction.atomic(), pytest.raises(LostLease):
        confirm_lease(run.pk, 2)


def test_who_lost_the_lease_changes_no_state(run: Run) -> None:
    claim(run.pk)
    expire(run)
    claim(run.pk)
    with pytest.raises(LostLease):
        transition(run.pk, RunStatus.RUNNING, RunStatus.FAILED, "I failed.", token=1, reason="x")
    assert (now(run).status, now(run).reason) == (RunStatus.RUNNING, "")
    assert not run.events.filter(message="I failed.").exists()
    assert transition(run.pk, RunStatus.RUNNING, RunStatus.FAILED, "It failed.", token=2)
    assert now(run).status == RunStatus.FAILED


class Slow:
    """A node whose answer takes so long that another worker has the run when it comes."""

    node = Node.ANALYZE
    commits = 0

    def ask(self, execution: Execution, iteration: int) -> None:
        expire(now_of(execution))
        assert claim(execution.run_id) == execution.token + 1

    def commit(self, execution: Execution, iteration: int, output: None) -> Summary:
        self.commits += 1
        return Summary("Written.")


def now_of(execution: Execution) -> Run:
    return execution.run


def test_a_worker_that_was_thought_dead_writes_nothing_of_its_node(run: Run) -> None:
    token = claim(run.pk)
    assert token is not None
    work, execution = Slow(), Execution(run, token)
    with pytest.raises(LostLease):
        execution.perform(work, 0)
    with pytest.raises(LostLease):
        execution.perform(work, 0)  # nor does it begin another
    assert work.commits == 0
    assert not NodeCost.objects.exists()
    kinds = list(RunEvent.objects.values_list("kind", "message"))
    assert kinds == [
        ("status", "Running."),
        ("node_started", "Analyze started."),
        ("status", "Taken over from a lost worker."),
    ]
