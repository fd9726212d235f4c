"""manage.py serve: the web server and the task queue together, on one machine."""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from observability import langsmith
from runs.actions.reap import sweep
from runs.console.command import check_database
from runs.models import Run, RunStatus

STOP_SECONDS = 15
LOOK_SECONDS = 10

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Child:
    name: str
    process: subprocess.Popen[bytes]


class Command(BaseCommand):
    help = "Serve the pages and the API, and execute runs. Ctrl-C stops both."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        check_database()
        check_port(options["host"], options["port"])
        signal.signal(signal.SIGTERM, _as_interrupt)
        children: list[Child] = []
        try:
            children.append(start("web server", web_command(options["host"], options["port"])))
            children.append(start("task queue", [sys.executable, "manage.py", "qcluster"]))
            self.stderr.write(
                f"ReqPlatform is at http://{options['host']}:{options['port']}  (Ctrl-C stops it)"
            )
            self.stderr.write(f"Costs: {langsmith.mode_line()}")
            dead = watch(children)
        except KeyboardInterrupt:
            self.stderr.write("Stopping.")
            return
        finally:
            stop(children)
            self._say_what_was_cut_off()
        raise CommandError(
            f"The {dead.name} stopped by itself (exit code {dead.process.returncode}), so the rest "
            "was stopped too. What it said last is above; start again with 'make serve'."
        )

    def _say_what_was_cut_off(self) -> None:
        cut_off = Run.objects.filter(status=RunStatus.RUNNING).count()
        if cut_off:
            self.stderr.write(
                f"{cut_off} run{'s were' if cut_off > 1 else ' was'} cut off; the next "
                "'make serve' goes on from the last checkpoint."
            )


def web_command(host: str, port: int) -> list[str]:
    return [
        sys.executable, "-m", "gunicorn", "reqplatform.wsgi:application",
        "--bind", f"{host}:{port}", "--workers", "2", "--threads", "4", "--timeout", "90",
        "--log-level", "warning",
    ]  # fmt: skip


def start(name: str, command: list[str]) -> Child:
    # Of its own session, so that Ctrl-C reaches this process alone, which then stops them in order.
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, start_new_session=True)  # noqa: S603
    return Child(name, process)


def watch(children: list[Child]) -> Child:
    """Wait until one of them ends, and say which. Meanwhile, no run stays without a worker, and no
    call stays held whose process has ended."""
    next_look = time.monotonic()
    while True:
        for child in children:
            if child.process.poll() is not None:
                return child
        if time.monotonic() >= next_look:
            sweep_runs()
            next_look = time.monotonic() + LOOK_SECONDS
        time.sleep(0.3)


def sweep_runs() -> None:
    try:
        sweep()
    except DatabaseError:
        log.warning("Could not look after the runs; trying again soon.", exc_info=True)
        connection.close()


def stop(children: list[Child]) -> None:
    """Ask each to end, and end it, with all it started, if it doesn't within STOP_SECONDS."""
    for child in children:
        if child.process.poll() is None:
            child.process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(max(0.1, deadline - time.monotonic()))
        with suppress(ProcessLookupError):  # its workers outlive it when it was killed
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()


def check_port(host: str, port: int) -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"{host}:{port} cannot be used: {error.strerror}. Stop what uses it, or give "
                "another port: python manage.py serve --port 8001"
            ) from error


def _as_interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt
