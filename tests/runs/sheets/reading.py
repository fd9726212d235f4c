"""A spreadsheet as a program reads it: the header and the rows, whatever the format."""

import csv
import io
import zipfile
from typing import Any

from openpyxl import load_workbook
from tablib import Dataset

Rows = list[list[Any]]


def read(content: bytes, extension: str) -> Rows:
    """All rows with the header, the first. None is ""."""
    if extension == "csv":
        return [list(row) for row in csv.reader(io.StringIO(content.decode("utf-8-sig")))]
    if extension == "xlsx":
        sheet = load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
        return [["" if v is None else v for v in row] for row in sheet.iter_rows(values_only=True)]
    data = Dataset().load(io.BytesIO(content), format="ods")
    return [list(data.headers or []), *([*row] for row in data)]


def texts(rows: Rows) -> list[list[str]]:
    """For comparing formats: numbers as they are shown in CSV."""
    return [[_text(value) for value in row] for row in rows]


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.9f}".rstrip("0").rstrip(".")
    text = str(value)
    try:
        return f"{float(text):.9f}".rstrip("0").rstrip(".") if text[:1].isdecimal() else text
    except ValueError:
        return text


def formulas(content: bytes, extension: str) -> int:
    """How many cells the file itself calls formulas."""
    if extension == "csv":
        return 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        texts = [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    return sum(text.count("<f>") + text.count("table:formula") for text in texts)
