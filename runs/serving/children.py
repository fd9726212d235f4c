"""Processes that `manage.py serve` and `manage.py work` start, and end again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import uuid4

from django.conf import settings

from runs.actions.claim import CLUSTER_VARIABLE


@dataclass(frozen=True, slots=True)
class Child:
    """`mark` is what the runs that it executes are marked with."""

    name: str
    process: subprocess.Popen[bytes]
    mark: str = ""
    started: float = field(default_factory=time.monotonic)

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self.started

    @property
    def exit_code(self) -> int | None:
        return self.process.returncode

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def terminate(self) -> None:
        """Ask the main process, and it alone, to end: it stops the others in order."""
        if not self.has_ended:
            self.process.terminate()

    def kill(self) -> None:
        """End it and all that it started, which outlives it when it was killed."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def start(name: str, command: list[str], **environment: str) -> Child:
    # Of its own session, so that Ctrl-C reaches this process alone, which then stops them in order.
    process = subprocess.Popen(  # noqa: S603
        command, cwd=settings.BASE_DIR, env=os.environ | environment, start_new_session=True
    )
    return Child(name, process, environment.get(CLUSTER_VARIABLE, ""))


def web_server(host: str, port: int) -> Child:
    return start(
        "web server",
        [
            sys.executable, "-m", "gunicorn", "reqplatform.wsgi:application",
            "--bind", f"{host}:{port}", "--workers", "2", "--threads", "4", "--timeout", "90",
            "--log-level", "warning",
        ],
    )  # fmt: skip


def clusters() -> Iterator[Child]:
    """What a machine needs to execute runs and what belongs to them."""
    yield cluster("runs")
    yield cluster("maint")


def cluster(name: str) -> Child:
    """django-q2's processes for one of the queues: "runs" or "maint"."""
    return start(
        f"{name} cluster",
        [sys.executable, "manage.py", "cluster"],
        Q_CLUSTER_NAME=name,
        **{CLUSTER_VARIABLE: uuid4().hex[:12]},
    )


def stop(children: Iterable[Child], seconds: float, at_once: Callable[[], bool]) -> None:
    """Ask each to end, and end it with all it started if it doesn't within so many seconds, or as
    soon as `at_once` says so."""
    children = list(children)
    for child in children:
        child.terminate()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not at_once():
        if all(child.has_ended for child in children):
            break
        time.sleep(0.1)
    for child in children:
        child.kill()
