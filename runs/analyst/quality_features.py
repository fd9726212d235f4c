"""What a statement shows of its quality class: words, pairs of words, cues, quantities."""

import re
from collections.abc import Iterator
from itertools import pairwise

from runs.analyst.quality_cues import CUES
from runs.language.modals import find_modals
from runs.language.stem import stem
from runs.language.words import words

LONGEST = 1500
"""Characters of a statement that are looked at."""

_NUMBER = re.compile(r"\d")
_DEED = re.compile(
    r"\b(?:shall|must|will|should)\s"
    r"(?:be able to |allow \w+ \w+ to |provide |have the ability to )?(?P<deed>(?:not\s)?\w+)",
    re.IGNORECASE,
)


def features(statement: str) -> frozenset[str]:
    """The statement's features; each is there or not."""
    return frozenset(_features(statement[:LONGEST]))


def _features(text: str) -> Iterator[str]:
    yield ""  # every statement has it: its weight is the class's own
    stems = [stem(word) for word in words(text) if not _NUMBER.search(word)]
    yield from stems
    yield from (f"{one} {two}" for one, two in pairwise(stems))
    cues = 0
    for quality, cue in CUES.items():
        found = {match.group().lower() for match in cue.finditer(text)}
        cues += bool(found)
        if found:
            yield f"cue:{quality.value}"
        if len(found) > 1:
            yield f"cues:{quality.value}"
    if not cues:
        yield "no cue"
    deed = _DEED.search(text)
    if deed:
        yield f"deed:{deed['deed'].lower()}"
    if not find_modals(text):
        yield "no modal"
    if _NUMBER.search(text):
        yield "number"
    if "%" in text:
        yield "percent"
