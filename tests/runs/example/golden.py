"""The hand-written result of the example specification, typed."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "example.json"
RECORD: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Expected:
    identifier: str
    text: str
    lead_in: str
    type: str
    section: str
    subsystems: tuple[str, ...]

    @property
    def statement(self) -> str:
        return f"{self.lead_in} {self.text}".strip()


@dataclass(frozen=True, slots=True)
class Budget:
    parent: str
    quantity: int
    unit: str
    subsystems: tuple[str, ...]
    parts_sum_to: int


REQUIREMENTS = tuple(
    Expected(**{**row, "subsystems": tuple(row["subsystems"])}) for row in RECORD["requirements"]
)
BUDGETS = tuple(
    Budget(**{**row, "subsystems": tuple(row["subsystems"])}) for row in RECORD["budgets"]
)
NOT_REQUIREMENTS: tuple[str, ...] = tuple(RECORD["not_requirements"])
HOSTILE: str = RECORD["hostile"]
VAGUE: dict[str, str] = {row["identifier"]: row["term"] for row in RECORD["vague"]}
OVER_THE_PAGE_BREAK: dict[str, Any] = RECORD["over_the_page_break"]
ACTIONS: dict[str, list[str]] = {row["parent"]: row["actions"] for row in RECORD["actions"]}
