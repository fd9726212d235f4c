"""Pronouns whose noun the reader has to guess."""

from collections.abc import Iterator

from runs.language.span import Span
from runs.quality.lexicon import word_set
from runs.quality.statement import Statement

_SUBJECTS = word_set("it they he she these those this that")
_LONGEST_CONDITION = 40  # words
_POINTING = word_set("this that these those")
_VERBS = word_set(
    "is are was were be been has have had does do did shall must should will would may might can "
    "could includes include allows allow means enables applies apply requires require happens "
    "occurs also"
)
# "It shall be possible to ...", "it is assumed that ...": an empty subject, no pronoun.
_EMPTY_SUBJECT = word_set(
    "possible impossible necessary required recommended assumed noted allowed permitted desirable "
    "essential important expected envisaged understood acceptable sufficient considered "
    "emphasized stated known feasible advisable optional mandatory intended clear"
)


def vague_pronouns(statement: Statement) -> Iterator[Span]:
    """A pronoun that opens a sentence as its subject, and "this shall ..." anywhere."""
    starts = {sentence.start for sentence in statement.sentences}
    words = statement.words
    for index, word in enumerate(words):
        if word.lower not in _SUBJECTS:
            continue
        following = [later.lower for later in words[index + 1 : index + 6]]
        next_word = following[0] if following else ""
        opens = word.start in starts or _follows_condition_comma(statement, index)
        if word.lower == "it" and _EMPTY_SUBJECT.intersection(following[:5]):
            continue
        if next_word not in _VERBS or (word.lower == "that" and not opens):
            continue
        if opens or word.lower in _POINTING - {"that"}:
            yield Span(word.start, word.end)


def _follows_condition_comma(statement: Statement, index: int) -> bool:
    """In "If the buffer and the queue are full, it shall ..." two nouns compete for "it"."""
    if not index:
        return False
    before, word = statement.words[index - 1], statement.words[index]
    if statement.text[before.end : word.start].strip() != ",":
        return False
    sentence = statement.sentence_at(word.start)
    first = max(statement.word_index(sentence.start), index - _LONGEST_CONDITION)
    clause = statement.words[first:index]
    return sum(1 for other in clause if other.lower in ("the", "a", "an")) > 1
