"""How much of a node's work one request may carry."""

from collections.abc import Iterable

from observability.llm import providers, routes
from observability.llm.routes import Step
from observability.models import ModelProfile
from skills.domain import DomainContent

MOST_CHARACTERS = 200_000
LEAST_CHARACTERS = 1_000
METHOD_CHARACTERS = 12_000  # the skill's text and the answer's schema, sent with every request


def room(steps: list[Step], domain: DomainContent | None = None) -> int:
    """How many characters of input a request may carry, for every model of the route.

    An answer quotes and restates its input, so the output cap bounds the input: two characters for
    a token of output leave room for the answer's own words and JSON. And all of it together must
    fit into the context window, at three characters for a token.

    By what the run pinned, whatever became of the models since: a run that is resumed must ask the
    same questions again, to find their answers in the journal. A domain takes its part.
    """
    if domain is not None:
        return max(LEAST_CHARACTERS, room(steps) - len(domain.at_most().model_dump_json()))
    pinned = [step for step in steps if "context_window" in step]
    before = [step for step in steps if step not in pinned]  # a release that did not pin them
    return min(
        _least(_room_of(step["context_window"], step["max_output_tokens"]) for step in pinned),
        room_for(profile for step in before if (profile := routes.find(step)) is not None),
    )


def room_for(profiles: Iterable[ModelProfile]) -> int:
    """The same, for models that are not pinned yet."""
    return _least(
        _room_of(profile.context_window, profile.max_output_tokens)
        for profile in profiles
        if not providers.is_registered(profile.provider)  # no tokens, so nothing to share out
    )


def _least(rooms: Iterable[int]) -> int:
    return min([MOST_CHARACTERS, *rooms])


def _room_of(context_window: int, max_output_tokens: int) -> int:
    window = 3 * (context_window - max_output_tokens) - METHOD_CHARACTERS
    return max(LEAST_CHARACTERS, min(2 * max_output_tokens, window))
