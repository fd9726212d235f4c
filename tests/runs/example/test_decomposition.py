"""Budgets of the example are split into parts that make up the whole, and nothing is made up."""

import re

import pytest

from runs.examples.example import SUBSYSTEMS
from runs.requests import ChildOut, Pattern

from .analysis import decomposed, parents_of
from .golden import BUDGETS, REQUIREMENTS, VAGUE, Budget

CODES = [subsystem.code for subsystem in SUBSYSTEMS]
NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:\.\d+)?")
REFS = {expected.identifier: ref for ref, expected in enumerate(REQUIREMENTS)}


def children_of(code: str, identifier: str) -> list[ChildOut]:
    return [child for child in decomposed(code).children if REFS[identifier] in child.parents]


def share(code: str, budget: Budget) -> float:
    """The part of a budget that a subsystem gets: the first quantity of each budget child."""
    unit = re.compile(rf"(\d+(?:\.\d+)?)\s*{budget.unit}\b")
    children = [c for c in children_of(code, budget.parent) if c.pattern is Pattern.BUDGET]
    assert children, f"{code} has no part of {budget.parent}"
    amounts = [unit.search(child.text) for child in children]
    return sum(float(amount[1]) for amount in amounts if amount)


@pytest.mark.parametrize("budget", BUDGETS, ids=lambda budget: budget.parent)
def test_parts_of_a_budget_sum_to_the_whole(budget: Budget) -> None:
    parts = {code: share(code, budget) for code in budget.subsystems}
    assert all(part > 0 for part in parts.values()), parts
    assert sum(parts.values()) == budget.parts_sum_to, parts


@pytest.mark.parametrize("code", CODES)
def test_every_allocated_requirement_has_children(code: str) -> None:
    parents = {ref for child in decomposed(code).children for ref in child.parents}
    assert parents == {parent.ref for parent in parents_of(code)}


@pytest.mark.parametrize("code", CODES)
def test_no_number_is_made_up(code: str) -> None:
    """Only the share of a budget may be a number that the parent doesn't have."""
    statements = {parent.ref: parent.statement for parent in parents_of(code)}
    invented = []
    for child in decomposed(code).children:
        if child.pattern is Pattern.BUDGET:
            continue
        known = set(NUMBER.findall(" ".join(statements[ref] for ref in child.parents)))
        said = set(NUMBER.findall(" ".join([child.text, *child.acceptance_criteria])))
        invented += [(child.text, number) for number in said - known]
    assert invented == []


@pytest.mark.parametrize("code", CODES)
def test_children_keep_the_numbers_of_their_parents(code: str) -> None:
    lost = []
    for parent in parents_of(code):
        children = [c for c in decomposed(code).children if parent.ref in c.parents]
        said = " ".join(t for c in children for t in (c.text, *c.acceptance_criteria, c.rationale))
        kept = set(NUMBER.findall(said))
        lost += [(parent.statement, n) for n in NUMBER.findall(parent.statement) if n not in kept]
    assert lost == []


@pytest.mark.parametrize("code", CODES)
def test_every_child_can_be_verified(code: str) -> None:
    assert [
        child.text for child in decomposed(code).children if not child.acceptance_criteria
    ] == []


def test_each_side_of_an_interface_gets_its_part() -> None:
    for ref, expected in enumerate(REQUIREMENTS):
        if expected.type == "INTF" and len(expected.subsystems) == 2:
            texts = {
                code: {c.text for c in decomposed(code).children if ref in c.parents}
                for code in expected.subsystems
            }
            first, second = texts.values()
            assert first
            assert second
            assert first.isdisjoint(second), f"both sides of {expected.identifier} say the same"


def test_vague_terms_are_not_dressed_up_with_numbers() -> None:
    by_identifier = {expected.identifier: expected for expected in REQUIREMENTS}
    for identifier in VAGUE:
        for code in by_identifier[identifier].subsystems:
            for child in children_of(code, identifier):
                assert NUMBER.findall(child.text) == []
