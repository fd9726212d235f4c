"""Tables without drawn lines: rows of words over the same three or more columns."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ..markers import BULLETS
from .lines import Line, segments
from .words import Word

_COLUMNS = 3  # two are a number and its text, or a term and its meaning
_ROWS = 3
_GUTTER = 0.8  # font heights of white that runs through all rows between two columns
_ROW_GAP = 2.6  # font heights between baselines, at most
_WORDS = 8.0  # in a cell's line, on average, at most
_PAGE_NUMBER = re.compile(r"\d{1,4}|[ivxlc]{1,6}")


@dataclass(slots=True)
class Columns:
    """A stretch of lines and the white gutters between its columns, from left to right."""

    first: int
    last: int
    gutters: list[tuple[float, float]]

    def column(self, word: Word) -> int:
        middle = (word.x0 + word.x1) / 2
        return sum(middle > end for _, end in self.gutters)


def tables_in(lines: list[Line]) -> Iterator[Columns]:
    """The stretches of `lines`, from top to bottom, that are tables."""
    index = 0
    while index < len(lines):
        found = _stretch(lines, index) if len(segments(lines[index])) >= _COLUMNS else None
        if found and _is_table(lines[found.first : found.last + 1], found):
            yield found
            index = found.last
        index += 1


def _stretch(lines: list[Line], first: int) -> Columns | None:
    """The longest stretch from `first` on that keeps enough gutters free."""
    found = None
    gutters = _gutters(lines[first])
    for last in range(first, len(lines)):
        line = lines[last]
        if last > first:
            if lines[last - 1].baseline - line.baseline > _ROW_GAP * line.size:
                break
            gutters = _narrowed(gutters, line)
        if len(gutters) < _COLUMNS - 1:
            break
        found = Columns(first, last, gutters)
    return found


def _gutters(line: Line) -> list[tuple[float, float]]:
    parts = segments(line)
    return [(max(word.x1 for word in left), right[0].x0) for left, right in pairwise(parts)]


def _narrowed(gutters: list[tuple[float, float]], line: Line) -> list[tuple[float, float]]:
    """The gutters as far as no word of the line stands in them."""
    kept = []
    for start, end in gutters:
        for word in line.words:
            if word.x1 <= start or word.x0 >= end:
                continue
            # the word cuts the gutter: its wider side remains
            before, after = word.x0 - start, end - word.x1
            start, end = (start, word.x0) if before >= after else (word.x1, end)
        if end - start >= _GUTTER * line.size:
            kept.append((start, end))
    return kept


def _is_table(lines: list[Line], columns: Columns) -> bool:
    full = [
        line for line in lines if len({columns.column(word) for word in line.words}) >= _COLUMNS
    ]
    if len(full) < _ROWS or len(full) < 0.5 * len(lines):
        return False
    parts = [part for line in lines for part in segments(line)]
    if sum(map(len, parts)) > _WORDS * len(parts):
        return False
    if all(line.words[0].text in BULLETS for line in full):
        return False
    ends = [line.words[-1].text for line in full]
    return not all(map(_PAGE_NUMBER.fullmatch, ends))  # a table of contents


def rows_of(lines: list[Line], columns: Columns) -> dict[tuple[int, int], list[Word]]:
    """The words by row and column. A line without a first cell goes on with the row above."""
    cells: dict[tuple[int, int], list[Word]] = {}
    row = -1
    for line in lines:
        filled = {columns.column(word) for word in line.words}
        if row < 0 or (0 in filled and len(filled) > 1):
            row += 1
        for word in line.words:
            cells.setdefault((row, columns.column(word)), []).append(word)
    return cells
