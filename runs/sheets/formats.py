"""The formats of django-import-export, written by the same code as large files."""

import tempfile
from pathlib import Path
from typing import Any

import tablib
from import_export.formats import base_formats

from runs.sheets.files import read_table
from runs.sheets.writing import CSV, MEDIA_TYPES, ODS, XLSX, write


def _streamed(extension: str, dataset: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"export.{extension}"
        rows = (dataset[index] for index in range(dataset.height))
        write(extension, path, dataset.title or "Rows", dataset.headers, rows)
        return path.read_bytes()


class _Checked:
    """Reads what is not too large, and only that."""

    extension: str

    def create_dataset(self, in_stream: bytes, **kwargs: Any) -> Any:
        rows = read_table(in_stream, self.extension)
        return tablib.Dataset(*rows[1:], headers=rows[0])

    def is_binary(self) -> bool:
        return True

    def get_read_mode(self) -> str:
        return "rb"


class SafeCSV(_Checked, base_formats.CSV):  # type: ignore[misc]
    CONTENT_TYPE = MEDIA_TYPES[CSV]
    extension = CSV

    def export_data(self, dataset: Any, **kwargs: Any) -> bytes:
        return _streamed(CSV, dataset)


class SafeXLSX(_Checked, base_formats.XLSX):  # type: ignore[misc]
    CONTENT_TYPE = MEDIA_TYPES[XLSX]
    extension = XLSX

    def export_data(self, dataset: Any, **kwargs: Any) -> bytes:
        return _streamed(XLSX, dataset)


class SafeODS(_Checked, base_formats.ODS):  # type: ignore[misc]
    CONTENT_TYPE = MEDIA_TYPES[ODS]
    extension = ODS


FORMATS: dict[str, type[base_formats.Format]] = {CSV: SafeCSV, XLSX: SafeXLSX, ODS: SafeODS}
