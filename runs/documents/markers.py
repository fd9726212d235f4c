"""Printed numbers, bullets and identifiers at the beginning of a line."""

import re
from dataclasses import dataclass
from enum import Enum, auto

BULLETS = "•●○◦▪■□▫‣⁃·∙➢➔►▶▸✓✔❖◆◇⇒→*+–—−-"


class MarkerKind(Enum):
    BULLET = auto()
    LIST = auto()  # "a)", "(iv)", "3."
    DECIMAL = auto()  # "3.2", "4.2.1i", "A.1"
    IDENTIFIER = auto()  # "REQ-12", "[SSR5]", "CO-1:"


@dataclass(frozen=True, slots=True)
class Marker:
    text: str  # as printed, without the colon that ends an identifier
    kind: MarkerKind
    rest: str  # the line behind it
    gap: bool  # set off by more than a space


_BULLET = re.compile(rf"(?:[{re.escape(BULLETS)}]|o(?=\s{{2}}|\t))(\s+)(?=\S)|[•●▪■➢❖✓](?=\w)()")
_UNIT = re.compile(
    r"(?:[%°±Ωµ]|(?:V|W|K|N|J|C|F|VA|Hz|Pa|Bq|[MGTk]?(?:Hz|W|V|N|B|bit|byte))\b|[A-Z]$)"
)
_LIST = re.compile(
    r"(\((?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})\)|(?:\d{1,3}[a-z]?|[a-zA-Z]|[ivxIVX]{1,5})[.)])(\s+)(?=\S)"
)
_DECIMAL = re.compile(
    r"((?:\d{1,3}|[A-Z])(?:\.\d{1,4}){1,8}(?:[a-z]|[ivx]{1,6}|\.[a-z])?[.):]?)(\s+)(?=\S)"
)
_IDENTIFIER = re.compile(
    r"(\[[A-Za-z][\w.\-/ ]{0,30}\d[\w.\-/]{0,12}\]|[A-Z][A-Za-z]{0,11}(?:[-_./][A-Za-z]{1,12}){0,4}"
    r"[-_./ #]?\d[\d.]{0,11}(?:[-_./]?[A-Za-z0-9]{1,6}){0,3})"
    r"(\s*[:.)]\s+|\s*[–—]\s+|\s+-\s+|\s+)(?=\S)"
)
_STANDARD = re.compile(
    r"(?:ISO|IEC|IEEE|EN|RFC|SHA|AES|RS|UTF|MIL|DO|DIN|ANSI|ITU|ETSI|GSM|ASCII|CAN|USB|MD|TLS|SSL|"
    r"HTTP|HTML|CSS|SQL|IP|IPv|Windows|Win|Version|Table|Figure|Section|Chapter|Appendix|Annex|"
    r"Level|Class|Type|Phase|Release|Page|Part|Step)(?=[\d\s\-_./]|$)",
    re.IGNORECASE,
)


def match_marker(line: str) -> Marker | None:
    """The marker that `line` (no white space before it) begins with, if any."""
    head = line[:80]
    if found := _BULLET.match(head):
        blank = found[1] or ""
        return Marker(line[: found.start(1)].strip() or head[0], MarkerKind.BULLET,
                      line[found.end() :], len(blank) > 1 or blank == "\t")  # fmt: skip
    if found := _DECIMAL.match(head):
        return _decimal(line, found)
    if found := _LIST.match(head):
        return Marker(found[1], MarkerKind.LIST, line[found.end() :], len(found[2]) > 1)
    if found := _IDENTIFIER.match(head):
        return _identifier(line, found)
    return None


def _decimal(line: str, found: re.Match[str]) -> Marker | None:
    rest, gap = line[found.end() :], found[2] != " "
    # "2.5 seconds" and "9.5 V" are quantities; a numbered text begins with a capital or a gap
    quantity = rest[0].islower() or is_quantity(rest)
    if quantity and not gap and found[1].count(".") < 2:
        return None
    return Marker(found[1], MarkerKind.DECIMAL, rest, gap)


def is_quantity(rest: str) -> bool:
    """Whether what follows a number begins with a unit: "5 V", "2.4 GHz"."""
    return _UNIT.match(rest) is not None


def _identifier(line: str, found: re.Match[str]) -> Marker | None:
    rest, stop = line[found.end() :], found[2].strip()
    bracketed = found[1].startswith("[")
    gap = len(found[2]) > 1 and not stop
    joined = re.search(r"[-_.#/]", found[1]) is not None
    if not bracketed and (_STANDARD.match(found[1]) or not (stop or joined)):
        return None
    if not (stop == ":" or bracketed or gap or rest[0].isupper() or rest[0] in "\"'“‘<("):
        return None
    return Marker(found[1], MarkerKind.IDENTIFIER, rest, gap or bool(stop))


_ONLY = re.compile(
    r"(?:\(?(?:\d{1,4}|[a-zA-Z]|[ivxIVX]{1,5})[.):]?\)?|(?:\d{1,3}|[A-Z])(?:\.\d{1,4}){1,8}"
    r"[a-z]{0,5}[.):]?|[A-Z][A-Za-z]{0,11}(?:[-_./][A-Za-z]{1,12}){0,4}[-_./ #]?\d[\w.\-]{0,15}:?|"
    r"\[[^\[\]]{1,30}\])"
)


def is_marker(text: str) -> bool:
    """Whether `text` is only a number, letter or identifier, as in a table's first column."""
    return len(text) <= 40 and _ONLY.fullmatch(text) is not None


def number_depth(number: str) -> int:
    """How deep a printed section number is: 1 for "3." and "A", 3 for "3.2.1"."""
    return max(1, len(re.findall(r"[0-9]+|(?<![A-Za-z])[A-Za-z](?![A-Za-z])", number)))


_CHAPTER_NUMBER = re.compile(r"(\d{1,2}|[A-Z])(\s+)(?=[A-Z])")


def split_title(title: str) -> tuple[str, str]:
    """A heading's printed number, "" without one, and its words: "3.2 Scope", "1 Introduction"."""
    marker = match_marker(title)
    if marker and marker.kind is not MarkerKind.BULLET:
        return marker.text, marker.rest
    found = _CHAPTER_NUMBER.match(title)
    if found and (found[1] not in ("A", "I") or found[2] != " "):  # these two are words, too
        return found[1], title[found.end() :]
    return "", title
