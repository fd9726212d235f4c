"""What a project's domain says about writing requirements and about whose they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.analyst.allocate import analyze
from runs.analyst.decompose import decompose
from runs.analyst.own_form import in_own_form
from runs.requests import AllocationOut, ChildIn, ChildOut, SubsystemIn
from skills.domain import DomainContent, parse
from tests.runs.analyst.blocks import allocation, decomposition, parent, source

NAV = SubsystemIn(code="NAV", name="Navigation")
WIN = SubsystemIn(code="WIN", name="Winch")


def conventions(*lines: str) -> DomainContent:
    return parse("# V\n## Conventions\n" + "".join(f"- {line}\n" for line in lines))


@pytest.mark.parametrize(
    ("verbs", "text", "own"),
    [
        ("must", "The NAV shall log faults.", "The NAV must log faults."),
        ("must", "The NAV shall not log faults.", "The NAV must not log faults."),
        ("will", "NAV shall stop and WIN must stop.", "NAV will stop and WIN will stop."),
        ("is to", "The NAV shall not stop.", "The NAV is not to stop."),
        ("is to", "The lamps shall be red.", "The lamps are to be red."),
        ("should, shall", "The NAV must stop.", "The NAV shall stop."),
        ("shall, must", "The NAV must stop.", "The NAV must stop."),
        ("must", "The NAV should stop.", "The NAV should stop."),
        ("must", "The NAV may stop.", "The NAV may stop."),
        ("should, may", "The NAV shall stop.", "The NAV shall stop."),
        ("must", "The NAV shall show “You shall stop”.", "The NAV must show “You shall stop”."),
    ],
)  # fmt: skip
def test_the_projects_verb(verbs: str, text: str, own: str) -> None:
    assert in_own_form(conventions(f"Modal verbs: {verbs}"), text) == own


BEHIND = "Template: The <actor> shall <action> when <trigger>."
BEFORE = "Template: When <trigger>, the <actor> shall <action>."
THEN = "Template: If <trigger>, then the <actor> shall <action>."


@pytest.mark.parametrize(
    ("template", "text", "own"),
    [
        (BEHIND, "When it is dark, the NAV shall beep.", "The NAV shall beep when it is dark."),
        (BEFORE, "The NAV shall beep when it is dark.", "When it is dark, the NAV shall beep."),
        (THEN, "If dark, the NAV shall beep 3 times.", "If dark, then the NAV shall beep 3 times."),
        (THEN, "The NAV shall beep if it is dark.", "If it is dark, then the NAV shall beep."),
    ],
)  # fmt: skip
def test_a_condition_goes_where_the_template_has_it(template: str, text: str, own: str) -> None:
    assert in_own_form(conventions(template), text) == own


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (BEFORE, "The NAV shall log faults."),  # no condition is invented
        (BEFORE, "The NAV shall beep if it is dark."),  # "if" is not made "when"
        (BEFORE, "The NAV shall beep only when it is dark."),  # it would say something else
        (BEHIND, "When it is dark, the NAV shall beep if it rains."),
        (BEHIND, "When it is dark, the NAV shall beep. It shall stop."),
    ],
)
def test_what_fits_no_template_stays_as_it_is(template: str, text: str) -> None:
    assert in_own_form(conventions(template), text) == text


@given(st.text(max_size=200))
def test_no_text_crashes_it_and_no_number_is_lost(text: str) -> None:
    domain = conventions("Modal verbs: must", BEHIND)
    own = in_own_form(domain, text)
    assert sorted(filter(str.isdigit, own)) == sorted(filter(str.isdigit, text))


def written(domain: DomainContent, *previous: ChildIn) -> ChildOut:
    request = decomposition(parent(0, "When it is dark, the system shall log faults."))
    update: dict[str, object] = {"domain": domain}
    if previous:
        update |= {"previous": list(previous), "iteration": 2}
    (child,) = decompose(request.model_copy(update=update), {}).children
    return child


def test_decomposition_writes_in_the_projects_form_and_says_so() -> None:
    domain = conventions("Modal verbs: must", BEHIND.replace("shall", "must"))
    child = written(domain)
    assert child.text == "The Navigation must log faults when it is dark."
    assert "in the domain's words and form" in child.rationale
    values = child.model_dump() | {"ref": 0}
    again = written(domain, ChildIn.model_validate(values))
    assert (again.text, again.rationale) == (child.text, child.rationale)


def test_what_a_person_wrote_keeps_its_form() -> None:
    domain = conventions("Modal verbs: must")
    values = written(conventions("Modal verbs: shall")).model_dump()
    edited = ChildIn.model_validate(values | {"ref": 0, "edited_by_person": True})
    assert written(domain, edited).text == "When it is dark, the Navigation shall log faults."


GLOSSARY = parse(
    """# V
## Glossary
- **tow fish**: The body that the Winch pulls. (also: fish; not: drone)
- **plot**: What Navigation sends to the Winch.
- **keel**: A part of the hull.
"""
)


def decided(who: SubsystemIn, statement: str, domain: DomainContent | None) -> AllocationOut:
    other = WIN if who is NAV else NAV
    request = allocation(source(0, statement), subsystem=who, siblings=[other])
    (out,) = analyze(request.model_copy(update={"domain": domain}), {}).allocations
    return out


@pytest.mark.parametrize("word", ["tow fish", "fish", "drones"])
def test_a_term_belongs_to_the_subsystem_that_its_definition_names(word: str) -> None:
    statement = f"It shall be possible to stow the {word}."
    assert not decided(WIN, statement, None).allocated
    out = decided(WIN, statement, GLOSSARY)
    assert (out.allocated, out.rule) == (True, "keyword")
    assert "which the glossary explains by Winch" in out.rationale
    assert decided(NAV, statement, GLOSSARY).rule == "other-subsystem"


@pytest.mark.parametrize("word", ["plot", "keel"])
def test_a_term_of_two_or_none_decides_nothing(word: str) -> None:
    statement = f"It shall be possible to see the {word}."
    for who in (NAV, WIN):
        assert decided(who, statement, GLOSSARY) == decided(who, statement, None)
