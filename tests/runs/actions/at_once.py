"""Several people, or several workers, at the same moment and on connections of their own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def at_once(*acts: Callable[[], T]) -> list[T | Exception]:
    """What each act returned or raised, in the order of the acts."""
    barrier = Barrier(len(acts))

    def do(act: Callable[[], T]) -> T | Exception:
        barrier.wait(timeout=10)
        try:
            return act()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(do, acts))


def all_at_once(*acts: Callable[[], T]) -> list[T]:
    """What each act returned. Raises what one of them raised."""
    results: list[T] = []
    for outcome in at_once(*acts):
        if isinstance(outcome, Exception):
            raise outcome
        results.append(outcome)
    return results


def raised(outcomes: Sequence[object]) -> list[Exception]:
    return [outcome for outcome in outcomes if isinstance(outcome, Exception)]
