"""Children that live and end together, under one watchdog."""

import signal
from collections.abc import Callable
from typing import Any

from django.core.management.base import CommandError, OutputWrapper

from runs.models import Run, RunStatus
from runs.serving.children import Child, stop
from runs.serving.watchdog import Watchdog


def run_together(
    stderr: OutputWrapper, begin: Callable[[], list[Child]], *, drain_seconds: float
) -> None:
    """Start children and look after them until a signal, or until one of them ends by itself, which
    is a CommandError. The others get `drain_seconds` to end in order, unless a second signal comes.
    """
    signal.signal(signal.SIGTERM, _as_interrupt)
    watchdog = Watchdog([])
    try:
        watchdog.children = begin()
        dead = watchdog.watch()
    except KeyboardInterrupt:
        stderr.write("Stopping.")
        return
    finally:
        try:
            stop(watchdog.still_there(), drain_seconds)
        except KeyboardInterrupt:
            stop(watchdog.still_there(), 0)
        _say_what_was_cut_off(stderr)
    raise CommandError(
        f"The {dead.name} stopped by itself (exit code {dead.process.returncode}), so the rest "
        "was stopped too. What it said last is above; start it again."
    )


def _say_what_was_cut_off(stderr: OutputWrapper) -> None:
    cut_off = Run.objects.filter(status=RunStatus.RUNNING).count()
    if cut_off:
        stderr.write(
            f"{cut_off} run{'s were' if cut_off > 1 else ' was'} cut off; the next start goes on "
            "from the last checkpoint."
        )


def _as_interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt
