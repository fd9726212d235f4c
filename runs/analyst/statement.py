"""A parent's statement made ready to be restated: marks, identifiers and lead-ins set aside."""

import re
from dataclasses import dataclass

from runs.analyst.identifiers import identifier_in_text
from runs.language.clauses import MAX_SENTENCE, Clause, parse_clause
from runs.language.sentences import split_sentences
from runs.language.verbs import is_base_verb

_MARK = re.compile(r"\s?\((?:M|O|I|D|R|MI|OI)\)(?=[\s.:;,]|$)")
_LEAD = re.compile(r":\s")
_FOLLOWING = re.compile(r"\b(?:following|as follows|below|these|listed)\b", re.IGNORECASE)
_DEPENDENT = re.compile(
    r"(?:it|this|that|these|those|they|such|which|its|their|the (?:latter|former|above|same))\b",
    re.IGNORECASE,
)
_OPENING = (
    "the a an all any each every this that these those it if when while where in on at for from "
    "to by with no not only one two both during after before until upon once whenever users user "
    "there its their such other some as within under between through data information"
)
_OPENERS = frozenset(_OPENING.split())
_ORDINARY_START = re.compile(r"[A-Z][a-z]+\b|A\b")


@dataclass(frozen=True, slots=True)
class Thought:
    """A sentence that says what is required, with the sentences that hang on it."""

    clause: Clause
    tail: tuple[str, ...]  # sentences behind it that don't stand alone, as printed


def cleaned(statement: str) -> str:
    """The statement without its identifier and obligation marks, its lead-in joined in words.

    "The radio shall: provide X" becomes "The radio shall provide X". A lead-in that announces a
    list ("the following states: ...") keeps its colon.
    """
    text = " ".join(_MARK.sub("", statement).split())
    _, start = identifier_in_text(text)
    text = text[start:]
    lead = _LEAD.search(text)
    if lead is None or lead.start() > 600:
        return text
    before, after = text[: lead.start()], text[lead.end() :]
    joined = parse_clause(before[:MAX_SENTENCE])
    if joined.modal is None or _FOLLOWING.search(before):
        return text
    return f"{before} {lowered(after)}"


def lowered(text: str) -> str:
    """The text with a small first letter, unless its first word is a name or an acronym."""
    first = text.split(" ", 1)[0].rstrip(",;:")
    if not _ORDINARY_START.fullmatch(first):
        return text
    ordinary = is_base_verb(first) or first.lower() in _OPENERS
    return text[0].lower() + text[1:] if ordinary else text


def thoughts(statement: str) -> tuple[Thought, ...]:
    """The requirement sentences of a cleaned statement, each with what hangs on it.

    Sentences before the first one that binds are set in its tail: nothing of the parent is lost.
    """
    sentences = [span.of(statement) for span in split_sentences(statement)]
    clauses = [parse_clause(sentence[:MAX_SENTENCE]) for sentence in sentences]
    found: list[Thought] = []
    early: list[str] = []
    for sentence, clause in zip(sentences, clauses, strict=True):
        stands = clause.modal is not None and len(sentence) <= MAX_SENTENCE
        hangs = bool(_DEPENDENT.match(clause.part(clause.actor) or sentence)) and bool(found)
        if stands and not hangs:
            found.append(Thought(clause, ()))
        elif found:
            found[-1] = Thought(found[-1].clause, (*found[-1].tail, sentence))
        else:
            early.append(sentence)
    if not found:
        return (Thought(parse_clause(statement[:MAX_SENTENCE]), ()),)
    if early:
        found[0] = Thought(found[0].clause, (*found[0].tail, *early))
    return tuple(found)
