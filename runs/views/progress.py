"""How far a run is: its steps, told from its events."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from observability.models import Node
from runs.models import EventKind, Run, RunEvent, RunStatus


class StepState(StrEnum):
    DONE = "done"
    RUNNING = "running"
    STOPPED = "stopped"  # begun, and the run does not work any more
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Step:
    """One node in one iteration (0 for those before the loop)."""

    node: Node
    iteration: int
    state: StepState
    message: str = ""


def steps_of(run: Run, events: Iterable[RunEvent]) -> list[Step]:
    """What was begun, in its order, then the nodes that are still ahead unless the run is over."""
    begun: dict[tuple[Node, int], RunEvent] = {}
    for event in events:
        if event.kind in {EventKind.NODE_STARTED, EventKind.NODE_FINISHED}:
            begun[Node(event.node), event.iteration] = event
    steps = [_step(run, event) for event in begun.values()]
    if run.status == RunStatus.COMPLETED:
        return steps
    reached = max((list(Node).index(step.node) for step in steps[-1:]), default=-1)
    return steps + [Step(node, 0, StepState.AHEAD) for node in list(Node)[reached + 1 :]]


def _step(run: Run, event: RunEvent) -> Step:
    if event.kind == EventKind.NODE_FINISHED:
        state = StepState.DONE
    else:
        state = StepState.RUNNING if run.status == RunStatus.RUNNING else StepState.STOPPED
    message = event.message if state == StepState.DONE else ""
    return Step(Node(event.node), event.iteration, state, message)
