"""Passive voice in the main clause: "shall be checked" without saying who checks."""

import re
from collections.abc import Iterator

from runs.language.modals import Strength
from runs.language.span import Span
from runs.quality.lexicon import word_set
from runs.quality.statement import Statement

_ADVERBS_THAT_STAND_BETWEEN = 2
_IRREGULAR = word_set(
    "sent shown given taken made done kept held written read set put built found met led left lost "
    "run driven chosen drawn known seen begun broken sold told thought brought bought caught "
    "taught paid said laid understood sought cut shut split spread hidden frozen thrown grown "
    "overridden overwritten withdrawn undertaken fed bound spent dealt hit hung lit proven swept "
    "reset rebuilt resent rewritten"
)
# States rather than acts: nobody does them while the system runs.
_STATES = word_set(
    "based located limited composed comprised equipped fitted rated mounted interested concerned "
    "related dedicated required needed allowed permitted expected supposed intended designed "
    "assumed considered distributed centralized sized situated experienced skilled advanced "
    "embedded integrated rounded fixed closed detailed need speed feed seed red indeed hundred "
    "exceed proceed"
)
_NO_ACTOR_AFTER_BY = re.compile(
    r"by\s+(?:\d|[a-z]{2,20}ing\b|(?:means|default|way|e-?mail|mail|sms|phone|telephone|radio|fax"
    r"|post|hand|cable|voice|law|date|name|type|priority|design)\b)",
    re.IGNORECASE,
)
_BY = re.compile(r"by\s+(?:means|default|way|\d|[a-z]{2,20}ing\b)", re.IGNORECASE)
_BY = re.compile(r"\bby\b", re.IGNORECASE)


def passives(statement: Statement) -> Iterator[Span]:
    """From the modal verb to the participle of every passive whose clause names no "by ..."."""
    words = statement.words
    for modal in statement.modals:
        if modal.strength is Strength.ALLOWED:
            continue  # nobody is obliged, so nobody has to be named
        index = statement.word_index(modal.end - 1) + 1
        if index >= len(words) or words[index].lower != "be":
            continue
        for word in words[index + 1 : index + 2 + _ADVERBS_THAT_STAND_BETWEEN]:
            if _is_participle(word.lower):
                if not _names_actor(statement, word.end):
                    yield Span(modal.start, word.end)
                break
            if not (word.lower.endswith("ly") or word.lower in ("also", "then", "only", "not")):
                break


def _is_participle(word: str) -> bool:
    if word in _STATES or (word.startswith("un") and word.endswith("ed")):
        return False
    return word in _IRREGULAR or (word.endswith("ed") and len(word) > 4)


def _names_actor(statement: Statement, position: int) -> bool:
    end = min(statement.sentence_at(position - 1).end, position + 300)
    return any(
        not _NO_ACTOR_AFTER_BY.match(statement.text, match.start())
        for match in _BY.finditer(statement.text, position, end)
    )
