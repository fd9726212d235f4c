"""What a parsed specification looks like: one text, and where everything in it stands.

A `Document` holds the whole readable text once. Sections, blocks and table cells are spans of it,
so `document.text[start:end]` is always exactly what a block, and later a requirement, says.
Lines that a layout broke are joined by single spaces; blocks are separated by a blank line.
Printed numbers and bullets ("3.2.1", "a)", "•") stay in the text but outside the block's span.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from enum import StrEnum


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE_CELL = "table_cell"


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a table cell stands. Rows and columns count from 0; a merged cell appears once."""

    table: int
    row: int
    column: int
    header: str = ""  # the text of the column's header cell, "" when the table has none


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and all that follows it up to the next heading of its level or above."""

    number: str  # as printed: "3.2.1", "" when unnumbered
    title: str
    level: int  # 1 is a chapter
    start: int
    end: int
    page: int

    @property
    def label(self) -> str:
        return f"{self.number} {self.title}".strip()


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list item or table cell: `document.text[start:end]`.

    A paragraph that runs over a page break is one block; `page` is where it begins.
    """

    kind: BlockKind
    start: int
    end: int
    page: int  # from 1; text files have one page per form feed, else 1
    section: int = -1  # index into Document.sections, -1 before the first heading
    level: int = 0  # heading depth or list nesting, from 1; 0 for the rest
    marker: str = ""  # the printed number or bullet that stands before the span
    cell: Cell | None = None


@dataclass(frozen=True, slots=True)
class Document:
    name: str
    media_type: str
    text: str
    pages: int
    sections: tuple[Section, ...]
    blocks: tuple[Block, ...]
    page_starts: tuple[int, ...]  # offset in `text` at which each page begins, ascending
    language: str = "en"  # ISO 639-1, "" when unknown
    warnings: tuple[str, ...] = field(default=())

    def slice(self, block: Block) -> str:
        return self.text[block.start : block.end]

    def page_at(self, offset: int) -> int:
        """The page, from 1, on which the character at `offset` stands."""
        return max(1, bisect_right(self.page_starts, offset))

    def section_of(self, block: Block) -> Section | None:
        return self.sections[block.section] if block.section >= 0 else None
