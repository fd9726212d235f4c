import pytest

from runs.analyst.decompose import decompose
from runs.requests import ChildIn, ChildOut, FindingIn
from tests.runs.analyst.blocks import as_previous, decomposition, finding, parent


def revised(statement: str, *findings: FindingIn, feedback: str = "") -> list[ChildOut]:
    source = parent(0, statement)
    before = decompose(decomposition(source), {}).children
    request = decomposition(
        source, previous=as_previous(before), findings=findings, feedback=feedback
    )
    return decompose(request, {}).children


@pytest.mark.parametrize(
    ("statement", "found", "text"),
    [
        (
            "The system shall, where possible, log faults of the pump.",
            finding("escape-clause", quote="where possible"),
            "The Navigation shall log faults of the pump.",
        ),
        (
            "The system shall log faults of the pump as appropriate.",
            finding("escape-clause", quote="as appropriate"),
            "The Navigation shall log faults of the pump.",
        ),
        (
            "The system shall be able to log faults.",
            finding("superfluous-infinitive", quote="be able to"),
            "The Navigation shall log faults.",
        ),
        (
            "The system shall be capable of storing faults.",
            finding("superfluous-infinitive", quote="be capable of"),
            "The Navigation shall store faults.",
        ),
        (
            "The system shall log faults and/or alarms.",
            finding("and-or", quote="and/or"),
            "The Navigation shall log faults, alarms or both.",
        ),
        (
            "The cases of all subsystems shall be protected against dust.",
            finding("passive-voice", quote="shall be protected"),
            "The Navigation shall ensure that its cases are protected against dust.",
        ),
        (
            "The system shall log faults, alarms, etc.",
            finding("open-ended-list", quote="etc."),
            "The Navigation shall log faults, alarms.",
        ),
    ],
)
def test_findings_are_mended_without_inventing(statement: str, found: FindingIn, text: str) -> None:
    (child,) = revised(statement, found)
    assert child.text == text
    assert "Revised:" in child.rationale


def test_a_compound_that_was_left_whole_is_split() -> None:
    source = parent(0, "The system shall log faults of the pump and send alarms to the crew.")
    whole = decompose(decomposition(source, feedback="Do not split this."), {}).children
    assert len(whole) == 1
    request = decomposition(
        source, previous=as_previous(whole), findings=[finding("several-requirements")]
    )
    assert len(decompose(request, {}).children) == 2


def test_a_child_that_names_nobody_gets_its_actor() -> None:
    before = decompose(decomposition(parent(0, "The system shall log faults.")), {}).children
    nameless = before[0].model_copy(update={"text": "When dark, the lamp shall be lit."})
    request = decomposition(
        parent(0, "When dark, the lamp shall be lit."),
        previous=as_previous([nameless]),
        findings=[finding("unnamed-subsystem")],
    )
    (child,) = decompose(request, {}).children
    assert child.text == "When dark, the Navigation shall ensure that the lamp is lit."


def test_what_only_stakeholders_know_stays_and_is_asked_for() -> None:
    found = finding("unquantified-performance", quote="quickly")
    (child,) = revised("The system shall quickly log faults.", found)
    assert child.text == "The Navigation shall quickly log faults."
    assert '"quickly"' in child.rationale
    assert "stakeholders must supply a value with its unit" in child.rationale


def test_what_a_person_edited_is_not_touched() -> None:
    source = parent(0, "The system shall be able to log faults.")
    own = decompose(decomposition(source), {}).children[0]
    own = own.model_copy(
        update={"text": "My words, and/or mine.", "acceptance_criteria": ["Mine."]}
    )
    request = decomposition(
        source,
        previous=as_previous([own], edited=True),
        findings=[finding("and-or", quote="and/or"), finding("dropped-quantity", None, parent=0)],
        feedback="Shorter please.",
    )
    assert decompose(request, {}).children == [own]


def test_a_parent_that_nothing_carries_gets_its_child() -> None:
    covered, missed = parent(0, "The system shall stop."), parent(1, "The system shall start.")
    before = decompose(decomposition(covered), {}).children
    request = decomposition(
        covered,
        missed,
        previous=as_previous(before),
        findings=[finding("uncovered-parent", None, parent=1)],
    )
    assert [child.parents for child in decompose(request, {}).children] == [[0], [1]]


def test_a_child_of_no_parent_in_the_request_is_dropped() -> None:
    source = parent(0, "The system shall stop.")
    stray = as_previous(decompose(decomposition(source), {}).children)[0]
    strays: list[ChildIn] = [stray.model_copy(update={"parents": [9]})]
    (child,) = decompose(decomposition(source, previous=strays), {}).children
    assert child.parents == [0]


def test_without_findings_nothing_changes() -> None:
    source = parent(0, "The system shall log faults.")
    before = decompose(decomposition(source), {}).children
    assert decompose(decomposition(source, previous=as_previous(before)), {}).children == before


def test_revising_twice_says_nothing_twice() -> None:
    source = parent(0, "The system shall quickly log faults.")
    found = finding("vague-term", quote="quickly")
    children = decompose(decomposition(source), {}).children
    for _ in range(2):
        request = decomposition(source, previous=as_previous(children), findings=[found])
        children = decompose(request, {}).children
    assert children[0].rationale.count("stakeholders") == 1


def test_feedback_is_noted_and_followed_where_a_rule_can() -> None:
    (child,) = revised("The system shall log faults.", feedback="Sounds odd.")
    assert 'Reviewer: "Sounds odd."' in child.rationale
    assert "no rule follows it" in child.rationale
