"""Puts the pieces that a parser finds, in reading order, into one `Document`."""

from dataclasses import dataclass

from .cleaning import one_line
from .document import Block, BlockKind, Cell, Document, Section
from .errors import DocumentRefused
from .limits import MAX_BLOCKS

_SEPARATOR = "\n\n"


@dataclass(frozen=True, slots=True)
class Piece:
    """What will be one block. A heading's marker is its section's number.

    A heading of level 0 belongs below the last heading that has a level.
    """

    kind: BlockKind
    text: str
    page: int = 1
    level: int = 0
    marker: str = ""
    cell: Cell | None = None
    turns: tuple[tuple[int, int], ...] = ()  # (offset in `text`, page that begins there)


class Builder:
    """Keeps offsets, pages and sections right while pieces are added one by one."""

    def __init__(self, name: str, media_type: str) -> None:
        self._name = name
        self._media_type = media_type
        self._parts: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._sections: list[
            tuple[str, str, int, int, int]
        ] = []  # number, title, level, start, page
        self._depth = 0  # of the last heading that came with a level
        self._page_starts = [0]
        self._shared: dict[str, str] = {}  # one object for each marker, however often it occurs

    def add(self, piece: Piece) -> None:
        """Append a block; a piece without visible text leaves no trace.

        Raises DocumentRefused ("too_many_parts") beyond MAX_BLOCKS.
        """
        text = one_line(piece.text)
        if not text:
            return
        if len(self._blocks) >= MAX_BLOCKS:
            raise DocumentRefused(
                "too_many_parts",
                f"The document has more than {MAX_BLOCKS:,} paragraphs, which is more than one "
                "document may have here. Split it into several documents.",
            )
        marker = one_line(piece.marker)
        marker = self._shared.setdefault(marker, marker)
        if self._blocks:
            self._append(_SEPARATOR)
        self._turn_to(piece.page, self._length)
        page, outset = len(self._page_starts), self._length
        if marker:
            self._append(f"{marker} ")
        start = self._length
        self._append(text)
        if text == piece.text:  # otherwise the offsets no longer fit; the page then turns later
            for offset, turn in piece.turns:
                self._turn_to(turn, start + offset)
        level = piece.level
        if piece.kind is BlockKind.HEADING:
            self._depth = level or self._depth
            level = level or self._depth + 1
            self._sections.append((marker, text, level, outset, page))
        section = len(self._sections) - 1
        block = Block(piece.kind, start, self._length, page, section, level, marker, piece.cell)
        self._blocks.append(block)

    def finish(self, pages: int, warnings: tuple[str, ...] = ()) -> Document:
        """The document; the builder is used up. Pages without text begin where the next does."""
        text = "".join(self._parts)
        self._parts.clear()
        pages = max(pages, len(self._page_starts))
        starts = self._page_starts + [len(text)] * (pages - len(self._page_starts))
        return Document(
            name=self._name,
            media_type=self._media_type,
            text=text,
            pages=pages,
            sections=self._closed_sections(len(text)),
            blocks=tuple(self._blocks),
            page_starts=tuple(starts),
            warnings=warnings,
        )

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)

    def _turn_to(self, page: int, offset: int) -> None:
        while len(self._page_starts) < page:
            self._page_starts.append(offset)

    def _closed_sections(self, length: int) -> tuple[Section, ...]:
        ends = [length] * len(self._sections)
        open_: list[int] = []
        for index, (_, _, level, start, _) in enumerate(self._sections):
            while open_ and self._sections[open_[-1]][2] >= level:
                ends[open_.pop()] = start
            open_.append(index)
        return tuple(
            Section(number=number, title=title, level=level, start=start, end=end, page=page)
            for (number, title, level, start, page), end in zip(self._sections, ends, strict=True)
        )
