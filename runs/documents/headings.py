"""What the words of a line say about its being a heading; parsers add what the layout says."""

import re

_MODAL = re.compile(
    r"\b(?:shall|must|should|will|is|are|may|can|has|have|was|were|be)\b", re.IGNORECASE
)
_BINDING = re.compile(r"\b(?:shall|must|should|will)\b", re.IGNORECASE)
_ENDING = re.compile(r"[.;,:!?]$")
_CHAPTER = re.compile(
    r"(?:appendix|annex|chapter|section|part|volume)\s+(?:[A-Z]|\d{1,2}|[IVX]{1,5})\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2}")
_LONGEST_TITLE = 120


def may_be_title(text: str) -> bool:
    """Short, begins with a capital or a digit, no sentence, no requirement."""
    if not text or len(text) > _LONGEST_TITLE or len(text.split()) > 14:
        return False
    first = next((character for character in text if character.isalnum()), "")
    if not first or first.islower() or _ENDING.search(text) or not _WORD.search(text):
        return False
    return not _BINDING.search(text)


def is_plain_title(text: str) -> bool:
    """A title by its words alone: short, and not a statement that "is" something."""
    return may_be_title(text) and len(text.split()) <= 9 and not _MODAL.search(text)


def is_capitals(text: str) -> bool:
    """Letters all in capitals, and more than an abbreviation."""
    letters = [character for character in text if character.isalpha()]
    return len(letters) >= 4 and all(character.isupper() for character in letters)


def is_chapter(text: str) -> bool:
    """ "Appendix A", "Chapter 3: Interfaces"."""
    return _CHAPTER.match(text) is not None and may_be_title(text)


_LEADER = re.compile(
    r"(?:\s?\.){3,}\s*(?:\d{1,4}|[ivxlc]{1,6}|[A-Z]-\d{1,3})?\s*$"
    r"|[…_·]{2,}[.…]*\s*(?:\d{1,4}|[ivxlc]{1,6})\s*$|\t+\s*(?:\d{1,4}|[ivxlc]{1,6})\s*$"
)
_CONTENTS = re.compile(
    r"(?:(?:table|list) of contents|contents|(?:list|index) of (?:figures|tables))\W*$",
    re.IGNORECASE,
)


def is_contents_entry(line: str) -> bool:
    """A line of a table of contents: a title, dots, a page number."""
    return _LEADER.search(line[-200:]) is not None


def is_contents_title(line: str) -> bool:
    return _CONTENTS.match(line.strip()) is not None
