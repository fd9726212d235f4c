"""The queue in Redis, which loses what a worker had taken: the truth is the run's row."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from reqplatform.teams.models import Project
from runs.models import RunStatus
from tests.faults.test_workers import assert_nothing_was_paid_twice, stands, tasks
from tests.faults.work import worker_of, working
from tests.runs.conftest import Starter
from tests.runs.paid import answer_as_analyst, model, route
from tests.waiting import eventually
from tests.wire import WireServer, behaviours

pytest_plugins = ["tests.wire.fixtures"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="There is no redis-server."),
]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
        cwd=tmp_path, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"redis://127.0.0.1:{port}/0"
    assert eventually(lambda: answers(url), 10)
    yield url
    process.kill()
    process.wait()


def answers(url: str) -> bool:
    try:
        return bool(redis.Redis.from_url(url).ping())
    except redis.ConnectionError:
        return False


def test_a_run_that_the_queue_never_heard_of_is_done_also_when_its_worker_is_killed(
    project: Project, wired: WireServer, begin: Starter, server: str, tmp_path: Path
) -> None:
    answer_as_analyst(wired)
    route(project, model("openai"))
    wired.default = behaviours.slow(1.0)
    run = begin(unattended=True)
    with working(wired, tmp_path, REDIS_URL=server, RUN_FORGOTTEN_SECONDS="2"):
        assert eventually(lambda: tasks(wired)["analyze"] == 1, 40)
        run.refresh_from_db()
        os.kill(worker_of(run.worker), signal.SIGKILL)
        assert eventually(lambda: stands(run, RunStatus.COMPLETED), 40), run.reason
    assert run.attempts == 2
    assert_nothing_was_paid_twice(wired, lost=1)
