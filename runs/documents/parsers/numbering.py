"""Numbered headings that no blank line sets off, told by the count that they carry on.

"2 Control" between two sentences may be a heading, the rest of a wrapped line or an item of a
list. It counts as a heading only where everything else speaks for it as well.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from runs.language.sentences import ENDS_UNLESS_NUMBERED, NEVER_ENDS

from ..headings import is_plain_title
from ..markers import is_quantity

_NUMBERED = re.compile(r"((?:\d{1,3}|[A-Z](?=\.\d))(?:\.\d{1,3}){0,8})(\.?)\s+(?=[^\W\d_])")
_PRINTED = re.compile(r"(\d{1,3}|[A-Z])((?:\.\d{1,4})*)([.):]?)(?!\S)")
_CHAPTER = re.compile(r"(?:appendix|annex|chapter|section)\s+([A-Z]|\d{1,3})\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?][)\]\"'”’]*(?:\s?\([A-Z]{1,3}\))?$")
_ABBREVIATION = re.compile(r"(?<!\d )(?<![^\s(])([^\W\d_][\w.]{0,9})\.$")
_NEVER_ENDS = NEVER_ENDS | ENDS_UNLESS_NUMBERED
_LONGEST = 60  # characters; a longer line is more likely a sentence
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Numbered:
    """A line as a heading: "2.1 Control panel"."""

    printed: str  # "2.1", or "2." where a full stop is printed
    title: str
    path: tuple[int, ...]  # (2, 1); a letter is the number of its character

    @property
    def stopped(self) -> bool:
        return self.printed.endswith(".")

    @property
    def depth(self) -> int:
        return len(self.path)


def numbered_title(line: str) -> Numbered | None:
    """`line` as a plain number and a title of a few words, if it can be read so."""
    found = _NUMBERED.match(line)
    if found is None or len(line) > _LONGEST:
        return None
    title = line[found.end() :]
    if len(title.split()) > _MOST_WORDS:
        return None
    if is_quantity(title) or not is_plain_title(title):
        return None
    return Numbered(found[1] + found[2], title, _path(found[1]))


def ends_sentence(line: str) -> bool:
    """Whether `line` ends a sentence for certain: not with "approx." or a colon."""
    if not _SENTENCE_END.search(line):
        return False
    found = _ABBREVIATION.search(line)
    return found is None or found[1].lower() not in _NEVER_ENDS


def is_item_after(numbered: Numbered, lines: Sequence[str]) -> bool:
    """Whether one of `lines` begins with the number before: then both are items of one list."""
    if numbered.depth > 1:
        return False
    before = f"{numbered.path[0] - 1}{'.' if numbered.stopped else ''} "
    return any(line.startswith(before) for line in lines)


class Numbering:
    """How far the numbers of a document's headings have come."""

    def __init__(self) -> None:
        self._path: tuple[int, ...] = ()
        self._stopped: bool | None = None  # whether chapters are printed "1." rather than "1"

    def goes_on_with(self, numbered: Numbered) -> bool:
        """Whether the number is the next sibling, the first child or the next of an ancestor."""
        if numbered.depth == 1 and self._stopped not in (None, numbered.stopped):
            return False
        return self._continues(numbered.path)

    @property
    def has_begun(self) -> bool:
        return bool(self._path)

    def _continues(self, path: tuple[int, ...]) -> bool:
        *above, last = path
        if not self._path:
            return path in ((0,), (1,), (1, 1))
        depth = len(path)
        if depth == len(self._path) + 1:
            return tuple(above) == self._path and last == 1
        return depth <= len(self._path) and self._path[:depth] == (*above, last - 1)

    def saw_heading(self, printed: str, title: str) -> None:
        """Count on from this heading, whatever came before it."""
        if named := _CHAPTER.match(title):
            self._path = _path(named[1].upper())
        elif found := _PRINTED.match(printed or title):
            if not printed and not found[1].isdigit():
                return  # "A" may be a word
            self._path = _path(found[1] + found[2])
            if len(self._path) == 1:
                self._stopped = found[3] == "."

    def saw_item(self, printed: str) -> None:
        """Count a numbered paragraph, "2.1 The pump shall run.", where its number fits in."""
        found = _PRINTED.match(printed)
        if found and found[2] and self._continues(_path(found[1] + found[2])):
            self._path = _path(found[1] + found[2])


def _path(number: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else ord(part) for part in number.split("."))
