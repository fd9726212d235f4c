"""What was measured of the rules, kept beside them: `manage.py measure_rules` writes it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("precision.json")


@dataclass(frozen=True, slots=True)
class Precision:
    hits: int  # findings in which a labelled word stands
    found: int

    @property
    def value(self) -> float:
        return self.hits / self.found

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.hits} of {self.found})"


@dataclass(frozen=True, slots=True)
class Measurement:
    date: str  # ISO
    basis: str  # which data, in words
    rules: Mapping[str, Precision]  # by rule id; rules without a figure are not measured


@cache
def measured() -> Measurement:
    """The figures of the file."""
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    rules = {rule: Precision(*counts) for rule, counts in stored["rules"].items()}
    return Measurement(stored["date"], stored["basis"], rules)


def store(measurement: Measurement) -> None:
    """Write the file; rules that found nothing have no precision and are left out."""
    rules = {
        rule: [one.hits, one.found] for rule, one in sorted(measurement.rules.items()) if one.found
    }
    content = {"date": measurement.date, "basis": measurement.basis, "rules": rules}
    FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    measured.cache_clear()
