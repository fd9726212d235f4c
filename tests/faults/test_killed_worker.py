"""A worker is killed with -9 in the middle of a paid run: nothing is paid twice or forgotten."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from observability.models import BudgetWindow, CallState, LLMCall, Scope
from reqplatform.teams.models import Project
from runs.models import Run, RunStatus
from tests.observability.accounts import assert_books_agree
from tests.runs.commands.process import decompose
from tests.runs.conftest import CLEAR
from tests.runs.paid import answer_as_analyst, billed_by_node, booked_by_node, model, route, task_of
from tests.wire import WireServer, behaviours

pytest_plugins = ["tests.wire.fixtures"]
pytestmark = pytest.mark.django_db(transaction=True)

LEASE = {"RUN_LEASE_SECONDS": "3", "RUN_HEARTBEAT_SECONDS": "1"}


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "It did not come to that."
        time.sleep(0.05)


@pytest.mark.parametrize("task", ["extract", "decompose", "validate"])
def test_it_goes_on_after_kill_9_while_a_model_answers(
    project: Project, wired: WireServer, tmp_path: Path, task: str
) -> None:
    answer_as_analyst(wired)
    route(project, model("openai"))
    run, lost = killed(wired, tmp_path, task)
    assert lost.node == task
    wait_for(lambda: run_is_lost(run))

    wired.default = behaviours.normal()
    again = decompose(wired, tmp_path, "--resume", run.short_id, "--quiet", **LEASE)
    _, said = again.communicate(timeout=60)
    run.refresh_from_db()
    assert (again.returncode, run.status) == (0, RunStatus.COMPLETED), said

    tasks = [task_of(asked.messages) for asked in wired.requests]
    assert sorted(set(tasks)) == ["analyze", "decompose", "extract", "validate"]
    assert len(tasks) == 5  # only what was in flight is asked again
    assert_charged_at_its_bound(run, lost, wired)


def killed(wired: WireServer, folder: Path, task: str) -> tuple[Run, LLMCall]:
    """A run whose process was killed while a model answered this task, and the call."""
    wired.default = behaviours.slow(0.8)
    specification = folder / "spec.txt"
    specification.write_text(CLEAR)
    worker = decompose(
        wired, folder, str(specification), "--project", "survey", "--subsystem", "NAV",
        "--no-review", "--quiet", **LEASE,
    )  # fmt: skip
    wait_for(
        lambda: (
            worker.poll() is not None
            or task in {task_of(asked.messages) for asked in list(wired.requests)}
        )
    )
    assert worker.poll() is None, worker.communicate()[1]
    worker.kill()
    worker.communicate()
    return Run.objects.get(), LLMCall.objects.get(state=CallState.HELD)


def assert_charged_at_its_bound(run: Run, lost: LLMCall, wired: WireServer) -> None:
    """All that was answered costs what it was billed; what was lost is charged at its hold."""
    lost.refresh_from_db()
    assert (lost.state, lost.cost_nusd) == (CallState.UNCONFIRMED, lost.held_nusd)
    booked, billed = booked_by_node(run), billed_by_node(wired, delivered=True)
    assert {**booked, lost.node: booked[lost.node] - lost.held_nusd} == billed
    total = BudgetWindow.objects.get(budget__scope=Scope.TOTAL)
    assert total.spent_nusd >= wired.bill.nusd
    assert total.unconfirmed_nusd == lost.held_nusd
    assert_books_agree()


def run_is_lost(run: Run) -> bool:
    run.refresh_from_db()
    return run.has_lost_worker
