"""A stretch of a text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` (inclusive) to `end` (exclusive) of some text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]


def trimmed(text: str, start: int, end: int) -> Span:
    """The span without the white space at its edges."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)
