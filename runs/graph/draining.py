"""Whether this worker is to lay its run down after the node that it is at.

The process that is told to stop says so, and the workers that it forked see it: a byte of memory
that they share. Without a lock, which a worker that is killed would take with it.
"""

import multiprocessing


class Drained(Exception):  # noqa: N818 - a fact about the world, not a fault
    """The worker stops; its run goes on elsewhere, from its last checkpoint."""


_asked = multiprocessing.RawValue("b", 0)


def begin() -> None:
    """Begin no further node, here and in all processes that were forked from this one."""
    _asked.value = 1


def is_on() -> bool:
    return bool(_asked.value)
