"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable


def eventually(what: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether it becomes true within so many seconds."""
    until = time.monotonic() + seconds
    while not what() and time.monotonic() < until:
        time.sleep(0.02)
    return what()
