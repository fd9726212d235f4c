"""What differs between two versions of a method, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

import yaml

from skills.models import SkillVersion

CONTEXT = 3


class Change(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    GAP = "gap"  # unchanged lines that are left out


@dataclass(frozen=True, slots=True)
class Line:
    """`old` and `new` are line numbers from 1, None on the side that lacks the line."""

    change: Change
    old: int | None
    new: int | None
    text: str


def text_of(version: SkillVersion) -> str:
    """A version as a file: the parameters as front matter, then the method."""
    values = yaml.safe_dump(version.parameters, sort_keys=True, allow_unicode=True)
    return f"---\n{values}---\n\n{version.body}"


def compare(old: SkillVersion, new: SkillVersion) -> list[Line]:
    """The changed lines with three lines around them; empty if both say the same."""
    before, after = text_of(old).splitlines(), text_of(new).splitlines()
    matcher = SequenceMatcher(None, before, after)
    found: list[Line] = []
    for group in matcher.get_grouped_opcodes(CONTEXT):
        if found or group[0][1] > 0:
            found.append(Line(Change.GAP, None, None, ""))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                found.extend(_lines(Change.SAME, before, i1, i2, j1))
            else:
                found.extend(_lines(Change.REMOVED, before, i1, i2, None))
                found.extend(_lines(Change.ADDED, after, j1, j2, None))
    return found


def _lines(
    change: Change, lines: list[str], first: int, last: int, other: int | None
) -> Iterator[Line]:
    for offset, text in enumerate(lines[first:last]):
        own = first + offset + 1
        if change is Change.ADDED:
            yield Line(change, None, own, text)
        else:
            yield Line(change, own, other + offset + 1 if other is not None else None, text)
