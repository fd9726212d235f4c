"""Labelled data in files of comma-separated values."""

import csv
from collections.abc import Iterator
from pathlib import Path


def rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        yield from csv.DictReader(stream)
