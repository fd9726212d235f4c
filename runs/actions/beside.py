"""Something done every so many seconds beside a block, for as long as the block runs."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

log = logging.getLogger(__name__)


@contextmanager
def beside(name: str, seconds: float, work: Callable[[], object]) -> Iterator[None]:
    """Do `work` every so many seconds in a thread called `name`, until it says False or the block
    ends. An error of it is logged and left to the next time."""
    stop = threading.Event()

    def repeat() -> None:
        try:
            while not stop.wait(seconds):
                try:
                    if work() is False:
                        return
                except Exception:
                    log.warning("The %s failed; it is done again soon.", name, exc_info=True)
                    connection.close()
        finally:
            connection.close()

    thread = threading.Thread(target=repeat, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
