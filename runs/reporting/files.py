"""Reports as files: CSV, a workbook, or a page that stands alone.

Text that a spreadsheet would take for a formula is preceded by an apostrophe, as OWASP's "CSV
injection" advises: names of subsystems, people and models are whatever somebody typed.
"""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string

from runs.reporting.table import Column, Kind, Table, Value, exact, shown

_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
)  # a full-width one is normalised
_FORMATS = {
    Kind.MONEY: "$#,##0.0000",
    Kind.SHARE: "0.0%",
    Kind.SCORE: "0.000",
    Kind.NUMBER: "#,##0.00",
    Kind.WHOLE: "#,##0",
}
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


def _cells(row: Sequence[Value], table: Table) -> zip[tuple[Value, Column]]:
    return zip(row, table.columns, strict=True)


def _csv(value: Value, column: Column, table: Table) -> str | int | float:
    plain = exact(value, column, table.time_zone)
    if plain is None:
        return ""
    if isinstance(plain, Decimal):
        return f"{plain:.9f}"
    return safe(plain) if isinstance(plain, str) else plain


def write_workbook(tables: Sequence[Table], path: Path) -> None:
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
    book.save(path)


def _cell(sheet: object, value: Value, column: Column, table: Table) -> object:
    from openpyxl.cell import WriteOnlyCell

    plain: object = exact(value, column, table.time_zone)
    if isinstance(value, datetime):  # a spreadsheet knows no zones: the project's own time
        plain = value.astimezone(ZoneInfo(table.time_zone)).replace(tzinfo=None, microsecond=0)
    elif isinstance(value, date):
        plain = value
    elif isinstance(value, str):
        plain = safe(value)
    cell = WriteOnlyCell(sheet, value=plain)
    if column.kind in _FORMATS:
        cell.number_format = _FORMATS[column.kind]
    return cell


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
