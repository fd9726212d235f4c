"""The example specification, from its requirements to children, against the hand-written result."""

from decimal import Decimal

import pytest

from runs.analyst.allocate import analyze
from runs.analyst.classify import classify
from runs.analyst.decompose import decompose
from runs.examples.example import SUBSYSTEMS
from runs.language.quantities import find_quantities
from runs.requests import (
    AnalyzeAnswer,
    AnalyzeRequest,
    DecomposeRequest,
    ParentIn,
    Pattern,
    SourceIn,
    SubsystemIn,
)
from tests.runs.example.golden import BUDGETS, REQUIREMENTS

TEAM = [
    SubsystemIn(
        code=each.code,
        name=each.name,
        description=each.description,
        interfaces=each.interfaces,
        keywords=list(each.keywords),
    )
    for each in SUBSYSTEMS
]
SOURCES = [
    SourceIn(
        ref=ref,
        statement=each.statement,
        type=classify(each.statement, each.section),
        section=each.section,
    )
    for ref, each in enumerate(REQUIREMENTS)
]


@pytest.fixture(scope="module")
def allocations() -> dict[str, AnalyzeAnswer]:
    return {
        who.code: analyze(
            AnalyzeRequest(
                subsystem=who,
                siblings=[each for each in TEAM if each is not who],
                requirements=SOURCES,
            ),
            {},
        )
        for who in TEAM
    }


def test_types() -> None:
    found = {each.statement: each.type.value for each in SOURCES}
    assert found == {each.statement: each.type for each in REQUIREMENTS}


@pytest.mark.parametrize("code", [each.code for each in TEAM])
def test_allocation(code: str, allocations: dict[str, AnalyzeAnswer]) -> None:
    found = [
        REQUIREMENTS[out.ref].statement for out in allocations[code].allocations if out.allocated
    ]
    assert found == [each.statement for each in REQUIREMENTS if code in each.subsystems]


@pytest.mark.parametrize("budget", BUDGETS, ids=lambda budget: budget.parent)
def test_parts_of_budgets_sum_to_the_whole(
    budget: object, allocations: dict[str, AnalyzeAnswer]
) -> None:
    expected = next(each for each in BUDGETS if each is budget)
    ref = next(n for n, each in enumerate(REQUIREMENTS) if each.identifier == expected.parent)
    total = Decimal(0)
    for who in TEAM:
        if who.code not in expected.subsystems:
            continue
        whole = ParentIn(
            **SOURCES[ref].model_dump(),
            shared_with=[code for code in expected.subsystems if code != who.code],
        )
        request = DecomposeRequest(
            subsystem=who, strategy=allocations[who.code].strategy, parents=[whole], iteration=1
        )
        (child,) = decompose(request, {}).children
        assert child.pattern is Pattern.BUDGET
        (part,) = [q for q in find_quantities(child.text) if q.unit_text == expected.unit]
        total += part.value
    assert total == expected.parts_sum_to == expected.quantity
