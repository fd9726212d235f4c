"""Drawn lines of a PDF page, and the grids of table cells that they form."""

import ctypes
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_THIN = 3.0  # points: a filled rectangle thinner than this is a line
_NEAR = 3.0  # points: ends that are meant to meet
_SHORT = 6.0
_MOST_RULES = 4_000  # a page with more is a drawing


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal (at y, from x to x) or vertical (at x, from y to y) line."""

    at: float
    start: float
    end: float


@dataclass(slots=True)
class Grid:
    """A ruled table: column edges from left to right, row edges from top to bottom."""

    xs: list[float]
    ys: list[float]
    cells: dict[tuple[int, int], tuple[int, int]]  # every place -> the cell that covers it
    spans: dict[tuple[int, int], int]  # columns covered by a cell

    def place(self, x: float, y: float) -> tuple[int, int] | None:
        """Row and column of the cell at a point, None outside."""
        if not (self.xs[0] <= x <= self.xs[-1] and self.ys[-1] <= y <= self.ys[0]):
            return None
        column = next(i for i in range(len(self.xs) - 1) if x <= self.xs[i + 1])
        row = next(i for i in range(len(self.ys) - 1) if y >= self.ys[i + 1])
        return self.cells[row, column]


def page_rules(page: Any) -> tuple[list[Rule], list[Rule], int]:
    """Horizontal and vertical lines of a page (a pypdfium2 page), and how many pictures it has."""
    import pypdfium2.raw as raw

    horizontal: list[Rule] = []
    vertical: list[Rule] = []
    pictures = 0
    sides = [ctypes.c_float() for _ in range(4)]
    pointers = [ctypes.byref(side) for side in sides]
    for index in range(raw.FPDFPage_CountObjects(page.raw)):
        shape = raw.FPDFPage_GetObject(page.raw, index)
        kind = raw.FPDFPageObj_GetType(shape)
        pictures += kind == raw.FPDF_PAGEOBJ_IMAGE
        if kind != raw.FPDF_PAGEOBJ_PATH:
            continue
        if not raw.FPDFPageObj_GetBounds(shape, *pointers):
            continue
        left, bottom, right, top = (side.value for side in sides)
        if not all(map(math.isfinite, (left, bottom, right, top))):
            continue
        if len(horizontal) + len(vertical) > _MOST_RULES:
            return [], [], pictures
        if top - bottom <= _THIN < right - left:
            horizontal.append(Rule((top + bottom) / 2, left, right))
        elif right - left <= _THIN < top - bottom:
            vertical.append(Rule((left + right) / 2, bottom, top))
        elif right - left > _THIN and raw.FPDFPath_CountSegments(shape) <= 40:
            _add_outline(raw, shape, horizontal, vertical)
    return horizontal, vertical, pictures


def _add_outline(raw: Any, shape: Any, horizontal: list[Rule], vertical: list[Rule]) -> None:
    """The straight sides of a stroked path, such as a rectangle around a cell."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(shape, ctypes.byref(fill), ctypes.byref(stroke))
    if not stroke.value:
        return
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(shape, ctypes.byref(matrix))
    x, y = ctypes.c_float(), ctypes.c_float()
    before = first = None
    for index in range(raw.FPDFPath_CountSegments(shape)):
        segment = raw.FPDFPath_GetPathSegment(shape, index)
        raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        point = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            first = point
        elif kind == raw.FPDF_SEGMENT_LINETO and before:
            _add_side(before, point, horizontal, vertical)
        if raw.FPDFPathSegment_GetClose(segment) and first:
            _add_side(point, first, horizontal, vertical)
        before = point


def _add_side(
    one: tuple[float, float], two: tuple[float, float], horizontal: list[Rule], vertical: list[Rule]
) -> None:
    (x0, x1), (y0, y1) = sorted((one[0], two[0])), sorted((one[1], two[1]))
    if y1 - y0 < 1 < x1 - x0:
        horizontal.append(Rule(y0, x0, x1))
    elif x1 - x0 < 1 < y1 - y0:
        vertical.append(Rule(x0, y0, y1))


def merged(rules: Iterable[Rule]) -> list[Rule]:
    """Pieces of one line as one line; lines drawn twice once; specks dropped."""
    kept: list[Rule] = []
    for rule in sorted(rules, key=lambda each: (round(each.at), each.start)):
        for index in range(len(kept) - 1, max(-1, len(kept) - 80), -1):
            other = kept[index]
            if (
                abs(other.at - rule.at) <= 2
                and rule.start <= other.end + _NEAR
                and rule.end >= other.start - _NEAR
            ):
                kept[index] = Rule(other.at, min(other.start, rule.start), max(other.end, rule.end))
                break
        else:
            kept.append(rule)
    return [rule for rule in kept if rule.end - rule.start >= _SHORT]


def grids(horizontal: list[Rule], vertical: list[Rule]) -> list[Grid]:
    """The ruled tables: groups of crossing lines with at least two cells."""
    horizontal, vertical = merged(horizontal), merged(vertical)
    if len(horizontal) < 2 or len(vertical) < 1 or len(horizontal) * len(vertical) > 250_000:
        return []
    found = []
    for across, down in _groups(horizontal, vertical):
        grid = _grid(across, down)
        if grid:
            found.append(grid)
    return found


def open_grid(vertical: list[Rule], top: float, left: float, right: float) -> Grid | None:
    """A row without borders at the head of a page: the end of a table from the page before.

    `top` is the highest text's upper edge; `left` and `right` are the text's sides.
    """
    inner = [rule for rule in merged(vertical) if left < rule.at < right and rule.end > top - 6]
    if not inner or len(inner) > 20:
        return None
    bottom = inner[0].start
    xs = _edges([left - 1, *(rule.at for rule in inner if abs(rule.start - bottom) < 4), right + 1])
    cells = {(0, column): (0, column) for column in range(len(xs) - 1)}
    return Grid(xs, [top + 6, bottom], cells, dict.fromkeys(cells.values(), 1))


def _groups(horizontal: list[Rule], vertical: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Lines that touch one another, directly or through others."""
    parent = list(range(len(horizontal) + len(vertical)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for i, across in enumerate(horizontal):
        for j, down in enumerate(vertical, len(horizontal)):
            if (
                across.start - _NEAR <= down.at <= across.end + _NEAR
                and down.start - _NEAR <= across.at <= down.end + _NEAR
            ):
                parent[root(i)] = root(j)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for i, across in enumerate(horizontal):
        groups.setdefault(root(i), ([], []))[0].append(across)
    for j, down in enumerate(vertical, len(horizontal)):
        groups.setdefault(root(j), ([], []))[1].append(down)
    return list(groups.values())


def _edges(values: Iterable[float]) -> list[float]:
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > 4:
            kept.append(value)
    return kept


def _grid(across: list[Rule], down: list[Rule]) -> Grid | None:
    if len(across) < 2 or not down:
        return None
    # a table may lack its outer borders; the lines that cross it still show how far it reaches
    xs = _edges([d.at for d in down] + [min(a.start for a in across), max(a.end for a in across)])
    ys = _edges([a.at for a in across] + [min(d.start for d in down), max(d.end for d in down)])[
        ::-1
    ]
    rows, columns = len(ys) - 1, len(xs) - 1
    if rows * columns < 2 or rows * columns > 20_000:
        return None
    cells = _merge_cells(xs, ys, across, down)
    spans: dict[tuple[int, int], int] = {}
    for (_, column), cell in cells.items():
        spans[cell] = max(spans.get(cell, 1), column - cell[1] + 1)
    if len(spans) < 2:
        return None
    return Grid(xs, ys, cells, spans)


def _merge_cells(
    xs: list[float], ys: list[float], across: list[Rule], down: list[Rule]
) -> dict[tuple[int, int], tuple[int, int]]:
    """Each place of the raster with the cell it belongs to: places without a line between merge."""
    rows, columns = len(ys) - 1, len(xs) - 1
    cells = {(r, c): (r, c) for r in range(rows) for c in range(columns)}

    def root(place: tuple[int, int]) -> tuple[int, int]:
        while cells[place] != place:
            place = cells[place]
        return place

    for r in range(rows):
        for c in range(columns):
            if c + 1 < columns and not _covered(down, xs[c + 1], ys[r + 1], ys[r]):
                cells[root((r, c + 1))] = root((r, c))
            if r + 1 < rows and not _covered(across, ys[r + 1], xs[c], xs[c + 1]):
                one, two = sorted((root((r, c)), root((r + 1, c))))
                cells[two] = one
    return {place: root(place) for place in cells}


def _covered(rules: list[Rule], at: float, start: float, end: float) -> bool:
    """Whether lines at `at` run along most of the way."""
    length = sum(
        max(0.0, min(rule.end, end) - max(rule.start, start))
        for rule in rules
        if abs(rule.at - at) <= 4
    )
    return length >= 0.6 * (end - start)
