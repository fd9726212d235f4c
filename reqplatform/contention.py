"""Short transactions that lost a race for a lock, done again after a moment."""

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

P = ParamSpec("P")
R = TypeVar("R")

MOST_TRIES = 8
# SQLite's busy (5) and locked (6); PostgreSQL's serialization failure and deadlock detected.
_SQLITE_BUSY = {5, 6}
_POSTGRESQL_BUSY = {"40001", "40P01", "55P03"}


def is_contention(error: OperationalError) -> bool:
    """Whether the transaction was rolled back only because others were at work."""
    cause = error.__cause__
    extended = getattr(cause, "sqlite_errorcode", None)
    if extended is not None:  # the low byte is the primary code
        return (extended & 0xFF) in _SQLITE_BUSY
    return getattr(cause, "sqlstate", None) in _POSTGRESQL_BUSY


def retried(function: Callable[P, R]) -> Callable[P, R]:
    """Do `function`, which is one whole transaction, again if it met contention.

    Within an outer transaction nothing can be done again: the error is raised as it is.
    """

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        for tried in range(1, MOST_TRIES + 1):
            try:
                return function(*args, **kwargs)
            except OperationalError as error:
                nested = connection.in_atomic_block
                if nested or tried == MOST_TRIES or not is_contention(error):
                    raise
                time.sleep(random.uniform(0.2, 1.0) * 0.01 * 2**tried)  # noqa: S311 - jitter
        raise AssertionError("unreachable")

    return wrapper
