"""Among how many a quantity is shared, told from the words of the statement alone.

A quantity is shared by those that the subject lists, by the steps of a chain, or by all parts of
the whole system. That a statement concerns several subsystems in another way shares nothing.
"""

import re
from dataclasses import dataclass

from runs.analyst.actors import is_whole
from runs.analyst.subsystem_terms import Terms, mention, phrase_of
from runs.language.clauses import Clause
from runs.language.conjuncts import split_things
from runs.language.numbers import NUMBER, decimal_of

_CHAIN = re.compile(
    r"\bfrom\s(?![-+]?\d)[^.;]{3,300}?\sto\s(?![-+]?\d)|\bbetween\s(?!\d)[^.;]{3,300}?\sand\s"
    r"|\bend[- ]to[- ]end\b|\b(?:through|via)\b[^.;]{2,200}\bto\b",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"\b(?:all|both)(?:\sof)?(?:\sthe)?(?:\s(?P<number>[\w-]+))?(?:\s\w+)?\s(?:sub-?systems?"
    r"|components?|units?|modules?|equipment)\b",
    re.IGNORECASE,
)
_MEASURE = re.compile(
    r"\b(?:latency|time|delay|duration|mass|weight|power|consumption|energy|errors?|budget|cost"
    r"|deviation|uncertainty|memory|storage|size|current)\b",
    re.IGNORECASE,
)
_SUMMED = re.compile(
    r"\b(?:total|overall|sum|combined|cumulative|together|end[- ]to[- ]end|whole|entire)\b"
    r"|\bof\s(?:the|this)\s(?:system|vessel|ship|vehicle|product|platform)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sharers:
    """How many share, and how that is known."""

    count: int
    known: int  # how many subsystems of the project the statement was allocated to
    printed: bool  # the count stands in the statement


def is_chain(text: str) -> bool:
    """Whether a sentence spans steps: "from the echo to the stop", "end-to-end"."""
    return bool(_CHAIN.search(text))


def sharers(
    clause: Clause, terms: Terms, known: int, names: frozenset[str] = frozenset()
) -> Sharers | None:
    """Those that share the sentence's quantity, this subsystem among them; None if nobody does.

    `known`: the subsystems to which the statement was allocated, this one included.
    """
    actor = clause.part(clause.actor)
    everyone = _ALL.search(actor)
    if everyone:
        printed = _number(everyone)
        return (
            Sharers(printed or known, known, printed is not None) if known > 1 or printed else None
        )
    listed = _listed(actor, terms)
    if listed > 1:
        return Sharers(listed, known, printed=True)
    if known < 2:
        return None
    summed = _MEASURE.search(actor) and (_SUMMED.search(actor) or is_chain(actor))
    if summed or (_asks_whole(actor, names) and is_chain(clause.text)):
        return Sharers(known, known, printed=False)
    own = mention(terms, clause.text, phrase_of(clause.text))
    if _asks_whole(actor, names) and own is None:
        return Sharers(known, known, printed=False)
    return None


def _asks_whole(actor: str, names: frozenset[str]) -> bool:
    return not actor or is_whole(actor, names)


def _number(everyone: re.Match[str]) -> int | None:
    word = everyone["number"]
    if everyone.group().lower().startswith("both"):
        return 2
    value = decimal_of(word) if word and NUMBER.fullmatch(word) else None
    return int(value) if value is not None and 1 < value <= 50 else None


def _listed(actor: str, terms: Terms) -> int:
    """How many the subject names, when this subsystem is one of them; 1 for itself alone.

    The subsystem's own name counts as one, whatever "and" it holds.
    """
    found = mention(terms, actor, phrase_of(actor))
    if found is None or not found.exact:
        return 0
    once = re.sub(re.escape(terms.name), "Own", actor, flags=re.IGNORECASE)
    if re.search(r"\b(?:of|for|by|to|from)\s", once) and not _MEASURE.search(once):
        return 1
    return len(split_things(once))
