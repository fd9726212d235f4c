"""Walks through a Word document's body: paragraphs and tables in the order they stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..builder import Piece
from ..document import BlockKind
from ..headings import is_contents_entry, is_contents_title, is_plain_title, may_be_title
from ..markers import MarkerKind, match_marker, number_depth, split_title
from ..tables import Part, RawCell, merged_parts, table_pieces
from .numbering import Numbering
from .package import W
from .styles import Style, Styles, attribute, whole

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# Deleted, hidden or duplicated text, and what belongs to the page and not to the text.
_SKIPPED = frozenset(
    {
        f"{W}{name}"
        for name in ("del", "moveFrom", "instrText", "footnoteReference", "rPr", "pPr", "pict")
    }
    | {f"{_MC}Fallback"}
)
_BREAKS = {f"{W}tab": "\t", f"{W}cr": " ", f"{W}noBreakHyphen": "-", f"{W}softHyphen": ""}
_BLOCK_HOLDERS = frozenset(
    {f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")}
)
_DEEPEST_TABLE = 8


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    page: int
    turns: tuple[tuple[int, int], ...]


class Body:
    """Reads the body once; counts numbers and pages as it goes."""

    def __init__(self, root: Any, styles: Styles, numbering: Numbering) -> None:
        self._root = root
        self._styles = styles
        self._numbering = numbering
        self._tables = 0
        self._contents = False
        self.page = 1
        # Word leaves a mark where it last broke the page; without it the author's breaks count
        self._rendered = next(root.iter(f"{W}lastRenderedPageBreak"), None) is not None

    def pieces(self) -> Iterator[Piece]:
        body = self._root.find(f"{W}body")
        if body is not None:
            yield from self._blocks(body)

    def _blocks(self, holder: Any) -> Iterator[Piece]:
        for element in holder:
            if element.tag == f"{W}p":
                yield from self._paragraph(element)
            elif element.tag == f"{W}tbl":
                yield from self._table(element, 0)
            elif element.tag in _BLOCK_HOLDERS and not _is_contents_part(element):
                yield from self._blocks(element)

    def _paragraph(self, element: Any) -> Iterator[Piece]:
        style = self._styles.of(attribute(element, "w:pPr/w:pStyle"))
        if not self._rendered and attribute_is_set(element, "w:pPr/w:pageBreakBefore"):
            self.page += 1
        found = self._text(element)
        number, depth = self._number(element, style)
        for boxed in _boxes(element):
            yield from self._blocks(boxed)
        if not found.text.strip():
            return
        marker = self._numbering.next(number, depth) if number else ""
        heading = self._heading_level(element, style)
        if self._is_contents(found.text, style, heading):
            return
        if heading and may_be_heading(found.text):
            yield _titled(found, heading, marker)
            return
        if not number and is_plain_title(found.text.strip()) and _is_bold(element):
            yield _titled(found, 0, marker)  # a heading that its author made bold by hand
            return
        yield self._plain(found, number, depth, marker)

    def _is_contents(self, text: str, style: Style, heading: int) -> bool:
        if style.contents:
            return True
        if is_contents_title(text):
            self._contents = True
            return True
        if heading:
            self._contents = False
        entry = "\t" in text and text.rstrip()[-1:].isdigit()
        return is_contents_entry(text) or (self._contents and entry)

    def _heading_level(self, element: Any, style: Style) -> int:
        outline = whole(attribute(element, "w:pPr/w:outlineLvl"))
        if outline is not None:
            return outline + 1 if 0 <= outline < 9 else 0
        return style.heading

    def _number(self, element: Any, style: Style) -> tuple[str, int]:
        """The numbering instance and level of a paragraph: its own, or its style's."""
        own = attribute(element, "w:pPr/w:numPr/w:numId")
        number = style.number if own is None else own
        if number in ("", "0"):
            return "", 0
        depth = whole(attribute(element, "w:pPr/w:numPr/w:ilvl"))
        if depth is None and own is None:
            tied = attribute(element, "w:pPr/w:pStyle") or ""
            depth = self._numbering.level_of_style(number, tied)
        if depth is None:
            depth = style.depth if own is None else 0
        return number, depth or 0

    def _plain(self, found: _Text, number: str, depth: int, marker: str) -> Piece:
        listed = bool(number) and (
            self._numbering.is_bullet(number, depth) or "." not in marker[:-1]
        )
        text, turns = found.text, found.turns
        typed = match_marker(text.lstrip()) if not marker else None
        if typed:
            marker, text, turns = typed.text, typed.rest, ()
            listed = typed.kind in (MarkerKind.BULLET, MarkerKind.LIST)
        return Piece(
            kind=BlockKind.LIST_ITEM if listed else BlockKind.PARAGRAPH,
            text=text,
            page=found.page,
            level=depth + 1 if listed else 0,
            marker=marker,
            turns=turns,
        )

    def _text(self, element: Any) -> _Text:
        """A paragraph's visible text; pages turn at the breaks inside it."""
        parts: list[str] = []
        turns: list[tuple[int, int]] = []
        first = 0
        for kind, value in _runs(element):
            if kind == "text":
                if value.strip() and not first:
                    first = self.page
                parts.append(value)
            elif (kind == "rendered") == self._rendered:
                self.page += 1
                if first:
                    turns.append((len(" ".join("".join(parts).split())) + 1, self.page))
        text = "".join(parts)
        if len(turns) or "\t" not in text:
            text = " ".join(text.split())
        turns = [turn for turn in turns if turn[0] < len(text)]
        return _Text(text, first or self.page, tuple(turns))

    def _table(self, element: Any, depth: int) -> Iterator[Piece]:
        if depth > _DEEPEST_TABLE:
            return
        number, self._tables = self._tables, self._tables + 1
        cells: list[RawCell] = []
        open_: dict[int, RawCell] = {}  # by column: cells that may go on in the next row
        header_rows = 0
        inner: list[tuple[Any, int]] = []
        for row, tr in enumerate(_rows(element)):
            if header_rows == row and attribute_is_set(tr, "w:trPr/w:tblHeader"):
                header_rows = row + 1
            column = whole(attribute(tr, "w:trPr/w:gridBefore"), 0) or 0
            for tc in _children(tr, "tc"):
                span = max(1, min(whole(attribute(tc, "w:tcPr/w:gridSpan"), 1) or 1, 1_000))
                merge = tc.find(f"{W}tcPr/{W}vMerge")
                goes_on = merge is not None and merge.get(f"{W}val", "continue") == "continue"
                cell = open_.get(column) if goes_on else None
                if cell is None:
                    cell = RawCell(row, column, [], span)
                    cells.append(cell)
                cell.parts.extend(self._cell_parts(tc))
                open_[column] = cell
                inner.extend((nested, depth + 1) for nested in _children(tc, "tbl"))
                column += span
        for cell in cells:
            cell.parts = merged_parts(cell.parts)
        yield from table_pieces(cells, number, header_rows=header_rows or None)
        for nested, deeper in inner:
            yield from self._table(nested, deeper)

    def _cell_parts(self, cell: Any) -> Iterator[Part]:
        for element in _children(cell, "p"):
            style = self._styles.of(attribute(element, "w:pPr/w:pStyle"))
            number, depth = self._number(element, style)
            found = self._text(element)
            if not found.text.strip():
                continue
            marker = self._numbering.next(number, depth) if number else ""
            piece = self._plain(found, number, depth, marker)
            yield Part(
                " ".join(piece.text.split()), piece.page, piece.turns, piece.marker, piece.level
            )


def may_be_heading(text: str) -> bool:
    """A heading's style on a whole sentence, as authors number requirements, makes no heading."""
    return may_be_title(text.strip().rstrip(":.")) and len(text) < 200


def attribute_is_set(element: Any, path: str) -> bool:
    """Whether an on/off property is present and not off."""
    found = element.find(path.replace("w:", W))
    return found is not None and found.get(f"{W}val") not in ("0", "false", "off")


def _is_bold(element: Any) -> bool:
    """Whether all words of a paragraph are bold by hand."""
    runs = [run for run in element.iter(f"{W}r") if "".join(run.itertext(f"{W}t")).strip()]
    return bool(runs) and all(attribute_is_set(run, "w:rPr/w:b") for run in runs)


def _titled(found: _Text, level: int, marker: str) -> Piece:
    text = found.text.strip()
    if not marker:
        number, title = split_title(text)
        if number:
            level = level or number_depth(number)
            return Piece(BlockKind.HEADING, title, found.page, level, number)
    return Piece(BlockKind.HEADING, text, found.page, level, marker, turns=found.turns)


def _runs(element: Any) -> Iterator[tuple[str, str]]:
    """("text", words), ("rendered", "") and ("break", "") in order, without recursion."""
    stack = [iter(element)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
            continue
        tag = child.tag
        if tag in _SKIPPED or tag == f"{W}txbxContent":
            continue
        if tag == f"{W}t":
            # what follows an entity, which is not resolved, is its tail
            yield "text", (child.text or "") + "".join(part.tail or "" for part in child)
        elif tag == f"{W}sym":
            yield "text", _symbol(child)
        elif tag in _BREAKS:
            yield "text", _BREAKS[tag]
        elif tag == f"{W}lastRenderedPageBreak":
            yield "rendered", ""
        elif tag == f"{W}br":
            yield ("break", "") if child.get(f"{W}type") == "page" else ("text", " ")
        elif tag == f"{W}r" and attribute_is_set(child, "w:rPr/w:vanish"):
            continue
        else:
            stack.append(iter(child))


def _symbol(element: Any) -> str:
    """A sign of a symbol font, by its code in the font."""
    try:
        return chr(int(element.get(f"{W}char") or "20", 16))
    except (ValueError, OverflowError):
        return " "


def _boxes(element: Any) -> Iterator[Any]:
    """Text boxes anchored in a paragraph, each once."""
    for box in element.iter(f"{W}txbxContent"):
        above = [parent.tag for parent in box.iterancestors()]
        if f"{_MC}Fallback" not in above:
            yield box


def _rows(table: Any) -> Iterator[Any]:
    yield from _children(table, "tr")


def _children(holder: Any, name: str) -> Iterator[Any]:
    """Children of a kind, also those inside of content controls and tracked insertions."""
    for element in holder:
        if element.tag == f"{W}{name}":
            yield element
        elif element.tag in _BLOCK_HOLDERS:
            yield from _children(element, name)


def _is_contents_part(element: Any) -> bool:
    """A table of contents that Word made."""
    gallery = attribute(element, "w:sdtPr/w:docPartObj/w:docPartGallery")
    return gallery is not None and "contents" in gallery.lower()
