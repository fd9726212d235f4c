"""The child process that reads one untrusted file: bytes in, a document or a refusal out.

Run as `python -m runs.documents.child NAME SECONDS MEMORY_MB`. The first byte of the answer is
"D" (a document follows, see `serialise`) or "R" (a JSON list: code and message of the refusal).
"""

import contextlib
import json
import os
import sys

from .errors import DocumentRefused


def restrict(seconds: float, memory_mb: int) -> None:
    """Bound this process: processor time, memory, no core file, no file ever written."""
    try:
        import resource
    except ImportError:  # Windows: the parent's clock still bounds it
        return
    cpu = int(seconds) + 1
    limits = (
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_AS, memory_mb * 2**20),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    )
    for limit, value in limits:
        with contextlib.suppress(ValueError, OSError):  # a lower limit was already set, or macOS
            resource.setrlimit(limit, (value, value))


def answer(content: bytes, name: str) -> bytes:
    """What goes back through the pipe."""
    from .parsing import parse
    from .serialise import to_bytes

    try:
        return b"D" + to_bytes(parse(content, name))
    except DocumentRefused as refusal:
        return b"R" + json.dumps([refusal.code, str(refusal)]).encode()
    except MemoryError:
        return b"R" + json.dumps(["too_complex", ""]).encode()


def main() -> None:
    name, seconds, memory_mb = sys.argv[1:4]
    restrict(float(seconds), int(memory_mb))
    # Whatever a library prints must not get between the bytes of the answer.
    with os.fdopen(os.dup(1), "wb") as pipe:
        os.dup2(2, 1)
        pipe.write(answer(sys.stdin.buffer.read(), name))


if __name__ == "__main__":
    main()
