"""Each requirement of the example goes to the subsystems that a careful reader would name."""

import pytest

from runs.examples.example import SUBSYSTEMS

from .analysis import analyzed
from .golden import REQUIREMENTS

CODES = [subsystem.code for subsystem in SUBSYSTEMS]


@pytest.mark.parametrize("code", CODES)
def test_allocates_exactly_what_concerns_the_subsystem(code: str) -> None:
    taken = {a.ref for a in analyzed(code).allocations if a.allocated}
    due = {ref for ref, expected in enumerate(REQUIREMENTS) if code in expected.subsystems}
    assert {REQUIREMENTS[ref].statement for ref in taken - due} == set()
    assert {REQUIREMENTS[ref].statement for ref in due - taken} == set()


@pytest.mark.parametrize("code", CODES)
def test_answers_for_every_requirement_once_and_says_why(code: str) -> None:
    allocations = analyzed(code).allocations
    assert [a.ref for a in allocations] == list(range(len(REQUIREMENTS)))
    assert all(a.rule and a.rationale for a in allocations)


def test_hull_belongs_to_no_subsystem() -> None:
    hull = next(r for r, e in enumerate(REQUIREMENTS) if e.identifier == "SYS-039")
    assert not any(analyzed(code).allocations[hull].allocated for code in CODES)
