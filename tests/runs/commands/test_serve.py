"""manage.py serve, as real processes on a real port."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from runs.serving.watchdog import TOO_YOUNG_SECONDS
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A fresh embedded database of its own, whatever the suite runs on."""
    folder = tmp_path_factory.mktemp("serve")
    made = os.environ | {"REQPLATFORM_DATA_DIR": str(folder), "DATABASE_URL": ""}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=made, check=True
    )
    return made


@contextmanager
def serving(environment: dict[str, str], port: int) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port)],
        cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def wait_until_up(port: int) -> None:
    for _ in range(200):
        try:
            urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=5).close()
        except (URLError, TimeoutError):  # not up yet, or busy with its first page
            time.sleep(0.1)
        else:
            return
    raise AssertionError("The server did not come up.")


def said(process: subprocess.Popen[str]) -> str:
    return process.communicate(timeout=30)[1]


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def test_one_signal_stops_both(environment: dict[str, str]) -> None:
    port = free_port()
    with serving(environment, port) as process:
        wait_until_up(port)
        children = children_of(process.pid)
        assert len(children) == 3
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert not [child for child in children if Path(f"/proc/{child}").exists()]


def test_a_dead_web_server_stops_the_rest_with_a_message(environment: dict[str, str]) -> None:
    port = free_port()
    with serving(environment, port) as process:
        wait_until_up(port)
        web, *clusters = children_of(process.pid)
        os.kill(web, signal.SIGKILL)
        assert process.wait(30) == 1
        assert "web server" in said(process)
        assert not [pid for pid in clusters if Path(f"/proc/{pid}").exists()]


def test_a_dead_cluster_is_started_anew(environment: dict[str, str]) -> None:
    port = free_port()
    with serving(environment, port) as process:
        wait_until_up(port)
        began = time.monotonic()
        before = children_of(process.pid)
        time.sleep(max(0.0, TOO_YOUNG_SECONDS + 1 - (time.monotonic() - began)))
        os.kill(before[1], signal.SIGKILL)
        assert eventually(lambda: len(set(children_of(process.pid)) - set(before)) == 1)
        assert eventually(lambda: not Path(f"/proc/{before[1]}").exists())
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert "The runs cluster died (exit -9) and is started anew." in said(process)


def test_a_port_in_use_and_an_old_database_are_explained(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        with serving(environment, port) as process:
            assert process.wait(30) == 1
            assert "another port" in said(process)
    with serving(environment | {"REQPLATFORM_DATA_DIR": str(tmp_path)}, free_port()) as process:
        assert process.wait(30) == 1
        assert "not up to date" in said(process)
