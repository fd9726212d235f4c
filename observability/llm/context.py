"""Who asks, for what, and on whose account: handed to the gateway with every request."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from observability.models import Node


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class CallContext:
    """The dimensions that a call is booked under.

    Exactly one of `run_id` and `extraction_id` pays. `ordinal` is the batch within the node and
    iteration, from 0. `routes` are the node's pinned models in the order of asking, as
    `observability.llm.routes.pin` gives them.
    """

    project_id: int
    node: Node
    routes: list[dict[str, str]]
    run_id: UUID | None = None
    extraction_id: int | None = None
    subsystem_id: int | None = None
    person_id: int | None = None
    iteration: int = 0
    ordinal: int = 0
    skill: str = ""
    cancelled: Callable[[], bool] = field(default=_never)
