"""A quantity is shared only by those that the statement has share it."""

import pytest

from runs.analyst.decompose import decompose
from runs.requests import ChildOut, Pattern, SubsystemIn
from tests.runs.analyst.blocks import decomposition, parent

NAV = SubsystemIn(code="NAV", name="Navigation", keywords=["position"])


def child_of(statement: str, shared: list[str]) -> ChildOut:
    source = parent(0, statement, "PERF", shared=shared)
    (child,) = decompose(decomposition(source, subsystem=NAV), {}).children
    return child


@pytest.mark.parametrize("shared", [[], ["COM"], ["COM", "HST", "DOR", "SUR"]])
def test_a_printed_number_divides_whatever_the_project_has(shared: list[str]) -> None:
    child = child_of("All four subsystems together shall draw no more than 1500 W.", shared)
    assert child.text == "The Navigation shall draw no more than 375 W."
    assert "speaks of 4 subsystems" in child.rationale
    assert f"allocated to {len(shared) + 1}" in child.rationale


def test_a_number_that_the_project_confirms_needs_no_remark() -> None:
    child = child_of(
        "All four subsystems together shall draw no more than 1500 W.", ["COM", "HST", "SUR"]
    )
    assert "speaks of" not in child.rationale
    assert "to be confirmed by the lead of the budget" in child.rationale


def test_those_that_the_subject_names_share_and_no_others() -> None:
    child = child_of(
        "The Navigation and the Communication subsystems shall together draw at most 100 W.",
        ["COM", "HST"],
    )
    assert child.text == "The Navigation shall draw at most 50 W."


@pytest.mark.parametrize(
    "statement",
    [
        "Each subsystem shall weigh less than 40 kg.",
        "The Navigation subsystem shall weigh less than 40 kg.",
        "The vessel shall show the position and the speed within 40 ms.",
        "The crane shall draw no more than 40 W.",
    ],
)
def test_what_nobody_is_said_to_share_is_carried_whole(statement: str) -> None:
    child = child_of(statement, ["COM", "HST"])
    assert child.pattern is Pattern.DIRECT
    assert "carried whole" in child.rationale
    assert " 40 " in child.text


@pytest.mark.parametrize(
    "statement",
    [
        "From the first echo to the stop, the vessel shall take no more than 900 ms.",
        "The vessel shall take no more than 900 ms from the first echo to the stop.",
        "The time from the first echo to the stop shall not exceed 900 ms.",
    ],
)
def test_a_part_of_a_chain_contributes_to_the_whole_chain(statement: str) -> None:
    assert child_of(statement, ["COM", "HST"]).text == (
        "The Navigation shall contribute no more than 300 ms to the time from the first echo to "
        "the stop."
    )
