"""Plain text: structure by blank lines, indentation, numbers, underlines and capitals."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..builder import Builder, Piece
from ..cleaning import Vocabulary, clean, join_all
from ..document import BlockKind, Document
from ..encoding import decode
from ..headings import (
    is_capitals,
    is_chapter,
    is_contents_entry,
    is_contents_title,
    is_plain_title,
    may_be_title,
)
from ..markers import Marker, MarkerKind, match_marker, number_depth
from ..pagecount import check_pages
from .numbering import Numbering, ends_sentence, is_item_after, numbered_title
from .pipes import is_table_line, pipe_table
from .protocol import Source

_UNDERLINE = re.compile(r"(?:={3,}|-{3,}|~{3,}|\^{3,}|\*{3,}|_{3,})$")
_RULE = re.compile(r"[=\-~^*_#.\s]{3,}$")
_CHAPTER_NUMBER = re.compile(r"(\d{1,2})\s+(?=[A-Z])")
_SENTENCE_END = re.compile(r"[.!?:;][)\]\"'”’]*$|\((?:[A-Z]{1,3})\)\.?$")
_TAB = 4
_FURNITURE_PAGES = 3
_EDGE_LINES = 2
_NEAR_LINES = 20  # of an open paragraph that are searched for a list's items
_TABLE_LINES = 10_000  # a longer table is read as several


@dataclass(frozen=True, slots=True)
class Line:
    """A line that says something."""

    text: str  # cleaned, no white space at the ends
    indent: int
    page: int
    after_blank: bool
    below: str = ""  # the line directly below, "" when that is blank
    underline: str = ""  # the character that underlines it

    @property
    def before_blank(self) -> bool:
        return not self.below


class _Plain:
    def parse(self, source: Source) -> Document:
        text, warnings = decode(source.content)
        if "\n" not in text:
            text = text.replace("\r", "\n")  # old Mac files
        pages = text.count("\f") + (0 if text.rstrip(" \r\n\t").endswith("\f") else 1)
        check_pages(pages)
        builder = Builder(source.name, source.media_type)
        for piece in pieces(text):
            builder.add(piece)
        del text  # before the parts are joined: big files are held twice, not three times
        return builder.finish(pages, warnings)


PARSER = _Plain()


def pieces(text: str) -> Iterator[Piece]:
    """The pieces of a text in order; form feeds turn the page."""
    vocabulary = Vocabulary()
    if "-\n" in text or "-\r\n" in text:
        for line, _ in raw_lines(text):
            vocabulary.learn(line)
    return _Reader(vocabulary).read(_lines(text))


def raw_lines(text: str) -> Iterator[tuple[str, int]]:
    """Lines with their page, one at a time: a list of them would weigh more than the text."""
    page = 1
    for match in re.finditer(r"([^\n\f]*)([\n\f]|$)", text):
        yield match[1], page
        if match[2] == "\f":
            page += 1


def _lines(text: str) -> Iterator[Line]:
    """Lines with what surrounds them; underlines, headers and footers are taken out."""
    furniture = _furniture(text) if "\f" in text else frozenset()
    waiting: tuple[str, int, int, bool] | None = None  # text, indent, page, after a blank line
    blank = True
    for raw, page in raw_lines(text):
        line = clean(raw.expandtabs(_TAB)) if raw else ""
        bare = line.strip()
        if not bare or (page, bare) in furniture:
            if waiting:
                yield Line(*waiting)
                waiting = None
            blank = True
            continue
        if _RULE.match(bare):
            if waiting:
                under = _UNDERLINE.match(bare) is not None and len(bare) * 2 > len(waiting[0])
                yield Line(*waiting, underline=bare[0] if under else "")
                waiting = None
            blank = True
            continue
        if waiting:
            yield Line(*waiting, below=bare)
        waiting = (bare, len(line) - len(line.lstrip()), page, blank)
        blank = False
    if waiting:
        yield Line(*waiting)


def _furniture(text: str) -> frozenset[tuple[int, str]]:
    """(page, line) of what stands at the same edge of most pages: headers and footers."""
    edges: list[tuple[int, str, str]] = []
    pages: dict[int, list[str]] = {}
    for raw, page in raw_lines(text):
        if bare := clean(raw).strip():
            kept = pages.setdefault(page, [])
            kept.append(bare)
            if len(kept) > 2 * _EDGE_LINES:  # the first two and the last two suffice
                del kept[_EDGE_LINES]
    for page, kept in pages.items():
        for position, bare in enumerate(kept):
            edge = f"top {position}" if position < _EDGE_LINES else f"end {position - len(kept)}"
            edges.append((page, bare, f"{edge} {re.sub(r'[0-9]+', '#', ' '.join(bare.split()))}"))
    counts = Counter(shape for _, _, shape in edges)
    enough = max(_FURNITURE_PAGES, 0.4 * len(pages))
    return frozenset((page, bare) for page, bare, shape in edges if counts[shape] >= enough)


class _Reader:
    """Gathers lines into paragraphs, items and tables."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._lines: list[Line] = []
        self._marker: Marker | None = None
        self._table: list[str] = []
        self._tables = 0
        self._indents: list[int] = []
        self._contents = False
        self._after_heading = False
        self._numbering = Numbering()
        self._width = 0  # of the widest line that was wrapped

    def read(self, lines: Iterable[Line]) -> Iterator[Piece]:
        for line in lines:
            if is_table_line(line.text):
                yield from self._paragraph()
                if len(self._table) >= _TABLE_LINES:
                    yield from self._drawn_table()
                self._table.append(line.text)
                self._table_page = line.page
                continue
            yield from self._drawn_table()
            if self._is_contents(line):
                yield from self._paragraph()
                continue
            heading = _heading(line, self._after_heading and not self._lines)
            if heading := heading or self._next_in_count(line):
                self._after_heading = True
                yield from self._paragraph()
                self._indents.clear()
                self._numbering.saw_heading(heading.marker, heading.text)
                yield heading
                continue
            self._after_heading = False
            yield from self._text(line)
        yield from self._paragraph()
        yield from self._drawn_table()

    def _text(self, line: Line) -> Iterator[Piece]:
        """Take a line into the open paragraph or, when it begins another, close that one."""
        marker = match_marker(line.text)
        if self._begins(line, marker):
            yield from self._paragraph()
            self._marker = marker
            if marker and marker.kind is MarkerKind.DECIMAL:
                self._numbering.saw_item(marker.text)
        elif not _SENTENCE_END.search(self._lines[-1].text):
            last = self._lines[-1]
            self._width = max(self._width, last.indent + len(last.text))
        self._lines.append(line)

    def _next_in_count(self, line: Line) -> Piece | None:
        """The heading that a line is by carrying on the count, without blank lines around it."""
        numbered = numbered_title(line.text)
        if numbered is None or not self._numbering.goes_on_with(numbered):
            return None
        if self._lines:
            last = self._lines[-1]
            apart = line.after_blank and line.page == last.page
            if line.indent > self._lines[0].indent or not (apart or ends_sentence(last.text)):
                return None
            if numbered.stopped and not self._numbering.has_begun:
                return None  # "1." below text begins a list
            near = self._lines[:1] + self._lines[-_NEAR_LINES:]
            if is_item_after(numbered, [each.text for each in near]):
                return None
        if not self._stands_alone(line):
            return None
        return _piece(line, numbered.printed, numbered.title, numbered.depth)

    def _stands_alone(self, line: Line) -> bool:
        """Whether the text below does not go on with `line`: a wrapped line is a full line."""
        if line.before_blank:
            return True
        below = match_marker(line.below)
        if below and below.kind in (MarkerKind.DECIMAL, MarkerKind.IDENTIFIER):
            return True
        if not line.below[0].isupper():
            return False
        first = line.below.split(maxsplit=1)[0]
        return not self._width or line.indent + len(line.text) + 1 + len(first) <= self._width

    def _is_contents(self, line: Line) -> bool:
        if is_contents_title(line.text):
            self._contents = True
            return True
        if is_contents_entry(line.text):
            return True
        self._contents = self._contents and line.text[-1:].isdigit() and len(line.text) < 90
        return self._contents

    def _begins(self, line: Line, marker: Marker | None) -> bool:
        """Whether `line` begins a paragraph or item rather than going on with the open one."""
        if not self._lines:
            return True
        last = self._lines[-1]
        if line.page != last.page:
            return marker is not None or not goes_on(last.text, line.text)
        if line.after_blank:
            return True
        if marker and (marker.kind is not MarkerKind.LIST or not _looks_wrapped(last, line)):
            return (
                marker.kind is not MarkerKind.BULLET
                or line.text[0] not in "-–—+"
                or not _inside(last)
            )
        if self._marker is None and line.indent > last.indent + 1 and len(self._lines) > 1:
            return True  # the next paragraph begins with an indent
        ended = _SENTENCE_END.search(last.text) is not None
        if line.indent < self._lines[0].indent and ended:
            return True
        return ended and self._ended_early(line)

    def _ended_early(self, line: Line) -> bool:
        """The line before ended though the next line's first word still had room."""
        if not (line.text[0].isupper() or line.text[0].isdigit()):
            return False
        last = self._lines[-1]
        width = max((each.indent + len(each.text) for each in self._lines), default=0)
        room = max(width, 72) - last.indent - len(last.text)
        return room > len(line.text.split(maxsplit=1)[0]) + 1 or len(last.text) > 120

    def _paragraph(self) -> Iterator[Piece]:
        if not self._lines:
            return
        lines, self._lines = self._lines, []
        marker, self._marker = self._marker, None
        texts = [(line.text, line.page) for line in lines]
        if marker:
            texts[0] = (marker.rest, lines[0].page)
        text, turns = join_all(texts, self._vocabulary)
        level = 0
        if marker and marker.kind in (MarkerKind.BULLET, MarkerKind.LIST):
            level = self._level(lines[0].indent)
        elif not lines[0].indent:
            self._indents.clear()
        yield Piece(
            kind=BlockKind.LIST_ITEM if level else BlockKind.PARAGRAPH,
            text=text,
            page=lines[0].page,
            level=level,
            marker=marker.text if marker else "",
            turns=turns,
        )

    def _level(self, indent: int) -> int:
        while self._indents and self._indents[-1] > indent:
            self._indents.pop()
        if not self._indents or self._indents[-1] < indent:
            self._indents.append(indent)
        return len(self._indents)

    def _drawn_table(self) -> Iterator[Piece]:
        if self._table:
            lines, self._table = self._table, []
            yield from pipe_table(lines, self._tables, self._table_page)
            self._tables += 1


def goes_on(before: str, after: str) -> bool:
    """Whether a paragraph evidently runs over from one page to the next."""
    if _SENTENCE_END.search(before):
        return after[0].islower() and not before.endswith((".", "!", "?"))
    return after[0].islower() or before.endswith((",", "-", "\u00ad")) or not is_plain_title(after)


def _looks_wrapped(last: Line, line: Line) -> bool:
    """ "… as defined in chapter" / "3. It …": a number that the wrapping put first."""
    return _SENTENCE_END.search(last.text) is None and line.indent <= last.indent


def _inside(last: Line) -> bool:
    """A dash at the line's begin, after a line that did not end: a dash in a sentence."""
    return _SENTENCE_END.search(last.text) is None and len(last.text) > 50


def _heading(line: Line, after_heading: bool) -> Piece | None:
    """The heading that a line is, if it is one."""
    if line.underline and may_be_title(line.text):
        marker = match_marker(line.text)
        number = marker.text if marker and marker.kind is not MarkerKind.BULLET else ""
        level = number_depth(number) if number else 1 if line.underline in "=*" else 2
        return _piece(line, number, marker.rest if number and marker else line.text, level)
    if not line.after_blank and not after_heading:
        return None
    if found := _CHAPTER_NUMBER.match(line.text):
        title = line.text[found.end() :]
        return (
            _piece(line, found[1], title, 1)
            if line.before_blank and is_plain_title(title)
            else None
        )
    marker = match_marker(line.text)
    if marker is None:
        alone = line.before_blank and (is_capitals(line.text) or is_chapter(line.text))
        return _piece(line, "", line.text, 1) if alone and may_be_title(line.text) else None
    numbered = marker.kind is MarkerKind.DECIMAL or (
        marker.kind is MarkerKind.LIST and marker.text[:-1].isdigit() and line.indent == 0
    )
    if not numbered or not is_plain_title(marker.rest):
        return None
    below = match_marker(line.below)
    deeper = below is not None and below.text.startswith(marker.text.rstrip(".)") + ".")
    short = marker.kind is MarkerKind.DECIMAL and len(line.text) < 60 and below is None
    if line.before_blank or deeper or short:
        return _piece(line, marker.text, marker.rest, number_depth(marker.text))
    return None


def _piece(line: Line, number: str, title: str, level: int) -> Piece:
    return Piece(BlockKind.HEADING, title, line.page, level, number)
