"""Finds words of a list where they are used in their ordinary, and so judgeable, sense."""

from collections.abc import Callable, Iterator, Mapping

from runs.language.span import Span
from runs.quality.lexicon import Lexicon
from runs.quality.rules.rule import Hit
from runs.quality.statement import Statement


def _table(entries: str) -> Mapping[str, frozenset[str]]:
    """Reads "word: neighbour neighbour; word: neighbour" as a mapping."""
    pairs = (entry.split(":") for entry in " ".join(entries.split()).split(";") if entry.strip())
    return {word.strip(): frozenset(neighbours.split()) for word, neighbours in pairs}


# Beside these neighbours the word says something definite, or the phrase is another rule's.
_DEFINITE_BEFORE_NEXT = _table(
    """other: than; different: from; such: as that a an; specific: to; particular: to; rather: than;
    common: to mode ground; standard: deviation; full: duplex scale load stop hd; possible: to for;
    familiar: with; consistent: with; necessary: to for; long: as;
    short: circuit circuits; low: pass; high: pass; far: as; much: as; many: as; often: as;
    near: field; well: as known; limited: to by; general: purpose; some: time;
    clear: text; safe: state mode; logical: or and not volume address; additional: to;
    special: character characters; individual: person;
    general: public; normal: mode operation operations to; main: menu; overall: length width height;
    critical: path"""
)
_DEFINITE_AFTER = _table(
    """well: as deep oil; other: each the no every; such: as no; far: so as; long: as no;
    much: as too; many: how as too; often: how; possible: be is as if where when not; specific: the;
    full: in;
    necessary: be is if as where when not; particular: in; general: in; common: in;
    high: logic active; low: logic active; enough: good; quite: not; normally: not;
    important: it; normal: the; critical: time safety mission;
    clear: be to; standard: the a iso iec ieee"""
)


def neighbours(statement: Statement, first: int, last: int) -> tuple[str, str]:
    """The words before and after words first..last in lower case, "" at the text's ends."""
    words = statement.words
    before = words[first - 1].lower if first else ""
    after = words[last + 1].lower if last + 1 < len(words) else ""
    return before, after


def word_span(statement: Statement, first: int, last: int) -> Span:
    return Span(statement.words[first].start, statement.words[last].end)


def occurrences(
    statement: Statement,
    lexicon: Lexicon,
    is_harmless: Callable[[Statement, int, int], bool] | None = None,
) -> Iterator[Span]:
    """Matches outside of names and terms, without those that `is_harmless` knows to be definite."""
    for first, last in lexicon.find(statement.text, statement.words):
        span = word_span(statement, first, last)
        if statement.heeds_context:
            if is_harmless is not None and is_harmless(statement, first, last):
                continue
            if statement.in_term(span):
                continue
        yield span


def is_definite(statement: Statement, first: int, last: int) -> bool:
    """ "other than", "short circuit", "as well as": single words that their neighbour settles."""
    if first != last:
        return False
    word = statement.words[first].lower
    before, after = neighbours(statement, first, last)
    return before in _DEFINITE_AFTER.get(word, ()) or after in _DEFINITE_BEFORE_NEXT.get(word, ())


def lexical(lexicon: Lexicon) -> Callable[[Statement], Iterator[Hit]]:
    """A detector that reports every ordinary occurrence of the lexicon's phrases."""

    def detect(statement: Statement) -> Iterator[Hit]:
        return (Hit(span.start, span.end) for span in occurrences(statement, lexicon))

    return detect
