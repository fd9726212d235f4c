"""Live progress: one line for each node as it ends."""

import os
import sys

from observability.shown import cost_text, costs_are_shown
from runs.models import EventKind, RunEvent


class Progress:
    """Prints to standard error, so that standard output carries the result alone. A reader who
    leaves does not stop the run: the rest is left unsaid.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet

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
