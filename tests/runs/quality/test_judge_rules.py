"""A judge names its findings after rules, or they are called `other` and say so."""

import re
from pathlib import Path

import pytest

from runs.quality.finding import Dimension, Severity
from runs.quality.judge_rules import NAMES, OTHER, known_name, named
from runs.quality.rules.registry import BY_ID
from runs.requests import FindingOut

METHOD = Path(__file__).resolve().parents[3] / "skills/library/quality-validation/SKILL.md"
_ROW = re.compile(r"^\| (\w+) \|(.*)\|(.*)\|(.*)\|$", re.MULTILINE)


def table() -> dict[str, tuple[Dimension, Severity]]:
    """The names of the method's table, with the row and the column they stand in."""
    found: dict[str, tuple[Dimension, Severity]] = {}
    for dimension, *cells in _ROW.findall(METHOD.read_text(encoding="utf-8")):
        if dimension in set(Dimension):
            for severity, cell in zip(Severity, cells, strict=True):
                for name in re.findall(r"`([a-z-]+)`", cell):
                    assert name not in found, f"{name} stands there twice"
                    found[name] = Dimension(dimension), severity
    return found


def test_the_methods_table_and_the_registry_agree() -> None:
    assert table() == dict(NAMES)
    assert set(BY_ID) < set(NAMES)


def finding(rule: str, message: str = "It is wrong.") -> FindingOut:
    return FindingOut(child=1, rule=rule, dimension="clarity", severity="minor", message=message)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("vague-term", "vague-term"),
        ("Vague_Terms", "vague-term"),
        (" MISSING CRITERION ", "missing-criteria"),
        ("other", OTHER),
        ("orphan", None),
        ("ambiguous", None),
        ("!?", None),
        ("x" * 100_000, None),
    ],
)
def test_a_slip_is_forgiven_and_an_invention_is_not(written: str, meant: str | None) -> None:
    assert known_name(written) == meant


def test_an_invented_name_is_told_and_never_becomes_a_rule() -> None:
    said = named([finding("over-engineered"), finding("Vague term"), finding("negative")])
    assert [each.rule for each in said.findings] == [OTHER, "vague-term", "negative"]
    assert "“over-engineered”, which is no rule" in said.findings[0].message
    assert said.findings[1].message == "It is wrong."
    assert said.unknown == ("over-engineered",)


def test_no_two_names_are_so_alike_that_one_could_be_taken_for_the_other() -> None:
    for name in NAMES:
        assert known_name(name) == name
        assert known_name(name + "s") == name
