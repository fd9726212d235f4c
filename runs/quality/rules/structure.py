"""How a statement is built: its modal verbs, its main clauses, what holds them together."""

from collections.abc import Iterator
from itertools import pairwise

from runs.language.clauses import parse_clause
from runs.language.conjuncts import split_actions
from runs.language.modals import Modal, Strength
from runs.language.span import Span
from runs.language.verbs import is_base_verb
from runs.language.words import words as words_in
from runs.quality.lexicon import word_set
from runs.quality.rules import terms
from runs.quality.rules.rule import Hit
from runs.quality.rules.wording import occurrences
from runs.quality.statement import Statement

LONGEST_SENTENCE = 45
"""Words. Guidance for technical prose puts the limit between 25 and 40; this leaves some room."""

_OBLIGING = (Strength.BINDING, Strength.RECOMMENDED)
_SUBORDINATING = word_set(
    "if when while where whenever wherever until unless that which who whose whom as once after "
    "before because since how what whether"
)


def _obligations(statement: Statement) -> Iterator[Modal]:
    """The modal verbs of main clauses that oblige or recommend."""
    for modal in statement.modals:
        if modal.strength in _OBLIGING and not _is_subordinate(statement, modal.start):
            yield modal


def _is_subordinate(statement: Statement, position: int) -> bool:
    """Does "which", "that", "if" or the like open the clause that the position is in?"""
    words = statement.words
    sentence = statement.sentence_at(position)
    index = statement.word_index(position)
    later_start = position
    for word in reversed(words[max(0, index - 8) : index]):
        between = statement.text[word.end : later_start]
        if word.start < sentence.start or "," in between or ";" in between or ":" in between:
            return False
        if word.lower in _SUBORDINATING:
            return True
        later_start = word.start
    return False


def several_obligations(statement: Statement) -> Iterator[Hit]:
    """Every obligation after the first: each is a requirement of its own."""
    obligations = _obligations(statement)
    next(obligations, None)
    for modal in obligations:
        yield Hit(modal.start, modal.end)


def several_actions(statement: Statement) -> Iterator[Hit]:
    """The verb of every action after the first that one modal verb of a sentence governs."""
    for sentence in statement.sentences:
        text = sentence.of(statement.text)
        if " and " not in text and ", " not in text and ";" not in text:
            continue
        clause = parse_clause(text)
        action = clause.action
        if action is None or clause.modal is None:
            continue
        parts = split_actions(action.of(text)).parts
        for before, part in pairwise(parts):
            if not _is_second_action(action.of(text), before, part):
                continue
            start = sentence.start + action.start + part.start
            word = statement.words[statement.word_index(start)]
            yield Hit(start, max(word.end, start))


def _is_second_action(action: str, before: Span, part: Span) -> bool:
    """Joined by a word, not by a comma alone, and no verb list that shares one object."""
    if not words_in(action[before.end : part.start]):
        return False
    said = words_in(before.of(action))
    shares_object = len(said) > 1 and said[-2] == "to" and is_base_verb(said[-1])
    return not shares_object and not all(map(is_base_verb, said))


def mixed_modals(statement: Statement) -> Iterator[Hit]:
    """The first obligation that is put in another modal verb than the one before it."""
    main = [modal for modal in _obligations(statement) if modal.word in ("shall", "must", "should")]
    for earlier, later in pairwise(main):
        if earlier.word != later.word:
            facts = (("first", earlier.word), ("second", later.word))
            yield Hit(later.start, later.end, facts=facts)
            return


def missing_modal(statement: Statement) -> Iterator[Hit]:
    """The whole statement, when nothing in it says that it binds. "will" binds in some houses."""
    if statement.words and not any(_binds(modal) for modal in statement.modals):
        yield Hit(0, len(statement.text))


def _binds(modal: Modal) -> bool:
    """All but "may" and "can"; "may not" and "cannot" forbid."""
    return modal.strength is not Strength.ALLOWED or modal.negated


def and_or(statement: Statement) -> Iterator[Hit]:
    words = statement.words
    for one, other in pairwise(words):
        if {one.lower, other.lower} == {"and", "or"}:
            between = statement.text[one.end : other.start]
            if between.strip() in ("/", "\\", "(", "-"):
                yield Hit(one.start, other.end)


def purposes(statement: Statement) -> Iterator[Hit]:
    for span in occurrences(statement, terms.PURPOSE):
        passage = " ".join(span.of(statement.text).split())
        shorter = {"in order to": "to", "so as to": "to"}.get(passage.lower())
        if shorter and passage[0].isupper():
            shorter = shorter.capitalize()
        yield Hit(span.start, span.end, shorter)


def too_long(statement: Statement) -> Iterator[Hit]:
    if not statement.words:
        return
    for sentence in statement.sentences:
        last, first = statement.word_index(sentence.end - 1), statement.word_index(sentence.start)
        if last - first + 1 > LONGEST_SENTENCE:
            yield Hit(sentence.start, sentence.end, facts=(("count", str(last - first + 1)),))
