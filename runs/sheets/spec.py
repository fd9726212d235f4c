"""Which columns the rows of a model have in a spreadsheet, and what is loaded for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Prefetch, QuerySet

from runs.reporting.table import Column, Kind, Sheet
from runs.sheets.cells import Cell, cell

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class RowSheet(Generic[M]):
    """`name` is part of files' names and of addresses; `left_out` is never even loaded."""

    name: str
    title: str
    model: type[M]
    sheet: Sheet[M]
    related: tuple[str, ...] = ()
    prefetch: tuple[str | Prefetch[Any], ...] = ()
    left_out: tuple[str, ...] = ()

    def columns(self, *, costs: bool = True) -> tuple[Column, ...]:
        """All of them, or all but those of money."""
        every = (column for column, _ in self.sheet.columns)
        return tuple(column for column in every if costs or column.kind != Kind.MONEY)

    def prepared(self, rows: QuerySet[M]) -> QuerySet[M]:
        """The rows with what the columns read, and nothing besides."""
        bare = rows.select_related(None)
        return (
            bare.select_related(*self.related)
            .prefetch_related(*self.prefetch)
            .defer(*self.left_out)
        )

    def reader(self, columns: Sequence[Column], time_zone: str) -> Callable[[M], list[Cell]]:
        """How a row's values in these columns are read, as every format writes them."""
        wanted = {column.name for column in columns}
        readers = [(column, read) for column, read in self.sheet.columns if column.name in wanted]

        def cells(row: M) -> list[Cell]:
            return [cell(read(row), column, time_zone) for column, read in readers]

        return cells
