"""A spreadsheet that somebody uploads, as rows of texts. What is too large is never unpacked."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from reqplatform.errors import InvalidInput
from runs.reporting.files import safe
from runs.sheets.writing import CSV, ODS, XLSX

MOST_BYTES = 5 * 2**20  # of the file
MOST_UNPACKED = 50 * 2**20  # of what is packed in an xlsx
MOST_UNPACKED_ODS = 20 * 2**20  # it is read as one tree
MOST_ROWS = 10_000
MOST_COLUMNS = 100
MOST_PARTS = 500  # files inside an xlsx or ods

Table = list[list[str]]


def read_table(content: bytes, extension: str) -> Table:
    """All rows, the header first, without rows at the end that are empty.

    Raises InvalidInput with what is wrong and what to do.
    """
    if len(content) > MOST_BYTES:
        raise InvalidInput(
            f"The file has {len(content) / 2**20:.1f} MB, and {MOST_BYTES // 2**20} MB are read at "
            "most. Divide it.",
            field="file",
        )
    rows = list(_limited(_READERS[extension](content)))
    while rows and not any(rows[-1]):
        rows.pop()
    if len(rows) < 2:
        raise InvalidInput(
            "The file has no row below its header. Its first row must name the columns.",
            field="file",
        )
    width = len(rows[0])
    while width and not rows[0][width - 1]:
        width -= 1  # columns without a name at the end are empty ones that were once used
    return [[*row[:width], *[""] * (width - len(row))] for row in rows]


def _limited(rows: Iterable[list[Any]]) -> Iterator[list[str]]:
    for number, row in enumerate(rows):
        if number > MOST_ROWS:
            raise InvalidInput(
                f"The file has more than {MOST_ROWS:,} rows. Divide it.", field="file"
            )
        if len(row) > MOST_COLUMNS and any(map(_text, row[MOST_COLUMNS:])):
            raise InvalidInput(
                f"Row {number + 1} has more than {MOST_COLUMNS} columns.", field="file"
            )
        yield [_text(value) for value in row[:MOST_COLUMNS]]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = str(value)
    escaped = text.startswith("'") and safe(text[1:]) == text
    return text[1:] if escaped else text  # as an export wrote it


def _read_csv(content: bytes) -> Iterator[list[Any]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            "The file is not UTF-8. Save it as “CSV UTF-8”, or as xlsx.", field="file"
        ) from error
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)  # Excel writes a ; where the comma is a decimal one
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    except csv.Error as error:
        raise InvalidInput(f"The file is no readable CSV: {error}.", field="file") from error


def _check_packed(content: bytes, most: int) -> None:
    """Raises InvalidInput for what is no archive, or would be too large once it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            if size > most or len(parts) > MOST_PARTS:
                raise InvalidInput(
                    f"Unpacked, the file would have {size / 2**20:,.0f} MB in {len(parts):,} parts;"
                    f" {most // 2**20} MB are read at most. Copy the rows to a new file.",
                    field="file",
                )
            for part in parts:  # what a part says of itself is not believed
                with archive.open(part) as stream:
                    while block := stream.read(2**20):
                        most -= len(block)
                        if most < 0:
                            raise InvalidInput("The file is not what it says.", field="file")
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise InvalidInput(
            "The file cannot be unpacked. Is it an xlsx or ods file, without a password?",
            field="file",
        ) from error


def _read_xlsx(content: bytes) -> Iterator[list[Any]]:
    from openpyxl import load_workbook

    _check_packed(content, MOST_UNPACKED)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its size is not believed
        yield from (list(row) for row in sheet.iter_rows(values_only=True))
    except InvalidInput:
        raise
    except Exception as error:  # a broken file raises whatever its reader stumbles over
        raise _unreadable("xlsx", error) from error


def _read_ods(content: bytes) -> Iterator[list[Any]]:
    from tablib import Dataset

    _check_packed(content, MOST_UNPACKED_ODS)
    try:
        data = Dataset().load(io.BytesIO(content), format="ods")
        rows = [list(data.headers or []), *([*row] for row in data)]
    except Exception as error:  # the same
        raise _unreadable("ods", error) from error
    yield from rows


def _unreadable(kind: str, error: Exception) -> InvalidInput:
    return InvalidInput(
        f"The file is no readable {kind} ({type(error).__name__}). Save it anew, or as CSV UTF-8.",
        field="file",
    )


_READERS = {CSV: _read_csv, XLSX: _read_xlsx, ODS: _read_ods}
