"""Pages of lines and tables into the pieces of a document."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, pairwise

from ..builder import Piece
from ..cleaning import Vocabulary, join
from ..document import BlockKind
from ..headings import is_contents_entry, is_contents_title, is_plain_title, may_be_title
from ..markers import MarkerKind, number_depth, split_title
from ..tables import Part, RawCell, merged_parts, table_pieces
from .layout import Item, RuledTable
from .lines import Line
from .paragraphs import Gatherer, Paragraph
from .style import Style, page_pitch

_INDENT = 4.0  # points between two nesting levels
_OUTDENT = 10.0  # points: a number so far left of most others belongs to a heading
_SAME_EDGE = 6.0  # points by which a table's columns may move from page to page
_LISTED = (MarkerKind.BULLET, MarkerKind.LIST)


class Flow:
    """Reads the pages in order; holds what may go on over the page break."""

    def __init__(self, style: Style, vocabulary: Vocabulary) -> None:
        self._style = style
        self._vocabulary = vocabulary
        self._gatherer = Gatherer(style)
        self._tables = 0
        self._table: _OpenTable | None = None
        self._indents: list[float] = []
        self._depth = 0  # of the last numbered heading
        self._contents = False

    def read(self, pages: Iterable[list[Item]]) -> Iterator[Piece]:
        for items in pages:
            self._gatherer.turn_page(page_pitch([i for i in items if isinstance(i, Line)]))
            for number, item in enumerate(items):
                if isinstance(item, RuledTable):
                    yield from self._ruled(item, first=number == 0)
                    continue
                yield from self._close_table()
                if self._is_contents(item):
                    yield from self._pieces(self._gatherer.close())
                    continue
                yield from self._pieces(self._gatherer.add(item))
        yield from self._close_table()
        yield from self._pieces(self._gatherer.close())

    def _is_contents(self, line: Line) -> bool:
        if is_contents_title(line.text):
            self._contents = True
            return True
        entry = is_contents_entry(line.text)
        if self._contents and not entry:
            # without dots: a title, a wide gap, the page's number; or a title's first line
            entry = re.search(r"\S\s{2,}(?:\d{1,4}|[ivxlc]{1,6})$", line.text) is not None
            self._contents = entry
        return entry

    def _ruled(self, table: RuledTable, *, first: bool) -> Iterator[Piece]:
        if self._table and first and self._table.goes_on_with(table):
            self._table.extend(table)
            return
        if table.is_rest or len(table.cells) < 2:  # a column line, a frame around text
            yield from self._close_table()
            lines = sorted(chain(*table.cells.values()), key=lambda line: -line.baseline)
            for line in lines:
                yield from self._pieces(self._gatherer.add(line))
            return
        yield from self._pieces(self._gatherer.close())
        yield from self._close_table()
        self._table = _OpenTable(table, self._style, self._vocabulary)

    def _close_table(self) -> Iterator[Piece]:
        if self._table:
            table, self._table = self._table, None
            found = list(table_pieces(table.cells, self._tables))
            self._tables += 1
            yield from _in_page_order(found)

    def _pieces(self, paragraphs: Iterable[Paragraph]) -> Iterator[Piece]:
        for paragraph in paragraphs:
            yield self._heading(paragraph) or self._plain(paragraph)

    def _heading(self, paragraph: Paragraph) -> Piece | None:
        if len(paragraph.lines) > 3 or paragraph.turned:
            return None
        text, _ = paragraph.text(self._vocabulary)
        number, marker = "", paragraph.marker
        if marker and marker.kind in _LISTED and not marker.text.rstrip(".").isdigit():
            return None
        distinct = all(self._style.stands_out(line) for line in paragraph.lines)
        if marker:
            number = marker.text
        elif distinct:
            number, _ = split_title(paragraph.first.text)
            text = text.removeprefix(number).lstrip()
        if not self._is_heading(number, text, distinct, paragraph):
            return None
        self._indents.clear()
        level = self._level(number, paragraph)
        return Piece(BlockKind.HEADING, text, paragraph.first.page, level, number)

    def _is_heading(self, number: str, text: str, distinct: bool, paragraph: Paragraph) -> bool:
        if not may_be_title(text):
            return False
        if distinct:
            return True
        if "." not in number.rstrip("."):
            return False
        hangs_out = paragraph.first.x0 < self._style.numbers_x - _OUTDENT
        if self._style.distinct_headings and not hangs_out:
            return False
        alone = paragraph.above > 1.3 * self._style.pitch_of(paragraph.first)
        return alone and len(paragraph.lines) == 1 and is_plain_title(text)

    def _level(self, number: str, paragraph: Paragraph) -> int:
        if number and (number[0].isdigit() or "." in number):
            self._depth = number_depth(number)
            return self._depth
        if paragraph.first.size > 1.3 * self._style.body_size:
            self._depth = 1
            return 1
        return self._depth + 1

    def _plain(self, paragraph: Paragraph) -> Piece:
        text, turns = paragraph.text(self._vocabulary)
        marker, level = paragraph.marker, 0
        if marker and marker.kind in _LISTED:
            level = self._nesting(paragraph.first.x0)
        elif not marker or marker.kind is not MarkerKind.BULLET:
            self._indents.clear()
        return Piece(
            kind=BlockKind.LIST_ITEM if level else BlockKind.PARAGRAPH,
            text=text,
            page=paragraph.first.page,
            level=level,
            marker=marker.text if marker else "",
            turns=turns,
        )

    def _nesting(self, x0: float) -> int:
        while self._indents and self._indents[-1] > x0 + _INDENT:
            self._indents.pop()
        if not self._indents or self._indents[-1] < x0 - _INDENT:
            self._indents.append(x0)
        return len(self._indents)


class _OpenTable:
    """A ruled table that may go on at the top of the next page."""

    def __init__(self, table: RuledTable, style: Style, vocabulary: Vocabulary) -> None:
        self._style = style
        self._vocabulary = vocabulary
        self._xs = table.xs
        self._rows = table.rows
        self.cells = self._raw(table, 0)

    def goes_on_with(self, table: RuledTable) -> bool:
        """Whether it has the same columns; a cut row's outer sides can't be told."""
        ours, theirs = self._xs, table.xs
        if table.is_rest:
            ours, theirs = ours[1:-1], theirs[1:-1]
        return len(ours) == len(theirs) > 0 and all(
            abs(one - two) < _SAME_EDGE for one, two in zip(ours, theirs, strict=True)
        )

    def extend(self, table: RuledTable) -> None:
        """Append the next page's rows; a row that was cut by the page break becomes one again."""
        added = self._raw(table, self._rows)
        header = [cell.text for cell in self.cells if cell.row == 0]
        top = [cell for cell in added if cell.row == self._rows]
        if [cell.text for cell in top] == header and len(header) > 1:
            added = [cell for cell in added if cell.row > self._rows]
            top = [cell for cell in added if cell.row == self._rows + 1]
        bottom = [cell for cell in self.cells if cell.row == self._rows - 1]
        self._rows += table.rows
        if top and self._is_cut(bottom, top):
            self._mend(bottom, top)
            added = [replace(cell, row=cell.row - 1) for cell in added if cell not in top]
            self._rows -= 1
        self.cells.extend(added)

    def _is_cut(self, bottom: list[RawCell], top: list[RawCell]) -> bool:
        """One of the two halves has no number in its first column, though the others have."""
        first = min((cell.column for cell in self.cells), default=0)
        numbered = [any(cell.column == first for cell in row) for row in (bottom, top)]
        if numbered[0] and not numbered[1]:
            return True
        goes_on = any(cell.text[:1].islower() for cell in top if cell.column != first)
        return not numbered[0] and numbered[1] and goes_on

    def _mend(self, bottom: list[RawCell], top: list[RawCell]) -> None:
        for lower in top:
            upper = next((cell for cell in bottom if cell.column == lower.column), None)
            if upper is None:
                self.cells.append(replace(lower, row=bottom[0].row))
                continue
            first, *others = lower.parts
            if first.level or first.marker or not upper.parts:
                upper.parts.extend(lower.parts)
                continue
            upper.parts[-1] = _joined(upper.parts[-1], first, self._vocabulary)
            upper.parts.extend(others)

    def _raw(self, table: RuledTable, offset: int) -> list[RawCell]:
        return [
            RawCell(
                row + offset,
                column,
                self._parts(
                    lines,
                    table.xs[min(column + table.spans.get((row, column), 1), len(table.xs) - 1)],
                ),
                table.spans.get((row, column), 1),
            )
            for (row, column), lines in table.cells.items()
        ]

    def _parts(self, lines: list[Line], right: float) -> list[Part]:
        gatherer = Gatherer(self._style, right - 4, _cell_pitch(lines))
        paragraphs = [done for line in lines for done in gatherer.add(line)]
        paragraphs.extend(gatherer.close())
        nesting: list[float] = []
        parts = []
        for paragraph in paragraphs:
            text, turns = paragraph.text(self._vocabulary)
            marker = paragraph.marker
            if marker and not marker.rest and len(paragraph.lines) == 1:
                text, marker = marker.text, None
            listed = marker is not None and marker.kind in _LISTED
            if listed and paragraph.first.x0 not in nesting:
                nesting.append(paragraph.first.x0)
            parts.append(
                Part(
                    text=text,
                    page=paragraph.first.page,
                    turns=turns,
                    marker=marker.text if marker else "",
                    level=sorted(nesting).index(paragraph.first.x0) + 1 if listed else 0,
                )
            )
        return merged_parts(parts)


def _cell_pitch(lines: list[Line]) -> dict[int, float]:
    """A cell's paragraphs become one anyway, so its closest lines tell its pitch."""
    gaps = [above.baseline - line.baseline for above, line in pairwise(lines)]
    close = [gap for gap in gaps if 0 < gap < 2.2 * lines[0].size]
    return {round(line.size): min(close) for line in lines} if close else {}


def _joined(upper: Part, lower: Part, vocabulary: Vocabulary) -> Part:
    text = join(upper.text, lower.text, vocabulary)
    offset = len(text) - len(lower.text)
    turn = ((offset, lower.page),) if lower.page > upper.page else ()
    later = tuple((at + offset, page) for at, page in lower.turns)
    return replace(upper, text=text, turns=upper.turns + turn + later)


def _in_page_order(pieces: list[Piece]) -> Iterator[Piece]:
    """Pieces whose pages turn no earlier than every later piece's page.

    Two cells of a row may both run over the page break; the text has the first one's end before
    the second one's begin, so only the last one says where the page turns.
    """
    lowest = 1_000_000
    kept: list[Piece] = []
    for piece in reversed(pieces):
        turns = tuple(turn for turn in piece.turns if turn[1] <= lowest)
        kept.append(replace(piece, turns=turns) if turns != piece.turns else piece)
        lowest = min(lowest, piece.page)
    return reversed(kept)
