"""A table of a report: columns that say what their values are, and rows of plain values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from observability.money import column_usd, to_usd
from runs.quality.formula import shown_score

R = TypeVar("R")
Value = str | int | float | date | datetime | None


class Kind(StrEnum):
    TEXT = "text"
    WHOLE = "whole"  # an integer
    NUMBER = "number"
    MONEY = "money"  # nano-USD; a float where it is an average
    SHARE = "share"  # 0 to 1, shown in per cent
    SCORE = "score"  # 0 to 1
    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Column:
    """`name` is for scripts, `title` for people. `detail`: left out where there is little room."""

    name: str
    title: str
    kind: Kind = Kind.TEXT
    detail: bool = False

    @property
    def is_number(self) -> bool:
        return self.kind not in {Kind.TEXT, Kind.DAY, Kind.MOMENT}


@dataclass(frozen=True, slots=True)
class Table:
    """`name` is part of a file's name; `note` says what a reader of the table must know."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    time_zone: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheet(Generic[R]):
    """How rows of one kind become a table."""

    columns: tuple[tuple[Column, Callable[[R], Value]], ...]

    def row(self, item: R) -> tuple[Value, ...]:
        return tuple(read(item) for _, read in self.columns)


def shown(value: Value, column: Column, time_zone: str) -> str:
    """For a reader: rounded, with its unit."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return f"{value.astimezone(ZoneInfo(time_zone)):%Y-%m-%d %H:%M}"
    if isinstance(value, date | str):
        return str(value)
    return {
        Kind.MONEY: lambda: column_usd(_up(value)),
        Kind.SHARE: lambda: f"{100 * value:.1f} %",
        Kind.SCORE: lambda: shown_score(value, 3),
        Kind.NUMBER: lambda: f"{value:,.2f}",
    }.get(column.kind, lambda: f"{value:,}")()


def _up(value: float) -> int:
    whole = int(value)
    return whole + (value > whole)


_BOOKED, _AVERAGED = Decimal("0.000000001"), Decimal("0.000000000001")


def exact(value: Value, column: Column, time_zone: str) -> str | int | float | Decimal | None:
    """For a program: as it is, money as dollars with all nine digits that are booked, or twelve of
    an average."""
    if column.kind == Kind.MONEY and isinstance(value, int):
        return to_usd(value).quantize(_BOOKED)
    if column.kind == Kind.MONEY and isinstance(value, float):
        return Decimal(value / 10**9).quantize(_AVERAGED)
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(time_zone)).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return value


def table(
    name: str, title: str, sheet: Sheet[R], items: Sequence[R], time_zone: str, note: str = ""
) -> Table:
    columns = tuple(column for column, _ in sheet.columns)
    return Table(name, title, columns, tuple(map(sheet.row, items)), time_zone, note)


Fact = tuple[str, Kind, Value]


def facts(name: str, title: str, rows: Sequence[Fact], time_zone: str, note: str = "") -> Table:
    """Figures of different kinds below one another: for a reader, and exactly."""
    columns = (
        Column("figure", "Figure"),
        Column("shown", "Value"),
        Column("value", "Exactly", detail=True),
    )
    values = []
    for label, kind, value in rows:
        column = Column("value", "Value", kind)
        plain = exact(value, column, time_zone)
        digits = f"{plain:f}" if isinstance(plain, Decimal) else str(plain)
        values.append((label, shown(value, column, time_zone), "" if plain is None else digits))
    return Table(name, title, columns, tuple(values), time_zone, note)
