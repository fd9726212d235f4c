"""Live progress: one line for each node as it ends, and for what goes wrong in it."""

import os
import sys

from observability.llm.context import Happening
from observability.shown import cost_text, costs_are_shown
from runs.models import EventKind, RunEvent

_ABOUT_COSTS = {Happening.WAITING, Happening.BUDGET_WARNING, Happening.OVERRUN}


class Progress:
    """Prints to standard error, so that standard output carries the result alone. A reader who
    leaves does not stop the run: the rest is left unsaid.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self._warned: set[tuple[object, ...]] = set()

    def say(self, message: str) -> None:
        if self.quiet:
            return
        try:
            print(message, file=sys.stderr, flush=True)  # noqa: T201 - the terminal is its place
        except BrokenPipeError:
            self.quiet = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())

    def __call__(self, event: RunEvent) -> None:
        """Listen to a run: `✓ Extracted 5 requirements (1.4s | $0.0015)`."""
        if event.kind == EventKind.NODE_FINISHED:
            took = f"{event.figures['seconds']:.1f}s"
            if costs_are_shown():
                took += (
                    f" | {cost_text(event.figures['cost_nusd'], event.figures.get('sources', ()))}"
                )
            self.say(f"✓ {event.message} ({took})")
            for warning in event.figures.get("warnings", []):
                self.say(f"  ! {warning}")
        elif event.kind == EventKind.WARNING:
            self._warn(event)

    def _warn(self, event: RunEvent) -> None:
        """Once for each kind of happening in a node: a server that is not there fails every call
        alike."""
        happening = event.figures.get("happening")
        hidden = event.tells_costs or happening in _ABOUT_COSTS
        once = (event.run_id, event.node, event.iteration, happening)
        if once not in self._warned and (costs_are_shown() or not hidden):
            self._warned.add(once)
            self.say(f"  ! {event.message}")
