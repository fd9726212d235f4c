"""Markdown: markdown-it finds the blocks; numbers in headings and paragraphs become markers."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..builder import Builder, Piece
from ..document import BlockKind, Document
from ..encoding import decode
from ..headings import is_contents_title
from ..markers import MarkerKind, match_marker, split_title
from ..tables import Part, RawCell, table_pieces
from .protocol import Source

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(
    r"\A---[ \t]*\r?\n(?:(?!---[ \t]*\r?$).*\r?\n){0,200}?---[ \t]*\r?\n", re.M
)
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_TAG = re.compile(r"<[^<>]{0,300}>")
_MARKUP = re.compile(r"[*_`\[\]<!&\\~]")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_CHUNK = 256 * 1024  # characters handed to markdown-it at once: its tokens weigh 20 times the text
_TO_CONTENTS = re.compile(r"\]\(#[^)]*\)")


class _Markdown:
    def parse(self, source: Source) -> Document:
        text, warnings = decode(source.content)
        text = _FRONT_MATTER.sub("", text.replace("\f", "\n"), count=1)
        builder = Builder(source.name, source.media_type)
        reader = _Reader()
        for chunk in chunks(text):
            for piece in reader.read(chunk):
                builder.add(piece)
        return builder.finish(1, warnings)


PARSER = _Markdown()


def chunks(text: str) -> Iterator[str]:
    """The text cut before headings, outside of code fences, into parts of a bounded size."""
    kept: list[str] = []
    size, fence = 0, ""
    for match in re.finditer(r"[^\n]*\n|[^\n]+$", text):
        line = match[0]
        if found := _FENCE.match(line):
            fence = "" if fence == found[1] else fence or found[1]
        blank = not line.strip() and size > 4 * _CHUNK
        if not fence and ((size > _CHUNK and line.startswith("#")) or blank):
            yield "".join(kept)
            kept, size = [], 0
        kept.append(line)
        size += len(line)
    if kept:
        yield "".join(kept)


class _Reader:
    def __init__(self) -> None:
        from markdown_it import MarkdownIt

        self._markdown = MarkdownIt("commonmark").enable("table").disable("inline")
        self._inline = MarkdownIt("commonmark")
        self._lists: list[str] = []  # the open lists: next number and its sign, or the bullet
        self._item = ""  # the marker of an item that has not had its first paragraph yet
        self._heading = 0
        self._contents = False
        self._tables = 0
        self._cells: list[RawCell] = []
        self._row = self._column = -1
        self._header_rows = 0

    def read(self, chunk: str) -> Iterator[Piece]:
        for token in self._markdown.parse(_COMMENT.sub("", chunk)):
            if token.type == "inline":
                yield from self._text(token)
            elif token.type in ("fence", "code_block"):
                yield from self._code(token)
            elif token.type == "table_close":
                yield from table_pieces(self._cells, self._tables, header_rows=self._header_rows)
                self._cells, self._row, self._header_rows = [], -1, 0
                self._tables += 1
            else:
                self._track(token)

    def _track(self, token: "Token") -> None:
        kind = token.type
        if kind == "heading_open":
            self._heading = int(token.tag[1])
        elif kind in ("bullet_list_open", "ordered_list_open"):
            self._lists.append("")
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self._lists.pop()
        elif kind == "list_item_open":
            self._item = f"{token.info}{token.markup}"
        elif kind == "tr_open":
            self._row, self._column = self._row + 1, -1
        elif kind == "thead_close":
            self._header_rows = 1
        elif kind in ("th_open", "td_open"):
            self._column += 1

    def _text(self, token: "Token") -> Iterator[Piece]:
        if self._row >= 0:
            self._cells.append(RawCell(self._row, self._column, [Part(self._plain(token.content))]))
            return
        if self._heading:
            level, self._heading = self._heading, 0
            title = self._plain(token.content)
            self._contents = is_contents_title(title)
            if not self._contents:
                yield _heading(title, level)
            return
        if self._contents and (self._lists or _TO_CONTENTS.search(token.content)):
            self._item = ""
            return  # links to the headings below
        yield from self._paragraphs(token.content)

    def _paragraphs(self, content: str) -> Iterator[Piece]:
        """One paragraph; two where its author broke the line by hand before a marker."""
        lines: list[str] = []
        for line in content.split("\n"):
            marker = match_marker(line)
            if lines and marker and marker.kind in (MarkerKind.DECIMAL, MarkerKind.IDENTIFIER):
                yield self._paragraph(self._plain("\n".join(lines)))
                lines = []
            lines.append(line)
        yield self._paragraph(self._plain("\n".join(lines)))

    def _paragraph(self, text: str) -> Piece:
        level = len(self._lists)
        item, self._item = self._item, ""
        found = match_marker(text)
        own = found is not None and found.kind in (MarkerKind.DECIMAL, MarkerKind.IDENTIFIER)
        if found and (own or (found.kind is MarkerKind.LIST and not item)):
            item, text = found.text, found.rest
        if level:
            return Piece(BlockKind.LIST_ITEM, text, level=level, marker=item)
        return Piece(BlockKind.PARAGRAPH, text, marker=item)

    def _code(self, token: "Token") -> Iterator[Piece]:
        """Code as it stands, a paragraph for each stretch between blank lines."""
        for stretch in re.split(r"\n\s*\n", token.content):
            yield Piece(BlockKind.PARAGRAPH, stretch)

    def _plain(self, content: str) -> str:
        """The words without the markup."""
        if not _MARKUP.search(content):
            return content
        (inline,) = self._inline.parseInline(_placeholders_kept(content))
        shown = []
        for child in inline.children or ():
            if child.type in ("softbreak", "hardbreak"):
                shown.append(" ")
            elif child.type == "html_inline":
                shown.append(" " if child.content.lower().startswith("<br") else "")
            else:
                shown.append(child.content)
        return "".join(shown)


_PLACEHOLDER = re.compile(
    r"<(?=[^<>]*>)(?!/?(?:a|b|i|u|em|br|p|sub|sup|span|strong|code|img|kbd|del|ins|small|font|div|"
    r"center|details|summary)\b|https?:|mailto:|!)"
)


def _placeholders_kept(content: str) -> str:
    """ "<xx> hours" is a blank to fill in, not a tag."""
    return _PLACEHOLDER.sub(r"\\<", content)


def _heading(title: str, level: int) -> Piece:
    number, words = split_title(title)
    return Piece(BlockKind.HEADING, words, level=level, marker=number)
