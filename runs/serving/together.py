"""Children that live and end together, under one watchdog."""

import signal
from collections.abc import Callable, Iterator
from typing import Any

from django.core.management.base import CommandError, OutputWrapper

from runs.models import Run, RunStatus
from runs.serving import schedules
from runs.serving.children import Child, stop
from runs.serving.watchdog import Watchdog


def run_together(
    stderr: OutputWrapper, begin: Callable[[], Iterator[Child]], *, drain_seconds: float
) -> None:
    """Start children and look after them until a signal, or until one of them ends by itself, which
    is a CommandError. The others get `drain_seconds` to end in order, unless a second signal comes.
    Whatever goes wrong here, none is left without its watchdog.
    """
    signals = 0

    def count(number: int, frame: Any) -> None:
        # Not raised: it would find us between the start of a child and knowing of it.
        nonlocal signals
        signals += 1

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, count)
    schedules.ensure()
    watchdog = Watchdog()
    try:
        for child in begin():
            watchdog.children.append(child)
        dead = watchdog.watch(until=lambda: signals > 0)
        if dead is None:
            stderr.write("Stopping.")
    finally:
        asked_before = signals
        stop(watchdog.still_there(), drain_seconds, at_once=lambda: signals > asked_before)
    _say_what_was_cut_off(stderr)
    if dead is not None:
        raise CommandError(
            f"The {dead.name} stopped by itself (exit code {dead.exit_code}), so the rest was "
            "stopped too. What it said last is above; start it again."
        )


def _say_what_was_cut_off(stderr: OutputWrapper) -> None:
    cut_off = Run.objects.filter(status=RunStatus.RUNNING).count()
    if cut_off:
        stderr.write(
            f"{cut_off} run{'s were' if cut_off > 1 else ' was'} cut off; the next start goes on "
            "from the last checkpoint."
        )
