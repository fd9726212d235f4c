"""Reports as files: CSV, a workbook (xlsx, ods), or a page that stands alone.

Text that a spreadsheet would take for a formula is preceded by an apostrophe, as OWASP's "CSV
injection" advises: names of subsystems, people and models are whatever somebody typed.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string

from runs.reporting.table import Column, Kind, Table, Value, exact, shown

# A full-width sign is normalised to the plain one by some programs.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FORMATS = {
    Kind.MONEY: "$#,##0.0000",
    Kind.SHARE: "0.0%",
    Kind.SCORE: "0.000",
    Kind.NUMBER: "#,##0.00",
    Kind.WHOLE: "#,##0",
}
_CELL = 32_767  # characters in a cell, by Excel's limit, too
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # which no workbook can hold
_SHEET_NAME = 31  # characters, by Excel's limit


def safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_text(table: Table) -> str:
    """A header of names for scripts, and exact values."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.name for column in table.columns])
    for row in table.rows:
        writer.writerow(_csv(value, column, table) for value, column in _cells(row, table))
    return out.getvalue()


def _cells(row: Sequence[Value], table: Table) -> Iterator[tuple[Value, Column]]:
    return zip(row, table.columns, strict=True)


def _csv(value: Value, column: Column, table: Table) -> str | int | float:
    plain = exact(value, column, table.time_zone)
    if plain is None:
        return ""
    if isinstance(plain, Decimal):
        return f"{plain:f}"
    return safe(plain) if isinstance(plain, str) else plain


def write_csv(tables: Sequence[Table], stem: Path) -> list[Path]:
    """A file for each table: `stem`-agents.csv and so on. With a byte order mark, without which
    Excel takes UTF-8 for something else."""
    written = []
    for table in tables:
        path = stem.with_name(f"{stem.name}-{table.name}.csv")
        path.write_text(csv_text(table), "utf-8-sig", newline="")
        written.append(path)
    return written


def write_ods(tables: Sequence[Table], target: IO[bytes]) -> None:
    """One sheet for each table."""
    from tablib import Databook, Dataset

    book = Databook()
    for table in tables:
        sheet = Dataset(title=table.title[:_SHEET_NAME])
        sheet.headers = [safe(column.title) for column in table.columns]
        for row in table.rows:
            sheet.append([_plain(value, column, table) for value, column in _cells(row, table)])
        book.add_sheet(sheet)
    target.write(book.export("ods"))


def write_xlsx(tables: Sequence[Table], target: IO[bytes]) -> None:
    """One sheet for each table, written row by row."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.title[:_SHEET_NAME])
        sheet.freeze_panes = "A2"
        sheet.append([safe(column.title) for column in table.columns])
        for row in table.rows:
            sheet.append(
                [_cell(sheet, value, column, table) for value, column in _cells(row, table)]
            )
    book.save(target)


def _cell(sheet: object, value: Value, column: Column, table: Table) -> object:
    from openpyxl.cell import WriteOnlyCell

    plain = _plain(value, column, table)
    exactly = isinstance(plain, float | Decimal)
    cell = WriteOnlyCell(sheet, value=str(plain) if exactly else plain)
    if exactly:  # openpyxl would write sixteen digits, and some floats have seventeen
        cell.data_type = "n"
    if column.kind in _FORMATS:
        cell.number_format = _FORMATS[column.kind]
    return cell


def _plain(value: Value, column: Column, table: Table) -> object:
    """For a spreadsheet, which knows no zones: times are the project's own."""
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(table.time_zone)).replace(tzinfo=None, microsecond=0)
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        return safe(_CONTROL.sub(" ", value))[:_CELL]
    return exact(value, column, table.time_zone)


def html_text(title: str, lead: str, tables: Sequence[Table]) -> str:
    """A page without scripts and without anything from elsewhere."""
    shown_tables = [
        {
            "title": table.title,
            "note": table.note,
            "columns": table.columns,
            "rows": [
                [(shown(v, c, table.time_zone), c.is_number) for v, c in _cells(row, table)]
                for row in table.rows
            ],
        }
        for table in tables
    ]
    context = {"title": title, "lead": lead, "tables": shown_tables}
    return render_to_string("runs/report_file.html", context)
