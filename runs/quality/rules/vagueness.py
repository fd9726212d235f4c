"""Vague, subjective and unspecific words, where no number or neighbour settles them."""

from collections.abc import Iterator

from runs.quality.rules import terms
from runs.quality.rules.rule import Hit
from runs.quality.rules.wording import is_definite, occurrences
from runs.quality.statement import Statement


def vague(statement: Statement) -> Iterator[Hit]:
    """Judgements and unmeasured amounts; what escape, time and performance rules report is left."""
    elsewhere = {
        word
        for lexicon in (terms.ESCAPE, terms.UNBOUNDED_TIME, terms.PERFORMANCE)
        for first, last in lexicon.find(statement.text, statement.words)
        for word in range(first, last + 1)
    }

    def is_harmless(statement: Statement, first: int, last: int) -> bool:
        return first in elsewhere or is_definite(statement, first, last)

    for span in occurrences(statement, terms.VAGUE, is_harmless):
        if not statement.has_number_near(span, before=1, after=4):
            yield Hit(span.start, span.end)
    for span in occurrences(statement, terms.GRADED, is_harmless):
        if not statement.has_number_near(span, before=8, after=8):
            yield Hit(span.start, span.end)


def subjective(statement: Statement) -> Iterator[Hit]:
    """What somebody feels about the product, unless a measure follows."""
    for span in occurrences(statement, terms.SUBJECTIVE, is_definite):
        if not statement.has_number_near(span, before=1, after=8):
            yield Hit(span.start, span.end)


def unspecific(statement: Statement) -> Iterator[Hit]:
    """Modifiers that point at things without naming them."""
    escapes = {
        word
        for first, last in terms.ESCAPE.find(statement.text, statement.words)
        for word in range(first, last + 1)
    }

    def is_harmless(statement: Statement, first: int, last: int) -> bool:
        return first in escapes or is_definite(statement, first, last)

    for span in occurrences(statement, terms.UNSPECIFIC, is_harmless):
        if not statement.has_number_near(span, before=1, after=1):
            yield Hit(span.start, span.end)
