"""`manage.py work` as a machine runs it, with what may be broken inside its workers."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from scratch import ROOT

from fault_rows.stage import Stage, wait_for
from runs.models import Run
from tests.faults.work import descendants, worker_of

BESIDE_WORKERS = 9  # processes of the two clusters that are not workers of "runs"


_standing: dict[str, "Machine"] = {}
_starting = threading.Lock()  # rows that are played at once share one


class Machine:
    """The main process and all that it started. Ends with the block, or with `end`."""

    def __init__(
        self, stage: Stage, *, workers: int = 2, drain: float = 60, **environment: str
    ) -> None:
        self.workers = workers
        self.log = stage.folder / f"work-{time.monotonic_ns()}.log"
        self._out = self.log.open("w")
        self.began = time.time()
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "work", "--drain", str(drain)],
            env={
                **os.environ, "OPENAI_API_KEY": "none", **stage.intervals.environment,
                "RUN_WORKERS": str(workers), "DJANGO_SETTINGS_MODULE": "fault_rows.broken_settings",
                "PYTHONPATH": str(ROOT / "benchmarks"), "FAULTS_PLANS": str(plans(stage)),
                **environment,
            },
            cwd=ROOT, stdout=self._out, stderr=self._out,
        )  # fmt: skip
        self._pids: set[int] = set()

    def __enter__(self) -> "Machine":
        return self

    def __exit__(self, *reason: object) -> None:
        self.end()

    def up(self, seconds: float = 60) -> "Machine":
        """Wait until all its workers are there."""
        wait_for(
            lambda: len(self.pids()) >= BESIDE_WORKERS + self.workers, seconds, "no workers came up"
        )
        return self

    def pids(self) -> list[int]:
        """All processes that it has started and that live."""
        found = descendants(self.process.pid)
        self._pids |= set(found)
        return found

    def idle_workers(self) -> list[int]:
        """The workers of the cluster "runs", which is started first, while nothing is executed."""
        cluster = _children(self.process.pid)[0]
        guard = _children(cluster)[0]
        return _children(guard)[: self.workers]

    def has(self, run: Run) -> bool:
        """Whether the worker that the run's row names is one of this machine's."""
        return bool(run.worker) and worker_of(run.worker) in self.pids()

    def kill_worker(self, run: Run) -> float:
        """Kill -9 the worker that executes the run; when that was."""
        self.kill(worker_of(run.worker))
        return time.time()

    def kill(self, pid: int, number: int = signal.SIGKILL) -> None:
        os.kill(pid, number)

    def signal_all(self, number: int) -> None:
        for pid in [self.process.pid, *self.pids()]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def end(self) -> None:
        """Kill whatever is left, also what lost its parent."""
        self.pids()
        with suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        for pid in self._pids:
            if _is_ours(pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._out.close()


def standing(stage: Stage) -> Machine:
    """The machine that rows share which leave it in order, started by the first that wants it."""
    with _starting:
        machine = _standing.get(stage.kind)
        if machine is None or machine.process.poll() is not None:
            machine = _standing[stage.kind] = Machine(stage).up()
        return machine


def restarted(stage: Stage) -> Machine:
    """Another in its place, which may not be up yet; whatever is left of the first is killed."""
    put_away(stage.kind)
    with _starting:
        machine = _standing[stage.kind] = Machine(stage)
        return machine


def put_away(kind: str) -> None:
    """End it: a row has machines of its own."""
    machine = _standing.pop(kind, None)
    if machine is not None:
        machine.end()


def plans(stage: Stage) -> Path:
    folder = stage.folder / "plans"
    folder.mkdir(exist_ok=True)
    return folder


def plan(stage: Stage, run: Run, point: str, *, skip: int = 0, times: int = 1) -> Path:
    """Let the worker that executes this run kill itself at a point, after `skip` passes of it."""
    file = plans(stage) / f"{run.pk}.json"
    file.write_text(json.dumps({"point": point, "skip": skip, "times": times}))
    return file


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _is_ours(pid: int) -> bool:
    """Numbers are given again: only what runs this repository's manage.py is killed."""
    try:
        return b"manage.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
