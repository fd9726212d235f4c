"""HTML: the standard library finds the tags; scripts, styles and navigation are left out."""

from collections.abc import Iterator
from html.parser import HTMLParser

from ..builder import Builder, Piece
from ..document import BlockKind, Document
from ..encoding import decode
from ..markers import MarkerKind, match_marker, split_title
from ..tables import Part, RawCell, table_pieces
from .protocol import Source

_SILENT = frozenset(
    {"script", "style", "head", "nav", "noscript", "template", "svg", "header", "footer"}
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCK_LIST = (
    "p div section article main aside ul ol li dl dt dd table caption thead tbody tfoot "
    "tr td th pre blockquote form fieldset hr figure figcaption address body html"
)
_BLOCKS = frozenset(_BLOCK_LIST.split()) | frozenset(_HEADINGS)


class _Html:
    def parse(self, source: Source) -> Document:
        text, warnings = decode(source.content)
        reader = _Reader()
        builder = Builder(source.name, source.media_type)
        for start in range(0, len(text), 64 * 1024):
            reader.feed(text[start : start + 64 * 1024])
            for piece in reader.taken():
                builder.add(piece)
        reader.close()
        for piece in reader.taken():
            builder.add(piece)
        return builder.finish(1, warnings)


PARSER = _Html()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._ready: list[Piece] = []
        self._text: list[str] = []
        self._silent: list[str] = []
        self._lists: list[int | None] = []  # the next number, None for bullets
        self._marker = ""
        self._heading = 0
        self._tables = 0
        self._depth = 0  # of open tables; inner ones are read as text of their cell
        self._cells: list[RawCell] = []
        self._row, self._column, self._header_rows = -1, 0, 0
        self._covered: dict[int, int] = {}  # column -> rows that a cell above still covers

    def taken(self) -> Iterator[Piece]:
        """What is complete since the last time."""
        ready, self._ready = self._ready, []
        yield from ready

    def close(self) -> None:
        super().close()
        self._flush()
        self._end_table()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._text.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT and (tag != "header" or not self._text):
            self._flush()
            self._silent.append(tag)
        if self._silent:
            return
        if tag == "br":
            self._text.append(" ")
        if tag not in _BLOCKS:
            return
        in_cell = self._depth > 0
        if not in_cell:
            self._flush()
        else:
            self._text.append(" ")
        self._open(tag, dict(attrs))

    def _open(self, tag: str, attrs: dict[str, str | None]) -> None:
        if tag in _HEADINGS and not self._depth:
            self._heading = _HEADINGS[tag]
        elif tag == "ul":
            self._lists.append(None)
        elif tag == "ol":
            self._lists.append(_whole(attrs.get("start"), 1))
        elif tag == "li" and not self._depth:
            self._next_item()
        elif tag == "table":
            self._depth += 1
        elif tag == "tr" and self._depth == 1:
            self._flush()
            self._row, self._column = self._row + 1, 0
            self._covered = {column: rows - 1 for column, rows in self._covered.items() if rows > 1}
        elif tag in ("td", "th") and self._depth == 1:
            self._open_cell(tag, attrs)

    def _next_item(self) -> None:
        number = self._lists[-1] if self._lists else None
        self._marker = "•" if number is None else f"{number}."
        if number is not None:
            self._lists[-1] = number + 1

    def _open_cell(self, tag: str, attrs: dict[str, str | None]) -> None:
        self._flush()
        self._row = max(self._row, 0)
        while self._column in self._covered:
            self._column += 1
        span = min(max(1, _whole(attrs.get("colspan"), 1)), 1_000)
        rows = min(max(1, _whole(attrs.get("rowspan"), 1)), 65_534)
        if tag == "th" and self._row == self._header_rows and not self._column:
            self._header_rows = self._row + 1
        self._cells.append(RawCell(self._row, self._column, [], span))
        if rows > 1:
            self._covered.update(dict.fromkeys(range(self._column, self._column + span), rows))
        self._column += span

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
            return
        if tag not in _BLOCKS:
            return
        if not self._depth or tag in ("td", "th", "tr", "table"):
            self._flush()
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag in _HEADINGS:
            self._heading = 0
        elif tag == "table" and self._depth:
            self._depth -= 1
            if not self._depth:
                self._end_table()

    def _flush(self) -> None:
        text = " ".join("".join(self._text).split())
        self._text.clear()
        if not text:
            return
        if self._depth and self._cells:
            self._cells[-1].parts.append(Part(text))
            return
        self._ready.append(self._piece(text))

    def _piece(self, text: str) -> Piece:
        marker, self._marker = self._marker, ""
        found = match_marker(text)
        if found and found.kind is not MarkerKind.BULLET and not (marker and marker != "•"):
            marker, text = found.text, found.rest
        if self._heading:
            number, text = split_title(text) if not marker else (marker, text)
            return Piece(BlockKind.HEADING, text, level=self._heading, marker=number)
        if self._lists:
            return Piece(BlockKind.LIST_ITEM, text, level=len(self._lists), marker=marker)
        return Piece(BlockKind.PARAGRAPH, text, marker=marker)

    def _end_table(self) -> None:
        cells, self._cells = self._cells, []
        for cell in cells:
            cell.parts = [Part(cell.text)]
        self._ready.extend(table_pieces(cells, self._tables, header_rows=self._header_rows or None))
        self._tables += bool(cells)
        self._row, self._column, self._header_rows, self._covered = -1, 0, 0, {}


def _whole(value: str | None, otherwise: int) -> int:
    return (
        int(value)
        if value and value.isascii() and value.isdigit() and len(value) < 7
        else otherwise
    )
