"""The accuracy that was measured last, on record: `manage.py evaluate --record` writes it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from runs.evaluating.scores import Score

FILE = Path(__file__).with_name("accuracy.json")


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    data: str  # what it was measured on, with source and licence
    limits: str  # what the figures do not say
    rows: tuple[Score, ...]
    averages: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Accuracy:
    date: str  # ISO
    version: str  # of the product
    parts: Mapping[str, Part]


@cache
def recorded() -> Accuracy:
    """What the file says."""
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    parts = {
        name: Part(
            part["title"],
            part["data"],
            part["limits"],
            tuple(Score(*row) for row in part["rows"]),
            part["averages"],
        )
        for name, part in stored["parts"].items()
    }
    return Accuracy(stored["date"], stored["version"], parts)


def store(accuracy: Accuracy) -> None:
    """Write the file."""
    parts = {
        name: {
            "title": part.title,
            "data": part.data,
            "limits": part.limits,
            "rows": [[row.name, row.hits, row.found, row.expected] for row in part.rows],
            "averages": {key: round(value, 4) for key, value in part.averages.items()},
        }
        for name, part in accuracy.parts.items()
    }
    content = {"date": accuracy.date, "version": accuracy.version, "parts": parts}
    FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    recorded.cache_clear()
