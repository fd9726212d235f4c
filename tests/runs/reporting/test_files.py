"""Tables as files: exact values, and no text that a spreadsheet would run."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from tablib import Databook

from runs.reporting.files import csv_text, html_text, safe, write_ods, write_xlsx
from runs.reporting.table import Column, Kind, Table, facts, shown

ATTACKS = (
    '=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1",
)  # fmt: skip
COLUMNS = (
    Column("name", "Name"),
    Column("usd", "Cost", Kind.MONEY),
    Column("average_usd", "Average", Kind.MONEY),
    Column("share", "Share", Kind.SHARE),
    Column("day", "Day", Kind.DAY),
    Column("at", "At", Kind.MOMENT),
    Column("calls", "Calls", Kind.WHOLE),
)
AT = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # in Berlin half past one, an hour before it springs
ROW = ("NAV", 123_456_789, 10.5, 0.25, date(2026, 3, 29), AT, None)


def table(*rows: Any) -> Table:
    return Table("parts", "Parts, a long title of more than 31", COLUMNS, rows, "Europe/Berlin")


def xlsx(of: Table) -> list[tuple[Any, ...]]:
    out = io.BytesIO()
    write_xlsx([of], out)
    return list(load_workbook(out).worksheets[0].iter_rows(values_only=True))


def ods(of: Table, folder: Path) -> list[tuple[Any, ...]]:
    with (folder / "x.ods").open("wb") as file:
        write_ods([of], file)
    (sheet,) = Databook().load((folder / "x.ods").read_bytes(), "ods").sheets()
    return [tuple(row) for row in sheet]


def test_values_are_exact(tmp_path: Path) -> None:
    head, row = csv.reader(io.StringIO(csv_text(table(ROW))))
    assert head == [column.name for column in COLUMNS]
    assert row == [
        "NAV", "0.123456789", "0.000000010500", "0.25", "2026-03-29", "2026-03-29T01:30:00+01:00",
        "",
    ]  # fmt: skip
    _, line = xlsx(table(ROW))
    assert line[:4] == ("NAV", 0.123456789, 0.0000000105, 0.25)
    assert line[4] == datetime(2026, 3, 29)  # noqa: DTZ001 - a spreadsheet knows no zones
    assert line[5] == datetime(2026, 3, 29, 1, 30)  # noqa: DTZ001
    assert line[6] is None
    (sheet_row,) = ods(table(ROW), tmp_path)
    assert (sheet_row[0], sheet_row[1], sheet_row[3]) == ("NAV", 0.123456789, 0.25)


def test_seventeen_digits_are_kept() -> None:
    value = 0.34768480878029107
    (_, row) = xlsx(table(("NAV", 1, 1.5, value, None, None, 1)))
    assert row[3] == value


@pytest.mark.parametrize("attack", ATTACKS)
def test_text_is_never_a_formula(attack: str, tmp_path: Path) -> None:
    of = table((attack, *ROW[1:]))
    assert safe(attack) == f"'{attack}"
    _, row = csv.reader(io.StringIO(csv_text(of), newline=""))
    assert row[0].startswith("'")
    out = io.BytesIO()
    write_xlsx([of], out)
    cell = load_workbook(out).worksheets[0]["A2"]
    assert cell.data_type == "s"
    assert str(cell.value).startswith("'")
    assert str(ods(of, tmp_path)[0][0]).startswith("'")


def test_a_negative_number_is_a_number() -> None:
    of = table(("NAV", -5, -1.5, -0.5, None, None, -3))
    assert xlsx(of)[1][1] == -0.000000005
    assert csv_text(of).splitlines()[1] == "NAV,-0.000000005,-0.000000001500,-0.5,,,-3"


def test_html_is_text() -> None:
    text = html_text("<b>T", "<i>lead", [table(("<script>x</script>", *ROW[1:]))])
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "&lt;b&gt;T" in text
    assert "No data in this period" in html_text("T", "", [table()])


def test_figures_of_different_kinds() -> None:
    rows = [("Cost", Kind.MONEY, 7), ("Rate", Kind.SHARE, 0.5), ("Runs", Kind.WHOLE, None)]
    of = facts("summary", "Summary", rows, "UTC")
    assert of.rows == (
        ("Cost", "$0.0001", "0.000000007"),
        ("Rate", "50.0 %", "0.5"),
        ("Runs", "–", ""),
    )


def test_what_is_not_zero_never_reads_as_zero() -> None:
    money: Callable[[float], str] = lambda value: shown(value, COLUMNS[1], "UTC")  # noqa: E731
    assert money(1) == "$0.0001"
    assert money(0) == "$0.0000"
    assert money(0.5) == "$0.0001"
    assert Decimal(csv_text(table(ROW)).splitlines()[1].split(",")[1]) == Decimal("0.123456789")


def test_what_no_workbook_can_hold_is_left_out() -> None:
    _, row = xlsx(table(("Na\x0bv" + "x" * 40_000, *ROW[1:])))
    assert row[0].startswith("Na v")
    assert len(row[0]) == 32_767
