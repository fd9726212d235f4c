"""How children and their criteria are worded."""

import re

import pytest

from runs.analyst.decompose import decompose
from runs.analyst.identifiers import identifier_in_marker, identifier_in_text
from runs.requests import ChildOut, Pattern, SubsystemIn
from tests.runs.analyst.blocks import decomposition, parent

HOIST = SubsystemIn(code="HST", name="Hoist", keywords=["rope"])
DOOR = SubsystemIn(code="DOR", name="Cargo Door", keywords=["latch"])
SURVEY = SubsystemIn(code="SUR", name="Survey Payload", keywords=["sonar"])


def children(*statements: str, who: SubsystemIn = HOIST, type_: str = "FUNC") -> list[ChildOut]:
    parents = [parent(ref, statement, type_) for ref, statement in enumerate(statements)]
    return decompose(decomposition(*parents, subsystem=who), {}).children


def criterion(statement: str, type_: str = "FUNC") -> str:
    (child,) = children(statement, type_=type_)
    (only,) = child.acceptance_criteria
    return only


@pytest.mark.parametrize(
    ("who", "statement", "text"),
    [
        (HOIST, "The hoist shall lift the load.", "The Hoist shall lift the load."),
        (HOIST, "The hoist motor shall stop.", "The hoist motor shall stop."),
        (HOIST, "The rope shall hold.", "The rope of the Hoist shall hold."),
        (DOOR, "The doors shall close.", "The Cargo Door shall close."),
        (DOOR, "DOR shall close.", "The Cargo Door shall close."),
    ],
)
def test_the_subsystem_is_no_part_of_itself(who: SubsystemIn, statement: str, text: str) -> None:
    assert children(statement, who=who)[0].text == text


def test_one_result_has_one_name_for_the_subsystem() -> None:
    found = children(
        "The Survey Payload subsystem shall log faults.",
        "The Survey Payload shall store soundings.",
        "SUR shall stop.",
        "The sonar shall send pings.",
        who=SURVEY,
    )
    names = {re.sub(r".*?(the survey payload.*?) shall.*", r"\1", c.text.lower()) for c in found}
    assert names == {"the survey payload subsystem"}


@pytest.mark.parametrize(
    ("statement", "measured"),
    [
        ("The Hoist shall find the place of the load with an error of at most 0.5 m.", "the error"),
        ("The Hoist shall draw at most 5 W of electrical power at night.", "the electrical power"),
        ("The Hoist shall weigh less than 40 kg.", "the mass"),
        ("The Hoist shall stop within 2 s.", "the time until it is done"),
        ("The Hoist shall carry at least 40 kg.", "the value that the requirement limits"),
    ],
)
def test_what_is_measured_is_a_whole_noun_phrase(statement: str, measured: str) -> None:
    said = criterion(statement, "PERF")
    assert f"when {measured} is measured on the Hoist, then the recorded values meet" in said
    assert not re.search(r"every|fails|quantity behind", said)


@pytest.mark.parametrize(
    ("statement", "then"),
    [
        ("shall record the load.", "then the record is found to hold the load."),
        ("shall show the load.", "then a tester sees the load."),
        ("shall lock the drum by hand.", "then the drum is found to be locked by hand."),
        ("shall stop.", "then it is observed that the Hoist stops."),
    ],
)
def test_a_function_is_seen_by_its_result(statement: str, then: str) -> None:
    said = criterion(f"When the button is pressed, the Hoist {statement}")
    assert "when the button is pressed, " in said
    assert said.endswith(then)


def test_an_adverbial_condition_is_the_stimulus() -> None:
    said = criterion("At the end of a shift, the Hoist shall lock the drum.")
    assert 'when the trial comes to "at the end of a shift", then' in said


@pytest.mark.parametrize("word", ["quickly", "as appropriate"])
def test_what_is_vague_is_open_from_the_first_iteration(word: str) -> None:
    (child,) = children(f"The Hoist shall lock the drum {word}.")
    (only,) = child.acceptance_criteria
    assert only.startswith("Open:")
    assert word not in only
    assert f'Open: the parent gives no figure for "{word}"; the stakeholders' in child.rationale


@pytest.mark.parametrize(
    ("statement", "texts"),
    [
        (
            "The Hoist shall open in less than 3 s and close in less than 4 s.",
            ["The Hoist shall open in less than 3 s.", "The Hoist shall close in less than 4 s."],
        ),
        (
            "The Hoist shall display the load and record it every 1 s.",
            ["The Hoist shall display the load.", "The Hoist shall record the load every 1 s."],
        ),
        (
            "The Hoist shall measure a) pressure; b) flow; and c) temperature.",
            ["The Hoist shall measure a) pressure; b) flow; and c) temperature."],
        ),
        (
            "The Hoist shall open the gate in less than 3 s and close in less than 4 s.",
            ["The Hoist shall open the gate in less than 3 s and close in less than 4 s."],
        ),
        (
            "The Hoist shall support access and control in 3 modes.",
            ["The Hoist shall support access and control in 3 modes."],
        ),
    ],
)
def test_compounds_split_where_each_half_has_a_verb(statement: str, texts: list[str]) -> None:
    found = children(statement)
    assert [child.text for child in found] == texts
    split = Pattern.FUNCTIONAL if len(texts) > 1 else Pattern.DIRECT
    assert {child.pattern for child in found} == {split}


def test_the_other_side_is_named_as_within_a_sentence() -> None:
    (child,) = children("The Crane subsystem shall send the load to the Hoist.", type_="INTF")
    assert "asks the Crane subsystem to send" in child.rationale


def test_brackets_are_no_part_of_an_identifier() -> None:
    text = "[REQ-11] The hoist shall stop."
    assert identifier_in_text(text) == ("REQ-11", text.index("The"))
    assert identifier_in_marker("[SSR5]") == "SSR5"
