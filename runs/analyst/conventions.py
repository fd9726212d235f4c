"""What a document itself says about its modal verbs: 'the word "will" states a fact'."""

import re
from collections.abc import Iterable

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
