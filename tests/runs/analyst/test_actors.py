"""What another is asked is never put on this subsystem."""

import pytest

from runs.analyst.allocate import analyze
from runs.analyst.decompose import decompose
from runs.requests import AllocationOut, ChildOut, ParentIn, Pattern, SubsystemIn
from tests.runs.analyst.blocks import allocation, decomposition, source

NAV = SubsystemIn(code="NAV", name="Navigation", keywords=["position"])
COM = SubsystemIn(code="COM", name="Communication", keywords=["radio"])
HST = SubsystemIn(code="HST", name="Hoist")
TEAM = (NAV, COM, HST)
VALVE = (
    "The Valve Unit shall close within 2 s of a command from the Navigation or the Communication "
    "subsystem."
)


def decided(who: SubsystemIn, statement: str, type_: str = "PERF") -> AllocationOut:
    request = allocation(
        source(0, statement, type_),
        subsystem=who,
        siblings=[each for each in TEAM if each is not who],
    )
    return analyze(request, {}).allocations[0]


def written(who: SubsystemIn, statement: str, type_: str = "PERF") -> list[ChildOut]:
    out = decided(who, statement, type_)
    assert out.allocated
    whole = ParentIn(**source(0, statement, type_).model_dump(), shared_with=out.shared_with)
    return decompose(decomposition(whole, subsystem=who), {}).children


@pytest.mark.parametrize("who", [NAV, COM])
def test_source_of_a_command_owes_the_command_and_not_the_deed(who: SubsystemIn) -> None:
    statement = VALVE
    assert decided(who, statement).rule == "interface"
    (child,) = written(who, statement)
    assert child.text.endswith("shall provide the command to the Valve Unit.")
    assert who.name in child.text
    assert child.pattern is Pattern.INTERFACE
    assert "2 s binds the Valve Unit" in " ".join(child.acceptance_criteria)


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        (
            "The Communication subsystem shall stop within 2 s of a request from the Navigation "
            "subsystem.",
            "The Navigation shall provide the request to the Communication subsystem.",
        ),
        (
            "When the Navigation subsystem reports an obstacle, the Hoist shall stop within 1 s.",
            "The Navigation shall report an obstacle to the Hoist.",
        ),
        (
            "The Hoist shall obey every command that the Navigation subsystem sends.",
            "The Navigation shall send every command to the Hoist.",
        ),
    ],
)
def test_each_way_to_name_a_source_gives_its_duty(statement: str, text: str) -> None:
    (child,) = written(NAV, statement)
    assert child.text.replace("Navigation subsystem shall", "Navigation shall") == text


@pytest.mark.parametrize(
    "statement",
    [
        "The Valve Unit shall be independent of the Navigation subsystem.",
        "The Valve Unit shall report its position.",
        "The pump controller shall hold its position within 2 mm.",
    ],
)
def test_what_another_is_asked_without_a_part_for_this_one_is_not_allocated(statement: str) -> None:
    out = decided(NAV, statement)
    assert (out.allocated, out.rule) == (False, "other-actor")
    assert "it asks it of the " in out.rationale


def test_the_system_itself_and_all_parts_are_no_other_actor() -> None:
    for statement in ("The system shall weigh 9 kg.", "All subsystems shall weigh 9 kg."):
        assert decided(NAV, statement).rule == "system-wide"
    assert decided(NAV, "The vessel shall hold its position.").rule == "keyword"
