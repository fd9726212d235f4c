"""One page as a column of lines and ruled tables, top to bottom."""

from dataclasses import dataclass, field

from .columns import Columns, rows_of, tables_in
from .lines import Line, lines_of
from .rules import Grid, Rule, open_grid
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
    is_damaged: bool = False
    has_pictures: bool = False

    @property
    def left(self) -> float:
        """Where a page's text can begin at the very least."""
        return 0.05 * self.width


@dataclass(slots=True)
class RuledTable:
    page: int
    top: float
    bottom: float
    xs: list[float]
    rows: int
    cells: dict[tuple[int, int], list[Line]]
    spans: dict[tuple[int, int], int]
    is_rest: bool = False  # it has no borders and means nothing but as the end of a table


Item = Line | RuledTable


def arrange(ink: PageInk, ruled: list[Grid], printed: list[Line]) -> list[Item]:
    """The page's lines and tables in reading order. `printed`: its lines that are no furniture."""
    if not printed or not (ruled or ink.vertical):
        return _with_open_tables(printed)
    tables: list[Item] = []
    words = free = [word for line in printed for word in line.words]
    for grid in ruled:
        table, free = _fill(grid, free, ink.number)
        if table:
            tables.append(table)
    if free:
        table, free = _rest_of_table(ink, free)
        if table:
            tables.append(table)
    # lines across a table's cells are none, so what is left over is put into lines anew
    lines = lines_of(free, ink.number) if len(free) < len(words) else printed
    return sorted(_with_open_tables(lines) + tables, key=_height)


def _with_open_tables(lines: list[Line]) -> list[Item]:
    """The lines, with tables in place of those that stand in columns without drawn lines."""
    items: list[Item] = []
    done = 0
    for found in tables_in(lines):
        stretch = lines[found.first : found.last + 1]
        items.extend(lines[done : found.first])
        items.append(_open_table(stretch, found))
        done = found.last + 1
    items.extend(lines[done:])
    return items


def _open_table(lines: list[Line], columns: Columns) -> RuledTable:
    page = lines[0].page
    words = rows_of(lines, columns)
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    return RuledTable(
        page=page,
        top=lines[0].baseline,
        bottom=lines[-1].baseline,
        xs=[left, *((start + end) / 2 for start, end in columns.gutters), right + 4],
        rows=1 + max(row for row, _ in words),
        cells={place: lines_of(found, page) for place, found in words.items()},
        spans=dict.fromkeys(words, 1),
    )


def _rest_of_table(ink: PageInk, words: list[Word]) -> tuple[RuledTable | None, list[Word]]:
    """A cut row that only has column lines, at the head of the page."""
    top = max(word.top for word in words)
    left, right = min(word.x0 for word in words), max(word.x1 for word in words)
    grid = open_grid(ink.vertical, top, min(left, ink.left), right)
    if grid is None:
        return None, words
    table, rest = _fill(grid, words, ink.number)
    if table:
        table.is_rest = True
    return table, rest


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
    if not inside or (len(inside) < 2 and len(grid.xs) < 3):
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
