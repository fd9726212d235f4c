"""Parents that only introduce others: "The system shall:" above its list items."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from runs.requests import ParentIn

_ENDS_OPEN = re.compile(r":\s?(?:\([A-Z]{1,3}\)\s?)?$")
_COLON = re.compile(r":(?:\s?\([A-Z]{1,3}\))?")
_FURTHEST = 2000
"""Characters into a statement up to which a lead-in may end."""


def leads_by_item(parents: Iterable[ParentIn]) -> Mapping[int, tuple[int, ...]]:
    """For every parent that begins with another one's words up to a colon: the refs of those.

    A lead-in with such items is carried by their children; alone it would say nothing.
    """
    every = list(parents)
    leads: defaultdict[str, list[int]] = defaultdict(list)
    for parent in every:
        text = parent.statement.strip()
        if _ENDS_OPEN.search(text):
            leads[text].append(parent.ref)
    found: dict[int, tuple[int, ...]] = {}
    for parent in every:
        text = parent.statement.strip()
        prefixes = (text[: match.end()] for match in _COLON.finditer(text, 0, _FURTHEST))
        refs = [ref for prefix in prefixes if prefix != text for ref in leads.get(prefix, ())]
        if refs:
            found[parent.ref] = tuple(refs)
    return found
