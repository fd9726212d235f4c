"""Rows into a file in constant memory: streamed CSV, or XLSX by openpyxl's write-only mode."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from runs.sheets.cells import Cell, as_text, fitting, is_cut

CSV, XLSX, ODS = "csv", "xlsx", "ods"
STREAMED = (CSV, XLSX)
MEDIA_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ODS: "application/vnd.oasis.opendocument.spreadsheet",
}
_SHEET_NAME = 31  # characters, by Excel's limit
_FORBIDDEN = str.maketrans("", "", "[]:*?/\\")


@dataclass(frozen=True, slots=True)
class Written:
    """`cut`: texts that did not fit into a cell."""

    rows: int
    cut: int


def write(
    extension: str, path: Path, title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> Written:
    """Write the file row by row; `extension` is one of STREAMED."""
    return _TO_FILE[extension](path, title, header, rows)


def _write_csv(
    path: Path, title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> Written:
    count = 0
    # With a byte order mark, without which Excel takes UTF-8 for something else.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow(map(as_text, row))
            count += 1
    return Written(count, 0)


def _write_xlsx(
    path: Path, title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> Written:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title.translate(_FORBIDDEN)[:_SHEET_NAME] or "Rows")
    sheet.freeze_panes = "A2"
    sheet.append(list(header))
    count = cut = 0
    try:
        for row in rows:
            cut += sum(map(is_cut, row))
            sheet.append([fitting(value) for value in row])
            count += 1
    finally:
        sheet.close()  # else it complains when it is forgotten half way
    book.save(path)
    return Written(count, cut)


_TO_FILE = {CSV: _write_csv, XLSX: _write_xlsx}
