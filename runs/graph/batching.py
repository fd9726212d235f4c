"""Cutting a node's work into requests that fit a model."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from observability.llm import routes

T = TypeVar("T")

MOST_CHARACTERS = 200_000


def room(steps: list[dict[str, str]]) -> int:
    """How many characters of input a request may carry, for every model of the route.

    An answer quotes and restates its input, so the output cap bounds the input: two characters for
    a token of output leave room for the answer's own words and JSON.
    """
    caps = [routes.profile_of(step["model"]).max_output_tokens for step in steps]
    return min(MOST_CHARACTERS, 2 * min(caps))


def batches(
    items: Iterable[T],
    size: Callable[[T], int],
    limit: int,
    *,
    may_break_before: Callable[[T], bool] = lambda item: True,
) -> Iterator[list[T]]:
    """Lists of consecutive items whose sizes add up to at most `limit`.

    A batch is cut only where `may_break_before` allows it, unless that would make it more than
    twice as large. A single item above the limit is a batch of its own.
    """
    batch: list[T] = []
    total = 0
    for item in items:
        over = total + size(item) - limit
        if batch and over > 0 and (may_break_before(item) or over > limit):
            yield batch
            batch, total = [], 0
        batch.append(item)
        total += size(item)
    if batch:
        yield batch
