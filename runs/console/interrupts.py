"""Being stopped from outside, with the run left so that it can go on."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from reqplatform.errors import Conflict
from runs.actions.cancel import cancel_run
from runs.graph.asking import interrupted
from runs.models import Run, RunStatus


@contextmanager
def sigterm_interrupts() -> Iterator[None]:
    """Within, SIGTERM raises KeyboardInterrupt, as Ctrl-C does, and either hangs up calls of models
    wherever it finds this process. For the main thread."""
    before = [(number, signal.signal(number, _interrupt)) for number in _ENDING]
    try:
        yield
    finally:
        interrupted.clear()
        for number, handler in before:
            signal.signal(number, handler)


_ENDING = (signal.SIGINT, signal.SIGTERM)


def _interrupt(number: int, frame: object) -> None:
    interrupted.set()
    raise KeyboardInterrupt


def leave(run: Run) -> None:
    """Cancel a run that its command was to execute and had not begun: nobody else would."""
    run.refresh_from_db()
    if run.status == RunStatus.QUEUED:
        with suppress(Conflict):  # somebody else has just ended it
            cancel_run(None, run)
