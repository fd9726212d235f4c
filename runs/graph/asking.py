"""A request as messages, and its answer through the gateway."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel

from observability.llm import gateway
from observability.llm.context import CallContext
from observability.models import Node
from runs.analyst import envelope
from runs.requests import Frozen
from skills.models import SkillVersion

Answer = TypeVar("Answer", bound=BaseModel)


def ask(
    context: CallContext,
    skill: SkillVersion,
    request: Frozen,
    schema: type[Answer],
    check: Callable[[Answer], None] = lambda answer: None,
) -> Answer:
    """The answer of the first model on the node's route that gives one that fits and passes
    `check`, which raises BadAnswer."""
    task = Node(context.node).value
    messages = envelope.render(task, skill.body, skill.parameters, request, schema)
    return gateway.complete(context, messages, schema, check)
