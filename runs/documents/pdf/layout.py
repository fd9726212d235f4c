"""One page as a column of lines and ruled tables, top to bottom."""

from dataclasses import dataclass, field

from .lines import Line, lines_of
from .rules import Grid, Rule, grids
from .words import Word


@dataclass(slots=True)
class PageInk:
    """What was read from one page: words, in the direction of most of them, and drawn lines."""

    number: int
    width: float
    height: float
    words: list[Word]
    horizontal: list[Rule] = field(default_factory=list)
    vertical: list[Rule] = field(default_factory=list)


@dataclass(slots=True)
class RuledTable:
    page: int
    top: float
    bottom: float
    xs: list[float]
    rows: int
    cells: dict[tuple[int, int], list[Line]]
    spans: dict[tuple[int, int], int]


Item = Line | RuledTable


def arrange(ink: PageInk, words: list[Word]) -> list[Item]:
    """The page's lines and tables in reading order. `words`: those that are no furniture."""
    if not words:
        return []
    tables: list[Item] = []
    free = words
    for grid in grids(ink.horizontal, ink.vertical):
        table, free = _fill(grid, free, ink.number)
        if table:
            tables.append(table)
    lines: list[Item] = list(lines_of(free, ink.number))
    return sorted(lines + tables, key=_height)


def _height(item: Item) -> float:
    return -item.baseline if isinstance(item, Line) else -item.top


def _fill(grid: Grid, words: list[Word], page: int) -> tuple[RuledTable | None, list[Word]]:
    """The words inside a grid by cell, and the words left over."""
    inside: dict[tuple[int, int], list[Word]] = {}
    outside: list[Word] = []
    for word in words:
        place = grid.place((word.x0 + word.x1) / 2, (word.bottom + word.top) / 2)
        if place is None:
            outside.append(word)
        else:
            inside.setdefault(place, []).append(word)
    if not inside or len(grid.xs) < 3:
        return None, words
    cells = {place: lines_of(found, page) for place, found in inside.items()}
    rows = sorted({row for row, _ in cells})
    renumber = {row: number for number, row in enumerate(rows)}
    return (
        RuledTable(
            page=page,
            top=grid.ys[0],
            bottom=grid.ys[-1],
            xs=grid.xs,
            rows=len(rows),
            cells={(renumber[r], c): lines for (r, c), lines in cells.items()},
            spans={(renumber[r], c): s for (r, c), s in grid.spans.items() if (r, c) in cells},
        ),
        outside,
    )
