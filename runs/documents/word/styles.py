"""Paragraph styles: which are headings, which number their paragraphs."""

import re
from dataclasses import dataclass
from typing import Any

from .package import W

_HEADING = re.compile(r"(?:heading|überschrift|titre|título|titolo|kop)\s*([1-9])$", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|contents|table of figures)(?:\s*\d|\s*heading)?$", re.IGNORECASE)
_BODY_LEVEL = 9  # outline level of plain text


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph inherits. `heading` counts from 1; 0: no heading."""

    name: str = ""
    heading: int = 0
    contents: bool = False
    number: str = ""  # w:numId
    depth: int | None = None  # w:ilvl, from 0


def attribute(element: Any, path: str, name: str = "val") -> str | None:
    """The attribute of the first descendant at `path`, such as "w:pPr/w:pStyle"."""
    found = element.find(path.replace("w:", W))
    return None if found is None else found.get(W + name)


def whole(value: str | None, otherwise: int | None = None) -> int | None:
    """A number attribute; damaged ones count as absent."""
    try:
        return otherwise if value is None else int(value)
    except ValueError:
        return otherwise


class Styles:
    """The paragraph styles of a document by id, what they are based on folded in."""

    def __init__(self, root: Any | None) -> None:
        self._elements: dict[str, Any] = {}
        self._default = ""
        self._known: dict[str, Style] = {}
        for element in root.iter(f"{W}style") if root is not None else ():
            identity = element.get(f"{W}styleId") or ""
            self._elements[identity] = element
            if element.get(f"{W}type") == "paragraph" and element.get(f"{W}default") in (
                "1",
                "true",
            ):
                self._default = identity

    def of(self, identity: str | None) -> Style:
        return self._resolve(self._default if identity is None else identity, 0)

    def _resolve(self, identity: str, steps: int) -> Style:
        if identity in self._known:
            return self._known[identity]
        element = self._elements.get(identity)
        if element is None or steps > 20:  # unknown, or based on itself
            return Style()
        base = Style()
        above = attribute(element, "w:basedOn")
        if above:
            base = self._resolve(above, steps + 1)
        style = _own(element, base)
        self._known[identity] = style
        return style


def _own(element: Any, base: Style) -> Style:
    name = attribute(element, "w:name") or ""
    heading = base.heading
    outline = whole(attribute(element, "w:pPr/w:outlineLvl"))
    if outline is not None:
        heading = outline + 1 if 0 <= outline < _BODY_LEVEL else 0
    elif found := _HEADING.match(name):
        heading = int(found[1])
    elif name.lower() == "title":
        heading = 1
    depth = whole(attribute(element, "w:pPr/w:numPr/w:ilvl"))
    return Style(
        name=name,
        heading=heading,
        contents=base.contents or _CONTENTS.match(name) is not None,
        number=attribute(element, "w:pPr/w:numPr/w:numId") or base.number,
        depth=base.depth if depth is None else depth,
    )
