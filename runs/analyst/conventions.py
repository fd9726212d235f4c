"""What a document itself says about its modal verbs: 'the word "will" states a fact'."""

import re
from collections.abc import Iterable

from runs.language.modals import find_modals

_DECLARED = re.compile(
    r"[\"“'‘«](?P<word>shall|must|should|will|may|can|could|would)[\"”'’»]"
    r"(?P<meaning>[^\"“«]{0,160})",
    re.IGNORECASE,
)
_FACT = re.compile(
    r"\b(?:facts?|intentions?|purpose|information|informative|futurity|future|statements? of fact"
    r"|declaration|expected|goal|possibility|capability)\b",
    re.IGNORECASE,
)


def words_declared_unbinding(texts: Iterable[str]) -> frozenset[str]:
    """Modal verbs that a convention of the document takes for facts or intentions.

    "shall" and "must" are never taken away: a text cannot talk its requirements out of being read.
    """
    found: set[str] = set()
    for text in texts:
        if len(text) > 3000 or not any(mark in text for mark in "\"“'‘«"):
            continue
        for match in _DECLARED.finditer(text):
            if _FACT.search(match["meaning"]):
                found.add(match["word"].lower())
    return frozenset(found - {"shall", "must"})


_BINDING_AT_LEAST = 10
_TIMES_AS_MANY = 3


def states_facts_by_will(texts: Iterable[str]) -> bool:
    """Whether a document binds by "shall" or "must", and uses "will" rarely: for facts then.

    That is how ISO/IEC/IEEE 29148 has it. Where "will" is common, it is what binds.
    """
    binding = announcing = 0
    for text in texts:
        for modal in find_modals(text[:4000]):
            binding += modal.word in ("shall", "must")
            announcing += modal.word == "will"
    return binding >= _BINDING_AT_LEAST and binding >= _TIMES_AS_MANY * announcing
