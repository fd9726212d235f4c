"""Being stopped from outside, with the run left so that it can go on."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from reqplatform.errors import Conflict
from runs.actions.cancel import cancel_run
from runs.models import Run, RunStatus


@contextmanager
def sigterm_interrupts() -> Iterator[None]:
    """Within, SIGTERM raises KeyboardInterrupt, as Ctrl-C does. For the main thread."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def leave(run: Run) -> None:
    """Cancel a run that its command was to execute and had not begun: nobody else would."""
    run.refresh_from_db()
    if run.status == RunStatus.QUEUED:
        with suppress(Conflict):  # somebody else has just ended it
            cancel_run(None, run)
