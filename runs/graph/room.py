"""How much of a node's work one request may carry."""

from observability.llm import routes

MOST_CHARACTERS = 200_000


def room(steps: list[dict[str, str]]) -> int:
    """How many characters of input a request may carry, for every model of the route.

    An answer quotes and restates its input, so the output cap bounds the input: two characters for
    a token of output leave room for the answer's own words and JSON.
    """
    caps = [profile.max_output_tokens for profile in routes.usable(steps)]
    return min([MOST_CHARACTERS, *(2 * cap for cap in caps)])
