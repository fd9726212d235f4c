"""Pronouns whose noun the reader has to guess."""

from collections.abc import Iterator

from runs.language.span import Span
from runs.quality.lexicon import word_set
from runs.quality.statement import Statement

_PERSONAL = word_set("it they he she")
_POINTING = word_set("this that these those")
_VERBS = word_set(
    "is are was were be been has have had does do did shall must should will would may might can "
    "could includes include allows allow means enables applies apply requires require happens "
    "occurs also"
)
_LONGEST_BEFORE = 40  # words in which the noun is looked for
_DETERMINERS = word_set("the a an each every all any no its their his her this that these those")
# "It shall be possible to ...", "it is assumed that ...": an empty subject, no pronoun.
_EMPTY_SUBJECT = word_set(
    "possible impossible necessary required recommended assumed noted allowed permitted desirable "
    "essential important expected envisaged understood acceptable sufficient considered "
    "emphasized emphasised stated known feasible advisable optional mandatory intended clear "
    "responsibility intent intention goal aim duty task question matter fact anticipated better "
    "best appropriate inappropriate recognized recognised likely unlikely hoped suggested useful "
    "crucial vital critical planned foreseen preferable worth up requirement challenge difficult "
    "easy"
)
_EMPTY_WITHIN = 6  # words behind "it"


def vague_pronouns(statement: Statement) -> Iterator[Span]:
    """A pronoun that opens a sentence as its subject and has no noun to stand for, or several.

    "The pump runs. It shall stop." has one noun, so nobody has to guess. "This shall ..." points at
    all that was said before, so it is reported wherever it opens a main clause.
    """
    starts = {sentence.start for sentence in statement.sentences}
    words = statement.words
    for index, word in enumerate(words):
        if word.lower not in _PERSONAL | _POINTING:
            continue
        following = [later.lower for later in words[index + 1 : index + 1 + _EMPTY_WITHIN]]
        if not following or following[0] not in _VERBS:
            continue
        if word.lower in _POINTING:
            vague = _points_back(statement, index, starts)
        else:
            empty = word.lower == "it" and not _EMPTY_SUBJECT.isdisjoint(following)
            vague = not empty and _is_ambiguous(statement, index, starts)
        if vague:
            yield Span(word.start, word.end)


def _points_back(statement: Statement, index: int, starts: set[int]) -> bool:
    """ "This shall ..." as a clause's own subject; "a prerequisite for this is" has another."""
    word = statement.words[index]
    behind = statement.words[index + 1]
    if statement.text[behind.end : behind.end + 2].strip()[:1] == ":":
        return False  # "These are:" says itself what they are
    if word.start in starts:
        return True
    if not index or word.lower == "that":
        return False
    before = statement.text[statement.words[index - 1].end : word.start].strip()
    return before in (",", ";", ":")


def _is_ambiguous(statement: Statement, index: int, starts: set[int]) -> bool:
    """Whether a subject has no noun before it in the text, or two that compete for it."""
    words = statement.words
    word = words[index]
    if word.start in starts:
        if not index:
            return True
        sentence = statement.sentence_at(words[index - 1].start)
        return _nouns(statement, sentence.start, index) != 1
    if not index or statement.text[words[index - 1].end : word.start].strip() != ",":
        return False
    return _nouns(statement, statement.sentence_at(word.start).start, index) > 1


def _nouns(statement: Statement, start: int, index: int) -> int:
    """How many nouns a determiner announces from `start` up to the word."""
    first = max(statement.word_index(start), index - _LONGEST_BEFORE)
    return sum(1 for other in statement.words[first:index] if other.lower in _DETERMINERS)
