"""The formats of django-import-export, written by the same code as large files."""

import tempfile
from pathlib import Path
from typing import Any

from import_export.formats import base_formats

from runs.sheets.writing import CSV, MEDIA_TYPES, ODS, XLSX, write


def _streamed(extension: str, dataset: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"export.{extension}"
        rows = (dataset[index] for index in range(dataset.height))
        write(extension, path, dataset.title or "Rows", dataset.headers, rows)
        return path.read_bytes()


class SafeCSV(base_formats.CSV):  # type: ignore[misc]
    CONTENT_TYPE = MEDIA_TYPES[CSV]

    def export_data(self, dataset: Any, **kwargs: Any) -> bytes:
        return _streamed(CSV, dataset)

    def is_binary(self) -> bool:
        return True  # UTF-8 already

    def create_dataset(self, in_stream: Any, **kwargs: Any) -> Any:
        text = in_stream.decode("utf-8-sig") if isinstance(in_stream, bytes) else in_stream
        return super().create_dataset(text, **kwargs)


class SafeXLSX(base_formats.XLSX):  # type: ignore[misc]
    CONTENT_TYPE = MEDIA_TYPES[XLSX]

    def export_data(self, dataset: Any, **kwargs: Any) -> bytes:
        return _streamed(XLSX, dataset)


class SafeODS(base_formats.ODS):  # type: ignore[misc]
    CONTENT_TYPE = MEDIA_TYPES[ODS]

    def is_binary(self) -> bool:
        return True

    def get_read_mode(self) -> str:
        return "rb"


FORMATS: dict[str, type[base_formats.Format]] = {CSV: SafeCSV, XLSX: SafeXLSX, ODS: SafeODS}
