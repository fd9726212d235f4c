"""Tables drawn with | and + in plain text and Markdown."""

import re
from collections.abc import Iterator

from ..builder import Piece
from ..tables import Part, RawCell, table_pieces

_BORDER = re.compile(r"[\s|+:=\-]+$")
_UNESCAPED = re.compile(r"(?<!\\)\|")


def is_table_line(line: str) -> bool:
    """A row between pipes or a drawn border."""
    line = line.strip()
    if line.startswith("+") and line.endswith("+"):
        return len(line) > 2 and _BORDER.match(line) is not None
    return len(line) > 2 and line.startswith("|") and line.endswith("|")


def pipe_table(lines: list[str], table: int, page: int) -> Iterator[Piece]:
    """The pieces of one drawn table. Borders between rows, if drawn, say where cells end."""
    rows: list[list[str]] = []
    header_rows: int | None = None
    drawn = any(line.strip().startswith("+") for line in lines)
    joins = False
    for line in lines:
        if _BORDER.match(line.strip()):
            header_rows = len(rows) if header_rows is None and rows else header_rows
            joins = False
            continue
        cells = [cell.strip().replace("\\|", "|") for cell in _UNESCAPED.split(line.strip()[1:-1])]
        if drawn and joins and len(cells) == len(rows[-1]):
            rows[-1] = [
                f"{above} {cell}".strip() for above, cell in zip(rows[-1], cells, strict=True)
            ]
        else:
            rows.append(cells)
        joins = True
    raw = [
        RawCell(row, column, [Part(text, page)])
        for row, cells in enumerate(rows)
        for column, text in enumerate(cells)
        if text
    ]
    yield from table_pieces(raw, table, header_rows=header_rows)
