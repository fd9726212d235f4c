"""How a document numbers its requirements, told by the verbs of what it numbers."""

import re
from collections import Counter
from collections.abc import Sequence

from runs.analyst.identifiers import family_of
from runs.analyst.project_words import NO_WORDS, ProjectWords
from runs.analyst.tags import tagged
from runs.language.modals import Strength, find_modals
from runs.requests import BlockIn

_BINDING_SHARE = 0.4
_ASKS = (Strength.BINDING, Strength.RECOMMENDED)
_REQUIREMENT_NAME = re.compile(
    r"(?:[A-Z]{0,6}[-_.])?(?:REQ|REQUIREMENT|FR|NFR|SR|UR|SRS|SYS)[-_. ]?", re.I
)
_FAMILY_AT_LEAST = 4
_NUMBERED_AT_LEAST = 8


def binding_families(blocks: Sequence[BlockIn], project: ProjectWords = NO_WORDS) -> frozenset[str]:
    """Kinds of identifiers that this document gives to requirements, told by their verbs.

    Their unmarked statements ("REQ-3: The format is defined") count as requirements too. A kind
    that is made of letters ("REQ-") needs no majority of binding verbs: prose is not named so.
    """
    numbered: Counter[str] = Counter()
    binding: Counter[str] = Counter()
    for block in blocks:
        identifier = project.in_marker(block.marker)
        if not identifier or block.kind in ("heading", "table_cell"):
            continue
        family = family_of(identifier)
        numbered[family] += 1
        modals = find_modals(block.text[:4000])
        binding[family] += any(m.strength in _ASKS for m in modals)
    return frozenset(
        family
        for family, count in numbered.items()
        if count >= _FAMILY_AT_LEAST
        and (binding[family] >= count * _BINDING_SHARE or _REQUIREMENT_NAME.match(family))
    )


def numbers_requirements(
    blocks: Sequence[BlockIn], families: frozenset[str], project: ProjectWords = NO_WORDS
) -> bool:
    """Whether most of what the document asks for carries an identifier of its own."""
    identified = others = 0
    for block in blocks:
        if block.kind not in ("paragraph", "list_item"):
            continue
        own = (
            project.in_marker(block.marker)
            or project.in_text(block.text)[0]
            or next((name for _, name in tagged(block.text) if name), "")
        )
        asks = any(modal.strength in _ASKS for modal in find_modals(block.text[:4000]))
        identified += bool(own) and (asks or family_of(own) in families)
        others += asks and not own
    return identified >= _NUMBERED_AT_LEAST and identified >= others
