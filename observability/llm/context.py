"""Who asks, for what, and on whose account: handed to the gateway with every request."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from observability.budgets import Payer
from observability.models import Node


class Happening(StrEnum):
    """What whoever asked is told of while its answer is being fetched."""

    RETRY = "retry"
    FALLBACK = "fallback"
    WAITING = "waiting"  # for what others hold of a budget
    BUDGET_WARNING = "budget_warning"
    OVERRUN = "overrun"


@dataclass(frozen=True, slots=True)
class Notice:
    kind: Happening
    message: str
    figures: dict[str, Any] = field(default_factory=dict)


def _never() -> bool:
    return False


def _ignore(notice: Notice) -> None:
    pass


@dataclass(frozen=True, slots=True)
class CallContext:
    """The dimensions that a call is booked under.

    Exactly one of `run_id` and `extraction_id` pays. An extraction is booked to its revision, but
    is made by a run: `guarded_by` is the run whose budget limits it all the same. `ordinal` is the
    batch within the node and iteration, from 0. `routes` are the node's pinned models in the order
    of asking, as `observability.llm.routes.pin` gives them. `cancelled` ends a call under way,
    `draining` lets it end by itself, and after either no other is begun; they and `tell` may be
    called from several threads.
    """

    project_id: int
    node: Node
    routes: list[dict[str, Any]]
    run_id: UUID | None = None
    extraction_id: int | None = None
    guarded_by: UUID | None = None
    group: str = ""
    time_zone: str = ""
    subsystem_id: int | None = None
    person_id: int | None = None
    iteration: int = 0
    ordinal: int = 0
    skill: str = ""
    cancelled: Callable[[], bool] = field(default=_never)
    draining: Callable[[], bool] = field(default=_never)
    tell: Callable[[Notice], None] = field(default=_ignore)

    @property
    def payer(self) -> Payer:
        return Payer(self.project_id, self.guarded_by or self.run_id, self.group, self.time_zone)
