"""Turns the cells of a table, however they were found, into pieces in reading order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

from .builder import Piece
from .document import BlockKind, Cell
from .headings import is_plain_title
from .markers import is_marker, split_title

_HEADER_WORDS = 8


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph or a list item of a cell."""

    text: str
    page: int = 1
    turns: tuple[tuple[int, int], ...] = ()
    marker: str = ""
    level: int = 0  # from 1 for list items, 0 for plain text


@dataclass(slots=True)
class RawCell:
    row: int
    column: int
    parts: list[Part] = field(default_factory=list)
    span: int = 1  # columns covered

    @property
    def text(self) -> str:
        return " ".join(part.text for part in self.parts if part.text)


def table_pieces(
    cells: Iterable[RawCell], table: int, *, header_rows: int | None = None
) -> Iterator[Piece]:
    """The pieces of one table, row by row. `header_rows` is guessed when None.

    A first cell that is only a number or an identifier becomes the marker of its row's texts.
    """
    filled = sorted((c for c in cells if c.text.strip()), key=lambda c: (c.row, c.column))
    rows = [list(row) for _, row in groupby(filled, key=lambda cell: cell.row)]
    if rows and (title := _title(rows)):
        yield title
        rows = [[replace(cell, row=cell.row - 1) for cell in row] for row in rows[1:]]
        header_rows = header_rows - 1 if header_rows else None
    if header_rows is None:
        header_rows = 1 if _is_header(rows) else 0
    headers: dict[int, str] = {}
    for row in rows:
        in_header = row[0].row < header_rows
        marker = "" if in_header else _row_marker(row)
        for index, cell in enumerate(row):
            if marker and index == 0:
                continue
            if in_header:
                _add_header(headers, cell)
            place = Cell(
                table, cell.row, cell.column, "" if in_header else headers.get(cell.column, "")
            )
            shown = marker if index == 1 or len(cell.text.split()) > 3 else ""
            yield from _cell_pieces(cell, place, shown)


def _title(rows: list[list[RawCell]]) -> Piece | None:
    """A first row of one cell across all columns names what the table holds, as a heading does."""
    (first, *others) = rows[0]
    columns = max(cell.column + cell.span for row in rows for cell in row)
    whole = first.row == first.column == 0 and first.span == columns > 1 and not others
    if not whole or len(rows) < 2 or len(first.parts) != 1 or not is_plain_title(first.text):
        return None
    number, text = split_title(first.text)
    number = first.parts[0].marker or number
    return Piece(BlockKind.HEADING, text, first.parts[0].page, 0, number)


def _is_header(rows: list[list[RawCell]]) -> bool:
    if len(rows) < 2 or len(rows[0]) < 2 or rows[0][0].row != 0:
        return False
    columns = {cell.column for row in rows[1:4] for cell in row}
    if columns - {cell.column for cell in rows[0]} - {min(columns)}:  # a corner may be empty
        return False
    return all(
        len(cell.parts) <= 2
        and len(cell.text.split()) <= _HEADER_WORDS
        and not cell.text.rstrip().endswith((".", ";"))
        and (cell is rows[0][0] or not is_marker(cell.text))
        for cell in rows[0]
    ) and not (is_marker(rows[0][0].text) and rows[0][0].text[:1].isdigit())


def _add_header(headers: dict[int, str], cell: RawCell) -> None:
    for column in range(cell.column, cell.column + cell.span):
        above = headers.get(column, "")
        headers[column] = f"{above} / {cell.text}" if above else cell.text


def _row_marker(row: list[RawCell]) -> str:
    if len(row) < 2 or not is_marker(row[0].text.strip()):
        return ""
    beside = row[1].text
    if is_marker(beside) or len(beside.split()) < 2:
        return ""
    return row[0].text.strip()


def _cell_pieces(cell: RawCell, place: Cell, marker: str) -> Iterator[Piece]:
    """A cell is one block; only its list items stand apart."""
    for part in cell.parts:
        item = part.level > 0
        yield Piece(
            kind=BlockKind.LIST_ITEM if item else BlockKind.TABLE_CELL,
            text=part.text,
            page=part.page,
            level=part.level,
            marker=part.marker or ("" if item else marker),
            cell=place,
            turns=part.turns,
        )
        if not item:
            marker = ""


def merged_parts(parts: Iterable[Part]) -> list[Part]:
    """Neighbouring plain paragraphs of a cell as one; list items stay as they are."""
    merged: list[Part] = []
    for part in parts:
        if not part.text:
            continue
        if merged and not part.level and not merged[-1].level and not part.marker:
            last = merged[-1]
            offset = len(last.text) + 1
            turn = ((offset, part.page),) if part.page > last.page else ()
            turns = last.turns + turn + tuple((at + offset, page) for at, page in part.turns)
            merged[-1] = Part(f"{last.text} {part.text}", last.page, turns, last.marker)
        else:
            merged.append(part)
    return merged
