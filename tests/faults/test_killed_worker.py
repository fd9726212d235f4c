"""A worker is killed with -9 in the middle of a paid run: nothing is paid twice or forgotten."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from observability.models import BudgetWindow, CallState, LLMCall, Scope
from reqplatform.teams.models import Project
from runs.models import Run, RunStatus
from tests.observability.accounts import assert_books_agree
from tests.runs.conftest import CLEAR
from tests.runs.paid import answer_as_analyst, billed_by_node, booked_by_node, model, route, task_of
from tests.wire import WireServer, behaviours

pytest_plugins = ["tests.wire.fixtures"]
pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parent.parent.parent


def database_url() -> str:
    """That of the test's database, for a process of its own."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    return f"postgresql://{values['USER']}@/{values['NAME']}?host={values['HOST']}"


@pytest.fixture
def worker(wired: WireServer, tmp_path: Path) -> Callable[..., "subprocess.Popen[bytes]"]:
    environment = {
        **os.environ, **wired.environment, "DATABASE_URL": database_url(),
        "REQPLATFORM_DATA_DIR": str(tmp_path), "RUN_LEASE_SECONDS": "3",
        "RUN_HEARTBEAT_SECONDS": "1",
    }  # fmt: skip

    def worker(*arguments: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, str(ROOT / "manage.py"), "decompose", *arguments, "--quiet"]
        return subprocess.Popen(
            [*command, "--output", str(tmp_path / "out")], env=environment, cwd=ROOT,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    return worker


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "It did not come to that."
        time.sleep(0.05)


@pytest.mark.parametrize("task", ["extract", "decompose", "validate"])
def test_it_goes_on_after_kill_9_while_a_model_answers(
    project: Project,
    wired: WireServer,
    worker: Callable[..., "subprocess.Popen[bytes]"],
    tmp_path: Path,
    task: str,
) -> None:
    answer_as_analyst(wired)
    route(project, model("openai"))
    wired.default = behaviours.slow(0.8)
    specification = tmp_path / "spec.txt"
    specification.write_text(CLEAR)
    first = worker(str(specification), "--project", "survey", "--subsystem", "NAV", "--no-review")
    wait_for(
        lambda: (
            first.poll() is not None
            or task in {task_of(asked.messages) for asked in list(wired.requests)}
        )
    )
    assert first.poll() is None, first.communicate()[0].decode()
    first.send_signal(signal.SIGKILL)
    first.wait()
    [lost] = LLMCall.objects.filter(state=CallState.HELD)
    assert lost.node == task
    run = Run.objects.get()
    wait_for(lambda: run_is_lost(run))

    wired.default = behaviours.normal()
    second = worker("--resume", run.short_id)
    output, _ = second.communicate(timeout=60)
    run.refresh_from_db()
    assert (second.returncode, run.status) == (0, RunStatus.COMPLETED), output.decode()

    lost.refresh_from_db()
    assert (lost.state, lost.cost_nusd) == (CallState.UNCONFIRMED, lost.held_nusd)
    tasks = [task_of(asked.messages) for asked in wired.requests]
    assert sorted(set(tasks)) == ["analyze", "decompose", "extract", "validate"]
    assert len(tasks) == 5  # only what was in flight is asked again
    # All that was answered costs what it was billed; what was lost is charged at its bound.
    booked, billed = booked_by_node(run), billed_by_node(wired, delivered=True)
    assert {**booked, task: booked[task] - lost.held_nusd} == billed
    total = BudgetWindow.objects.get(budget__scope=Scope.TOTAL)
    assert total.spent_nusd >= wired.bill.nusd
    assert total.unconfirmed_nusd == lost.held_nusd
    assert_books_agree()


def run_is_lost(run: Run) -> bool:
    run.refresh_from_db()
    return run.has_lost_worker
