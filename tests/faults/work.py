"""`manage.py work` as real processes, at short intervals, on the database of a test."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.runs.commands.process import ROOT, database_url
from tests.wire import WireServer

SHORT = {
    "RUN_LEASE_SECONDS": "3", "RUN_HEARTBEAT_SECONDS": "1", "RUN_SWEEP_SECONDS": "2",
    "RUN_FORGOTTEN_SECONDS": "12", "RUN_WORKERS": "1",
}  # fmt: skip
Process = subprocess.Popen[str]


@contextmanager
def working(wire: WireServer, folder: Path, **environment: str) -> Iterator[Process]:
    """Workers; whatever is left of them at the end is killed."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "work"],
        env={
            **os.environ, **wire.environment, **SHORT, "DATABASE_URL": database_url(),
            "REQPLATFORM_DATA_DIR": str(folder), **environment,
        },
        cwd=ROOT, text=True, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        for pid in descendants(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.kill()
        process.wait()


def descendants(pid: int) -> list[int]:
    """All that a process has started, and what that has."""
    try:
        found = [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
    except FileNotFoundError:
        return []
    return [below for child in found for below in (*descendants(child), child)]


def worker_of(run_worker: str) -> int:
    """The process id in `Run.worker`."""
    return int(run_worker.split()[-1])
