"""Headers, footers and page numbers: what stands at the same place of many pages."""

import re
from collections import Counter, defaultdict
from itertools import islice

from .lines import Line

_EDGE_LINES = 4
_TALL = 0.15  # of the page: a ruled table that is no boxed header
_NEARLY_ALL = 0.6  # of the pages: what repeats so often inside a frame is a header after all
_MOST_NUMBERS = 8
_NUMBER = re.compile(r"[0-9]{1,9}|(?<!\w)[ivxl]{1,7}(?!\w)")
_BAND = 4.0  # points within which two lines stand at the same height
_TITLE_LENGTH = 90
_PAGE_NUMBER = re.compile(
    r"(?:page\s*)?[-–—(\[]?\s*(?:\d{1,4}|[ivxl]{1,6}|[A-Z]-\d{1,3})\s*[-–—)\]]?(?:\s*(?:of|/|from)\s*\d{1,4})?",
    re.IGNORECASE,
)


def furniture(
    pages: list[list[Line]], heights: list[float], tables: list[list[tuple[float, float]]]
) -> list[set[int]]:
    """For each page the indexes of its lines that are headers or footers.

    `tables`: (top, bottom) of each page's ruled tables, for long tables' heads repeat, too.
    """
    shapes: Counter[tuple[str, int]] = Counter()
    edges = [_edge_lines(lines) for lines in pages]
    for lines, indexes in zip(pages, edges, strict=True):
        shapes.update({key for i in indexes for key in _keys(lines[i])})
    enough = 2 if len(pages) < 4 else max(3, 0.12 * len(pages))
    nearly_all = max(enough, _NEARLY_ALL * len(pages))
    removed: list[set[int]] = []
    for lines, indexes, height, ruled in zip(pages, edges, heights, tables, strict=True):
        tall = [(top, bottom) for top, bottom in ruled if top - bottom > _TALL * height]
        repeated = set()
        for i in indexes:
            times = max(shapes[key] for key in _keys(lines[i]))
            inside = any(top > lines[i].baseline > bottom for top, bottom in tall)
            if times >= (nearly_all if inside else enough) and _at_edge(lines[i], height):
                repeated.add(i)
        removed.append(_outermost(lines, indexes, repeated, height))
    _add_like(pages, edges, removed)
    _add_running_titles(pages, removed)
    return removed


def _edge_lines(lines: list[Line]) -> list[int]:
    count = len(lines)
    if count <= 2 * _EDGE_LINES:
        return list(range(count))
    return [*range(_EDGE_LINES), *range(count - _EDGE_LINES, count)]


def _keys(line: Line) -> tuple[tuple[str, int], ...]:
    """What the line would say on other pages, and its height, rounded both ways.

    Either the same, or the same but for one number that counts the pages.
    """
    text = " ".join(line.text.split()).lower()
    shapes = [text]
    for found in islice(_NUMBER.finditer(text), _MOST_NUMBERS):
        number = int(found[0]) if found[0].isdigit() else _roman(found[0])
        shapes.append(f"{text[: found.start()]}#{number - line.page}{text[found.end() :]}")
    band = line.baseline / _BAND
    return tuple(
        (shape, height) for shape in shapes for height in (int(band), -1 - int(band + 0.5))
    )


def _roman(letters: str) -> int:
    values = [{"i": 1, "v": 5, "x": 10, "l": 50}[letter] for letter in letters]
    return sum(
        -value if value < after else value
        for value, after in zip(values, [*values[1:], 0], strict=True)
    )


def _at_edge(line: Line, height: float) -> bool:
    return line.baseline > 0.82 * height or line.baseline < 0.18 * height


def _outermost(
    lines: list[Line], indexes: list[int], repeated: set[int], height: float
) -> set[int]:
    """Repeated lines, and a bare page number at the very top or bottom."""
    found = set(repeated)
    for order in (indexes, indexes[::-1]):
        rest = [i for i in order if i not in repeated]
        if rest and _at_edge(lines[rest[0]], height):
            text = " ".join(lines[rest[0]].text.split())
            near = 0.1 * height
            outside = lines[rest[0]].baseline < near or lines[rest[0]].baseline > height - near
            if outside and _PAGE_NUMBER.fullmatch(text):
                found.add(rest[0])
    return found


def _add_like(pages: list[list[Line]], edges: list[list[int]], removed: list[set[int]]) -> None:
    """The same headers and footers on pages that are numbered in another way: "iii", "A-2"."""
    known = {_shape(lines[i]) for lines, gone in zip(pages, removed, strict=True) for i in gone}
    for lines, indexes, gone in zip(pages, edges, removed, strict=True):
        gone.update(i for i in indexes if _shape(lines[i]) in known)


def _shape(line: Line) -> tuple[str, int]:
    """The line without its numbers, and its height."""
    text = re.sub(r"[0-9]+|\b[ivxl]+\b", "#", " ".join(line.text.split()).lower())
    return text, round(line.baseline / 2)


def _add_running_titles(pages: list[list[Line]], removed: list[set[int]]) -> None:
    """The chapter's name at the head or foot of its pages, though few pages share it.

    It stands well apart from the text, at one height and in one type on several pages, and says
    what a heading elsewhere or the same place of another page says.
    """
    occurrences: dict[str, list[Line]] = defaultdict(list)
    for lines in pages:
        for line in lines:
            if len(line.text) < _TITLE_LENGTH:
                occurrences[" ".join(line.text.split())].append(line)
    found: dict[tuple[int, int, bool], list[tuple[int, int]]] = defaultdict(list)
    for page, (lines, indexes) in enumerate(zip(pages, removed, strict=True)):
        kept = [i for i in range(len(lines)) if i not in indexes]
        for i, neighbour in ((kept[0], kept[1]), (kept[-1], kept[-2])) if len(kept) > 2 else ():
            line = lines[i]
            apart = abs(line.baseline - lines[neighbour].baseline) > 1.8 * line.size
            if apart and _is_said_elsewhere(line, occurrences[" ".join(line.text.split())]):
                found[_band(line)].append((page, i))
    for places in found.values():
        if len(places) >= max(3, 0.05 * len(pages)):
            for page, i in places:
                removed[page].add(i)


def _is_said_elsewhere(line: Line, occurrences: list[Line]) -> bool:
    return any(
        _band(other) == _band(line)
        or other.size > 1.1 * line.size
        or (other.bold and not line.bold)
        for other in occurrences
        if other.page != line.page
    )


def _band(line: Line) -> tuple[int, int, bool]:
    return round(line.baseline / 2), round(line.size), line.bold
