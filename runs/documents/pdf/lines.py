"""Words into printed lines."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from .words import Word

_SUPERSCRIPTS = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_WIDE = 0.75  # a gap of this many font heights is a tabulator, not a space


@dataclass(slots=True)
class Line:
    """Words on one baseline; in `text`, gaps wider than a space are two spaces."""

    words: list[Word]
    page: int
    text: str
    starts: list[int]  # where in `text` each word begins
    x0: float
    x1: float
    baseline: float
    size: float
    bold: bool

    def x_of(self, offset: int) -> float:
        """Where the word that begins at or behind `offset` in the text stands on the page."""
        index = bisect_left(self.starts, offset)
        return self.words[min(index, len(self.words) - 1)].x0


def lines_of(words: Iterable[Word], page: int) -> list[Line]:
    """Lines from top to bottom, words from left to right. Raised and lowered signs join theirs."""
    ordered = sorted(words, key=lambda word: -word.baseline)
    if not ordered:
        return []
    usual = median(word.size for word in ordered)
    rows: list[list[Word]] = []
    for word in ordered:
        if word.size < 0.8 * usual:
            continue
        if rows and rows[-1][0].baseline - word.baseline < 0.3 * min(word.size, rows[-1][0].size):
            rows[-1].append(word)
        else:
            rows.append([word])
    small = [word for word in ordered if word.size < 0.8 * usual]
    _attach(small, rows)
    lines = [_line(sorted(row, key=lambda word: word.x0), page) for row in rows]
    return sorted(lines, key=lambda line: -line.baseline)


def _attach(small: list[Word], rows: list[list[Word]]) -> None:
    """Put small words into the line that they touch, or into lines of their own."""
    levels = [-row[0].baseline for row in rows]
    count = len(rows)
    for word in small:
        near = bisect_left(levels, -(word.bottom + word.top) / 2)
        for row in rows[max(0, near - 1) : min(count, near + 2)]:
            if _touches(word, row):
                row.append(word)
                break
        else:
            last = rows[-1] if len(rows) > count else None
            if last and abs(last[0].baseline - word.baseline) < 0.3 * word.size:
                last.append(word)
            else:
                rows.append([word])


def _touches(word: Word, row: list[Word]) -> bool:
    shared = min(word.top, row[0].top) - max(word.bottom, row[0].bottom)
    if shared < 0.5 * word.size:
        return False
    if abs(word.baseline - row[0].baseline) < 0.1 * row[0].size:
        return True
    return any(
        abs(word.x0 - other.x1) < 0.6 * other.size or 0 < other.x0 - word.x1 < 0.3 * other.size
        for other in row
    )


def _line(words: list[Word], page: int) -> Line:
    main = max(words, key=lambda word: len(word.text) * word.size)
    size = main.size
    parts: list[str] = []
    starts: list[int] = []
    length, end = 0, 0.0
    for word in words:
        if parts:
            gap = word.x0 - end
            space = "  " if gap > _WIDE * size else " "
            if not word.spaced and gap < 0.25 * size:
                space = ""
            parts.append(space)
            length += len(space)
        starts.append(length)
        raised = word.size < 0.85 * size and word.baseline > main.baseline + 0.15 * size
        # "ISO 9001" with a reference to note 4 is not "ISO 90014", and 10 to the 3rd not 103
        parts.append(word.text.translate(_SUPERSCRIPTS) if raised else word.text)
        length += len(word.text)
        end = max(end, word.x1)
    letters = sum(len(word.text) for word in words)
    bold = sum(len(word.text) for word in words if word.bold)
    return Line(
        words=words,
        page=page,
        text="".join(parts),
        starts=starts,
        x0=words[0].x0,
        x1=end,
        baseline=median(word.baseline for word in words),
        size=size,
        bold=bold > 0.85 * letters,
    )


def segments(line: Line) -> list[list[Word]]:
    """The line's words, cut at its wide gaps."""
    cut: list[list[Word]] = []
    for number, word in enumerate(line.words):
        start = line.starts[number]
        if not cut or line.text[start - 2 : start] == "  ":
            cut.append([])
        cut[-1].append(word)
    return cut
