"""How much of a node's work one request may carry."""

from collections.abc import Iterable

from observability.llm import providers, routes
from observability.models import ModelProfile

MOST_CHARACTERS = 200_000
LEAST_CHARACTERS = 1_000
METHOD_CHARACTERS = 12_000  # the skill's text and the answer's schema, sent with every request


def room(steps: list[routes.Step]) -> int:
    """How many characters of input a request may carry, for every model of the route.

    An answer quotes and restates its input, so the output cap bounds the input: two characters for
    a token of output leave room for the answer's own words and JSON. And all of it together must
    fit into the context window, at three characters for a token.
    """
    return room_for(routes.usable(steps))


def room_for(profiles: Iterable[ModelProfile]) -> int:
    """The same, for the models of a route that can be asked."""
    return min([MOST_CHARACTERS, *map(_room_of, profiles)])


def _room_of(profile: ModelProfile) -> int:
    if providers.is_registered(profile.provider):  # no tokens, so nothing to share out
        return MOST_CHARACTERS
    window = 3 * (profile.context_window - profile.max_output_tokens) - METHOD_CHARACTERS
    return max(LEAST_CHARACTERS, min(2 * profile.max_output_tokens, window))
