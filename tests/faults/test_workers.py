"""Workers that are killed or told to stop: their runs go on, and nothing is paid twice."""

import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from observability.models import CallState, LLMCall
from reqplatform.teams.models import Project
from runs.models import Run, RunStatus
from runs.waking import wake_worker
from tests.faults.work import descendants, worker_of, working
from tests.observability.accounts import assert_books_agree
from tests.runs.conftest import Starter
from tests.runs.paid import answer_as_analyst, model, route, task_of
from tests.waiting import eventually
from tests.wire import WireServer, behaviours

pytest_plugins = ["tests.wire.fixtures"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def queued(project: Project, wired: WireServer, begin: Starter) -> Run:
    """A run that waits for a worker, and whose model takes a second for each answer."""
    answer_as_analyst(wired)
    route(project, model("openai"))
    wired.default = behaviours.slow(1.0)
    run = begin(unattended=True)
    wake_worker(run)
    return run


def stands(run: Run, *states: str) -> bool:
    run.refresh_from_db()
    return run.status in states


def tasks(wired: WireServer) -> Counter[str]:
    return Counter(task_of(asked.messages) for asked in list(wired.requests))


def assert_nothing_was_paid_twice(wired: WireServer, lost: int) -> None:
    assert sum(tasks(wired).values()) == 4 + lost
    assert LLMCall.objects.filter(state=CallState.UNCONFIRMED).count() == lost
    assert not LLMCall.objects.filter(state=CallState.HELD).exists()
    assert_books_agree()


def test_a_killed_worker_s_run_goes_on_in_another(
    queued: Run, wired: WireServer, tmp_path: Path
) -> None:
    with working(wired, tmp_path):
        assert eventually(lambda: tasks(wired)["analyze"] == 1, 30)
        queued.refresh_from_db()
        os.kill(worker_of(queued.worker), signal.SIGKILL)
        assert eventually(lambda: stands(queued, RunStatus.COMPLETED), 40), queued.reason
    assert queued.attempts == 2
    assert_nothing_was_paid_twice(wired, lost=1)


def test_sigterm_lets_the_node_end_and_the_run_goes_on_elsewhere(
    queued: Run, wired: WireServer, tmp_path: Path
) -> None:
    with working(wired, tmp_path) as first:
        assert eventually(lambda: tasks(wired)["analyze"] == 1, 30)
        began = time.monotonic()
        first.send_signal(signal.SIGTERM)
        _, said = first.communicate(timeout=30)
        assert (first.returncode, time.monotonic() - began < 10) == (0, True), said
        assert stands(queued, RunStatus.QUEUED)
        assert queued.attempts == 0
    with working(wired, tmp_path):
        assert eventually(lambda: stands(queued, RunStatus.COMPLETED), 40), queued.reason
    assert_nothing_was_paid_twice(wired, lost=0)


def test_an_idle_worker_that_is_killed_does_not_hang_the_queue_for_ever(
    project: Project, wired: WireServer, begin: Starter, tmp_path: Path
) -> None:
    """It takes the lock of its queue with it; the watchdog starts the cluster anew."""
    with working(wired, tmp_path, RUN_WORKERS="2") as process:
        assert eventually(lambda: len(descendants(process.pid)) >= 11, 30)
        time.sleep(3)
        for pid in idle_workers(process.pid):
            os.kill(pid, signal.SIGKILL)
        run = begin(unattended=True)
        wake_worker(run)
        assert eventually(lambda: stands(run, RunStatus.COMPLETED), 60), run.status
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=40)
    assert process.returncode == 0, said


def idle_workers(pid: int) -> list[int]:
    """The first processes that the guard of the first cluster started."""
    cluster = children_of(pid)[0]
    guard = children_of(cluster)[0]
    return children_of(guard)[:2]


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
