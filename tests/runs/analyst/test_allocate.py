import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.analyst.allocate import RULES, analyze
from runs.analyst.parameters import ParameterError
from runs.requests import AllocationOut, SourceIn, SubsystemIn
from tests.runs.analyst.blocks import allocation, source

NAV = SubsystemIn(code="NAV", name="Navigation", keywords=["position", "dead reckoning"])
PWR = SubsystemIn(code="PWR", name="Power and Propulsion", keywords=["thruster", "battery"])
LOG = SubsystemIn(
    code="LOG", name="Logbook", description="Remembers incidents and prints summaries of voyages."
)
EVERYONE = (NAV, PWR, LOG)


def decided(who: SubsystemIn, requirement: SourceIn) -> AllocationOut:
    siblings = [each for each in EVERYONE if each is not who]
    (out,) = analyze(allocation(requirement, subsystem=who, siblings=siblings), {}).allocations
    return out


@pytest.mark.parametrize(
    ("statement", "type_", "rules"),
    [
        ("The Navigation subsystem shall plan a route.", "FUNC", ("named", "other-subsystem", "")),
        ("The thrusters shall stop.", "FUNC", ("", "keyword", "")),
        (
            "The Navigation subsystem shall send commands to the Power and Propulsion subsystem.",
            "INTF",
            ("named", "interface", ""),
        ),
        ("PWR shall report faults.", "FUNC", ("", "named", "")),
        ("All subsystems shall withstand salt.", "CONS", ("system-wide",) * 3),
        ("The system shall comply with ISO 1.", "CONS", ("system-wide",) * 3),
        ("The vessel shall print a summary of incidents.", "FUNC", ("", "", "description")),
        ("The hull shall be painted orange.", "CONS", ("no-match",) * 3),
    ],
)
def test_rules(statement: str, type_: str, rules: tuple[str, ...]) -> None:
    for who, rule in zip(EVERYONE, rules, strict=True):
        out = decided(who, source(0, statement, type_))
        assert out.allocated == (rule in RULES and rule not in ("other-subsystem", "no-match", ""))
        assert rule in ("", out.rule)
        assert who.name in out.rationale


def test_a_requirement_that_fits_several_goes_to_each_and_says_so() -> None:
    statement = "From the position to the stop of the thrusters, the vessel shall take 900 ms."
    for who, other in ((NAV, PWR), (PWR, NAV)):
        out = decided(who, source(0, statement, "PERF"))
        assert out.allocated
        assert other.name in out.rationale


def test_the_words_that_decided_are_quoted() -> None:
    out = decided(PWR, source(0, "The batteries or each battery shall last.", "FUNC"))
    assert '"battery"' in out.rationale


def test_a_section_about_the_subsystem_decides_for_plain_statements() -> None:
    out = decided(LOG, source(0, "A page shall be kept.", section="7 Logbook"))
    assert (out.allocated, out.rule) == (True, "section")


def test_a_name_alone_finds_its_requirements() -> None:
    alone = SubsystemIn(code="X9", name="Cab radio")
    statements = ["The Cab radio shall ring.", "Cab radios shall hang.", "The horn shall sound."]
    request = allocation(*(source(n, s) for n, s in enumerate(statements)), subsystem=alone)
    assert [out.allocated for out in analyze(request, {}).allocations] == [True, True, False]


def test_single_words_of_a_name_count_when_too_little_is_found() -> None:
    alone = SubsystemIn(code="X9", name="Cab radio")
    request = allocation(source(0, "The radio shall ring."), subsystem=alone)
    (out,) = analyze(request, {}).allocations
    assert out.allocated
    assert "too few" in out.rationale


def test_a_keyword_that_stands_everywhere_tells_nothing() -> None:
    everywhere = [source(n, f"The vessel shall keep position {n}.") for n in range(40)]
    rare = [source(n, f"The vessel shall keep gull {n}.") for n in range(40)]
    rare[7] = source(7, "The vessel shall keep its position.")
    for sources, hits in ((everywhere, 0), (rare, 1)):
        answer = analyze(allocation(*sources, subsystem=NAV, siblings=[PWR]), {})
        assert sum(out.allocated for out in answer.allocations) == hits


def test_initials_name_a_subsystem_and_identifiers_do_not() -> None:
    registry = SubsystemIn(code="REG", name="Service Registry")
    request = allocation(
        source(0, "The SR-mediator link shall be up."),
        source(1, "SR-17 applies to the hull."),
        subsystem=registry,
        siblings=[PWR],
    )
    assert [out.allocated for out in analyze(request, {}).allocations] == [True, False]


def test_parameters_bind_the_strategy() -> None:
    request = allocation(source(0, "The system shall comply with ISO 1.", "CONS"), subsystem=NAV)
    answer = analyze(
        request,
        {
            "naming": "{CODE}_{TYPE}_{NNN}",
            "max_children_per_parent": 3,
            "acceptance_criteria_required": False,
            "disabled_rules": ["system-wide"],
        },
    )
    assert answer.strategy.naming == "{CODE}_{TYPE}_{NNN}"
    assert answer.strategy.max_children_per_parent == 3
    assert not answer.strategy.acceptance_criteria_required
    assert not any(rule.startswith("system-wide") for rule in answer.strategy.allocation_rules)
    assert not answer.allocations[0].allocated
    with pytest.raises(ParameterError, match="max_children_per_parent"):
        analyze(request, {"max_children_per_parent": 0})


@given(st.lists(st.text(max_size=60), max_size=6), st.text(min_size=1, max_size=20))
def test_every_requirement_is_answered_exactly_once(statements: list[str], name: str) -> None:
    request = allocation(
        *(source(n, s) for n, s in enumerate(statements)),
        subsystem=SubsystemIn(code="S", name=name),
        siblings=EVERYONE,
    )
    answer = analyze(request, {})
    assert [out.ref for out in answer.allocations] == list(range(len(statements)))
    assert all(out.rule in RULES for out in answer.allocations)
