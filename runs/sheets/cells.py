"""One value in one cell, the same in CSV, XLSX and ODS.

Money is exact dollars, times are ISO 8601 with their offset, and text is `safe`: no spreadsheet
takes it for a formula.
"""

import re
from decimal import Decimal

from runs.reporting.files import safe
from runs.reporting.table import Column, Value, exact

Cell = str | int | float | Decimal | None

XLSX_MOST_CHARACTERS = 32_767  # in a cell, and
XLSX_MOST_ROWS = 1_048_576  # in a sheet with its header: "Excel specifications and limits"
CUT = " … cut here: a cell of Excel takes 32,767 characters. The CSV has the whole text."

# What XML 1.0 forbids in any form, and halves of characters, which UTF-8 cannot write.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?")


def cell(value: Value, column: Column, time_zone: str) -> Cell:
    plain = exact(value, column, time_zone)
    return written(plain) if isinstance(plain, str) else plain


def written(text: str) -> str:
    """The text as every format can hold it."""
    return safe(_UNWRITABLE.sub("\ufffd", _LINE_ENDS.sub("\n", text)))


def as_text(value: Cell) -> str | int | float:
    """For CSV: money with all its digits, and nothing for nothing."""
    if value is None:
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else value


def is_cut(value: Cell) -> bool:
    """Whether XLSX cannot hold all of it."""
    return isinstance(value, str) and len(value) > XLSX_MOST_CHARACTERS


def fitting(value: Cell) -> Cell:
    """For XLSX: at most as long as a cell, and saying so where it was cut."""
    if not isinstance(value, str) or not is_cut(value):
        return value
    return value[: XLSX_MOST_CHARACTERS - len(CUT)] + CUT
