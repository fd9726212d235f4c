"""Reports in a terminal: the tables without their details."""

from collections.abc import Sequence
from io import StringIO

from rich.console import Console
from rich.table import Table as RichTable

from runs.console.terminal import terminal
from runs.reporting.making import Report
from runs.reporting.table import Column, Table, shown

MOST_ROWS = 20  # the latest; files have all of them
WIDTH = 100  # of a text file


def print_report(report: Report, console: Console | None = None) -> None:
    """All tables that have rows, below the title and what was asked."""
    console = console or terminal()
    console.print(report.title, style="bold")
    console.print(report.lead, style="dim")
    if report.is_empty:
        console.print("No data in this period.\n")
        return
    for table in report.tables:
        if table.rows:
            _print(console, table)


def as_text(report: Report) -> str:
    """The same as plain text."""
    out = StringIO()
    print_report(report, Console(file=out, width=WIDTH, highlight=False, markup=False, emoji=False))
    return out.getvalue()


def _print(console: Console, table: Table) -> None:
    kept = [(i, column) for i, column in enumerate(table.columns) if not column.detail]
    drawn = RichTable(title=table.title, title_justify="left", box=None, pad_edge=False)
    for _, column in kept:
        if column.is_number:
            drawn.add_column(column.title, justify="right", no_wrap=True)
        else:
            drawn.add_column(column.title, overflow="fold")
    rows = table.rows[-MOST_ROWS:]
    for row in rows:
        drawn.add_row(*(shown(row[i], column, table.time_zone) for i, column in kept))
    console.print()
    console.print(drawn)
    _notes(console, table, len(table.rows) - len(rows), kept)


def _notes(
    console: Console, table: Table, left_out: int, kept: Sequence[tuple[int, Column]]
) -> None:
    if left_out > 0:
        console.print(f"  and {left_out} before them, in the files", style="dim")
    if table.note:
        console.print(table.note, style="dim")
