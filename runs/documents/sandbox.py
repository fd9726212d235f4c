"""Reads an untrusted file in a child process that is bounded in time and memory."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

from .document import Document
from .errors import DocumentRefused
from .kinds import kind_of
from .limits import PARSE_MEMORY_MB, PARSE_SECONDS
from .parsing import check_size
from .serialise import from_bytes

logger = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[2]
# The child needs no secrets: of the environment it gets only what Python itself looks at.
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH")


def parse_safely(
    content: bytes,
    name: str,
    *,
    seconds: float = PARSE_SECONDS,
    memory_mb: int = PARSE_MEMORY_MB,
) -> Document:
    """`parsing.parse` in a child process. `seconds` is wall time, `memory_mb` address space.

    Works in threads and in daemonic workers. Raises nothing but DocumentRefused.
    """
    return from_bytes(parse_to_bytes(content, name, seconds=seconds, memory_mb=memory_mb))


def parse_to_bytes(
    content: bytes,
    name: str,
    *,
    seconds: float = PARSE_SECONDS,
    memory_mb: int = PARSE_MEMORY_MB,
) -> bytes:
    """Like `parse_safely`, but the document as `serialise.to_bytes` packs it, ready to store."""
    check_size(content)
    kind_of(content, name)  # refuse cheaply what needs no child
    output = _run(content, name, seconds, memory_mb)
    if output[:1] == b"D":
        return output[1:]
    code, message = json.loads(output[1:])
    raise DocumentRefused(code, message or _TOO_MUCH_MEMORY.format(memory_mb))


_TOO_MUCH_MEMORY = (
    "Reading the document took more than {} MB of memory. Remove large pictures or split it into "
    "several documents."
)


def _run(content: bytes, name: str, seconds: float, memory_mb: int) -> bytes:
    printable = name.encode("utf-8", "replace").decode().replace("\0", "")
    command = [
        sys.executable,
        "-m",
        f"{__package__}.child",
        printable,
        str(seconds),
        str(memory_mb),
    ]
    environment = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module; the name is data
            command,
            input=content,
            capture_output=True,
            timeout=seconds,
            cwd=_ROOT,
            env=environment | {"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _out_of_time(seconds) from None
    if done.returncode == 0 and done.stdout[:1] in (b"D", b"R"):
        return done.stdout
    logger.error("the parsing child ended with %s: %s", done.returncode, done.stderr[-2000:])
    raise _explained(done.returncode, done.stderr, seconds, memory_mb)


def _explained(code: int, errors: bytes, seconds: float, memory_mb: int) -> DocumentRefused:
    import signal

    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return _out_of_time(seconds)
    if b"MemoryError" in errors or code == -signal.SIGABRT:
        return DocumentRefused("too_complex", _TOO_MUCH_MEMORY.format(memory_mb))
    return DocumentRefused(
        "corrupt",
        "The program that reads documents stopped in the middle of this file, which is probably "
        "damaged. Open it, save it again under a new name and upload that.",
    )


def _out_of_time(seconds: float) -> DocumentRefused:
    return DocumentRefused(
        "time_limit",
        f"Reading the document took longer than {seconds:g} seconds. It may be damaged; save it "
        "again, without pictures, or split it into several documents.",
    )
