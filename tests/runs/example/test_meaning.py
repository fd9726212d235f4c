"""What the example's requirements became still means what their parents meant.

Each case was decided by reading the parent and asking what an engineer would have to build and a
tester would have to measure; none of it can be seen by counting numbers or links.
"""

import re

import pytest

from runs.requests import ChildOut

from .analysis import decomposed
from .golden import ACTIONS, BUDGETS, REQUIREMENTS

REFS = {expected.identifier: ref for ref, expected in enumerate(REQUIREMENTS)}
CODES = ("NAV", "PWR", "SUR", "COM")


def children_of(code: str, identifier: str) -> list[ChildOut]:
    return [child for child in decomposed(code).children if REFS[identifier] in child.parents]


def criteria_of(code: str, identifier: str) -> str:
    return " ".join(c for child in children_of(code, identifier) for c in child.acceptance_criteria)


@pytest.mark.parametrize("identifier", ACTIONS)
def test_each_joined_action_gets_a_child_of_its_own(identifier: str) -> None:
    expected = REQUIREMENTS[REFS[identifier]]
    texts = [child.text for child in children_of(expected.subsystems[0], identifier)]
    said = [[action for action in ACTIONS[identifier] if action in text] for text in texts]
    assert sorted(said) == sorted([action] for action in ACTIONS[identifier])


def test_condition_of_one_action_does_not_spread_to_the_others() -> None:
    """The vessel holds its place at once; only its return waits for valid values."""
    wait = "only after both values have been valid"
    for child in children_of("NAV", "SYS-006"):
        whole = " ".join([child.text, *child.acceptance_criteria])
        assert (wait in whole) == ("return to the survey line" in child.text)


@pytest.mark.parametrize("code", ["NAV", "PWR", "SUR"])
def test_share_of_a_latency_is_asked_of_the_part_and_not_of_the_whole(code: str) -> None:
    """A third of the time for the whole chain, asked three times, would be another requirement."""
    assert BUDGETS[0].parent == "SYS-034"
    for child in children_of(code, "SYS-034"):
        assert re.search(r"subsystem shall|Survey Payload shall", child.text)
        assert not re.search(r"the vessel (?:shall take|takes) no more than 300 ms", child.text)


@pytest.mark.parametrize(
    ("code", "identifier", "circumstance"),
    [("SUR", "SYS-031", "30 m"), ("COM", "SYS-033", "2 km"), ("NAV", "SYS-036", "-5 °C")],
)
def test_circumstance_of_a_measurement_is_not_taken_for_its_limit(
    code: str, identifier: str, circumstance: str
) -> None:
    """The depth reaches to 30 m, the link spans 2 km, the air is cold: no result is held to it."""
    held_to = r"values (?:meet the limit of [≤≥=<>]|lie in)"
    assert not re.search(rf"{held_to} {circumstance}\b", criteria_of(code, identifier))


def test_other_side_of_an_exchange_does_not_inherit_the_senders_pronoun() -> None:
    """What "it", the sender, has received says nothing about the receiver."""
    for child in children_of("NAV", "SYS-025"):
        assert "it has received" not in " ".join([child.text, *child.acceptance_criteria])


@pytest.mark.parametrize("code", CODES)
def test_criteria_are_grammatical(code: str) -> None:
    wrong = []
    verb = re.compile(r"that the [A-Z][\w ]*? subsystem (?:\w+ly )?(\w+)")
    plural = re.compile(r"when (?:\w+ )?\w+[^s\W]s is (?:exchanged|measured|applied)\b")
    for child in decomposed(code).children:
        for criterion in child.acceptance_criteria:
            wrong += [found for found in verb.findall(criterion) if not found.endswith("s")]
            wrong += plural.findall(criterion)
    assert wrong == []
