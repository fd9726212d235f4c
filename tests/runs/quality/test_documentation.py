"""docs/quality.md says what the code does."""

from pathlib import Path

from runs.quality.formula import COST, DEFAULT_WEIGHTS
from runs.quality.gate import GatePolicy

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "quality.md").read_text(encoding="utf-8")


def test_costs_weights_and_policies_are_those_of_the_code() -> None:
    for severity, cost in COST.items():
        assert f"| {severity.value} | {cost} |" in PAGE
    for dimension, weight in DEFAULT_WEIGHTS.items():
        assert f"| {dimension} | {weight:g} |" in PAGE
    for policy in GatePolicy:
        assert f"| `{policy.value}`" in PAGE
