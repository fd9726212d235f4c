"""Counts of what was found, and what follows from them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one document, set or class; precision, recall and F1 are derived from them."""

    name: str
    hits: int
    found: int
    expected: int

    @property
    def precision(self) -> float:
        return self.hits / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.hits / self.expected if self.expected else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.hits / (self.found + self.expected) if self.hits else 0.0


def total(scores: Sequence[Score]) -> Score:
    """All of them as one (micro average)."""
    return Score(
        "all",
        sum(score.hits for score in scores),
        sum(score.found for score in scores),
        sum(score.expected for score in scores),
    )


def macro_f1(scores: Sequence[Score]) -> float:
    """The mean of their F1: a rare class counts as much as a frequent one."""
    return sum(score.f1 for score in scores) / len(scores) if scores else 0.0
