"""Short transactions that lost a race for a lock, or their connection, done again soon after."""

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection

P = ParamSpec("P")
R = TypeVar("R")

MOST_TRIES = 8
AWAY_SECONDS = 30.0  # how long a database that is away is waited for
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


def is_away(error: Exception) -> bool:
    """Whether the database could not be reached, or went away in between."""
    if isinstance(error, InterfaceError):
        return True
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    if state is not None:  # connection exception; shutdown, crash, or starting up
        return state.startswith("08") or state in {"57P01", "57P02", "57P03"}
    return isinstance(error, OperationalError) and connection.vendor == "postgresql"


def retried(function: Callable[P, R]) -> Callable[P, R]:
    """Do `function`, which is one whole transaction, again if it met contention, or while the
    database is away, for half a minute. It may have been committed before the connection broke: it
    has to be one that does no harm when it is done twice.

    Within an outer transaction nothing can be done again: the error is raised as it is.
    """

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        began, tried = time.monotonic(), 0
        while True:
            try:
                return function(*args, **kwargs)
            except (OperationalError, InterfaceError) as error:
                if connection.in_atomic_block:
                    raise
                tried += 1
                if is_away(error) and time.monotonic() - began < AWAY_SECONDS:
                    connection.close()
                    time.sleep(random.uniform(0.3, 0.7))  # noqa: S311 - jitter
                elif isinstance(error, OperationalError) and is_contention(error):
                    if tried >= MOST_TRIES:
                        raise
                    time.sleep(random.uniform(0.2, 1.0) * 0.01 * 2**tried)  # noqa: S311
                else:
                    raise

    return wrapper
