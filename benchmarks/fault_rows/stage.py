"""What every row plays on: a database, a provider with a bill of its own, projects and runs."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import Q

from fault_rows.intervals import Intervals
from observability.models import CallState, LLMCall, ModelProfile
from reqplatform.teams.models import Project
from runs.actions.specifications import add_revision
from runs.actions.start import RunOptions, start_run
from runs.models import EventKind, Run, RunEvent, RunStatus, Subsystem
from runs.waking import wake_worker
from tests.runs.paid import model, route
from tests.wire import WireServer, behaviours
from tests.wire.answers import by_analyst

CALLS_AT_ONCE = 4
WIDE = 18  # requirements, for which every node but the last asks several times
ENDED = (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.OUT_OF_BUDGET)


class Stuck(Exception):  # noqa: N818 - said of a run, not an error of the program
    """It did not come to what a row waits for."""


@dataclass
class Measured:
    """What a row found. `misses` says everything that must not be so, `late` what took too long."""

    trials: int
    figures: dict[str, object] = field(default_factory=dict)
    misses: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)

    def must(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.misses.append(otherwise)

    def zero(self, name: str, value: int) -> None:
        """A figure that must be 0."""
        self.figures[name] = value
        self.must(value == 0, f"{name}: {value}")

    def within(self, name: str, seconds: list[float], limit: float) -> None:
        """The longest of these times is a figure and must not pass the limit."""
        longest = max(seconds, default=0.0)
        self.figures[name] = f"{longest:.1f} s (limit {limit:g})"
        self.must(bool(seconds), f"{name}: nothing was measured")
        if longest > limit:
            self.late.append(f"{name}: {longest:.1f} s, limit {limit:g}")


@dataclass
class Stage:
    """`kind` is the database's, "sqlite" or "postgresql"."""

    kind: str
    long: bool
    wire: WireServer
    folder: Path
    chance: random.Random
    intervals: Intervals
    project: Project = field(init=False)
    _texts: int = 0

    def set(self, row: int) -> None:
        """A project of its own for a row, whose models are this stage's provider."""
        self.wire.reset(by_analyst)
        self.project = Project.objects.create(slug=f"row-{row}", name=f"Row {row}")
        Subsystem.objects.create(project=self.project, code="NAV", name="Navigation")
        self.project.budgets.update(max_nusd=None, warn_nusd=None)
        route(self.project, self._profile())

    def _profile(self) -> ModelProfile:
        """A model whose output cap is so small that a long specification makes many requests."""
        return model(
            "openai_compatible",
            name=f"Paid {self.project.slug}",  # rows that are played at once have one each
            base_url=self.wire.openai_url,
            max_output_tokens=1_500,
            timeout_seconds=40,
        )

    def trials(self, short: int, long: int) -> int:
        return long if self.long else short

    def run(
        self,
        text: str | bytes = "",
        *,
        wide: bool = False,
        requirements: int = 0,
        wake: bool = True,
        **options: Any,
    ) -> Run:
        """A queued run of a text of its own; `wide`: its nodes ask several requests at once."""
        self._texts += 1
        content = text or specification(
            requirements or (WIDE if wide else 2), f"{self.project.slug}/{self._texts}"
        )
        file = content if isinstance(content, bytes) else content.encode()
        revision = add_revision(None, self.project, filename=f"{self._texts}.txt", content=file)
        subsystem = Subsystem.objects.get(project=self.project)
        chosen = RunOptions(**{"unattended": True, **options})
        run = start_run(None, revision, subsystem, chosen, enqueue=False)
        if wake:
            wake_worker(run)
        return run

    @contextmanager
    def answering(self, seconds: float) -> Iterator[None]:
        """The provider takes so long for an answer, for as long as the block runs."""
        before = self.wire.default
        self.wire.default = behaviours.slow(seconds)
        try:
            yield
        finally:
            self.wire.default = before


def specification(requirements: int, mark: str) -> str:
    lines = [f"1 Requirements of {mark}"]
    for number in range(1, requirements + 1):
        lines.append(
            f"SYS-{number:03d} The Navigation subsystem shall report value {number} of {mark} to "
            f"the operator within {number + 1} s."
        )
    return "\n\n".join(lines)


def wait_for(what: Callable[[], object], seconds: float, otherwise: str) -> float:
    """Seconds until it was so. Raises Stuck after `seconds`."""
    began = time.monotonic()
    while not what():
        if time.monotonic() - began > seconds:
            raise Stuck(f"{otherwise} within {seconds:g} s")
        time.sleep(0.05)
    return time.monotonic() - began


def state(run: Run) -> str:
    run.refresh_from_db()
    return str(run.status)


def ended(runs: list[Run]) -> bool:
    working = Run.objects.filter(pk__in=[run.pk for run in runs]).exclude(status__in=ENDED)
    return not working.exists()


def wait_until_ended(runs: list[Run], seconds: float) -> None:
    wait_for(lambda: ended(runs), seconds, "not every run came to its end")


def calls_in_flight(run: Run) -> int:
    """Calls that a worker has made for the run or its extraction, and not booked yet."""
    run.refresh_from_db()
    payer = Q(run=run.pk)
    if run.extraction_id:
        payer |= Q(extraction=run.extraction_id)
    return LLMCall.objects.filter(payer, state=CallState.HELD).count()


def wait_for_calls(runs: list[Run], at_least: int = 1, seconds: float = 40) -> None:
    """Wait until models are answering for each of the runs."""
    wait_for(
        lambda: all(calls_in_flight(run) >= at_least for run in runs),
        seconds,
        f"{at_least} calls of each run were not under way",
    )


def wait_for_claims(run: Run, count: int, seconds: float) -> None:
    wait_for(lambda: len(claims(run)) >= count, seconds, f"{run} was not taken {count} times")


def wait_for_state(run: Run, status: RunStatus, seconds: float) -> None:
    wait_for(lambda: state(run) == status, seconds, f"{run} was not {status}")


def claims(run: Run) -> list[datetime]:
    """When a worker took the run, each time."""
    rows = run.events.filter(kind=EventKind.STATUS, figures__status=RunStatus.RUNNING.value)
    return list(rows.order_by("seq").values_list("created_at", flat=True))


def starts(run: Run) -> dict[tuple[str, int], int]:
    """How often each node of a run was begun, by node and iteration."""
    return _counted(run, EventKind.NODE_STARTED)


def finishes(run: Run) -> dict[tuple[str, int], int]:
    return _counted(run, EventKind.NODE_FINISHED)


def _counted(run: Run, kind: EventKind) -> dict[tuple[str, int], int]:
    found: dict[tuple[str, int], int] = {}
    for event in RunEvent.objects.filter(run=run, kind=kind):
        key = (str(event.node), event.iteration or 0)
        found[key] = found.get(key, 0) + 1
    return found
