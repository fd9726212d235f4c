"""A requirement keeps its identifier; a number is given once and to one."""

from random import Random
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from runs.graph.identities import Derived, identify
from runs.models import IdentifierCounter, Requirement, RequirementVersion, Run, Subsystem
from runs.requests import RequirementType
from tests import factories
from tests.conftest import World
from tests.runs.actions.at_once import all_at_once

FUNC, PERF = RequirementType.FUNC, RequirementType.PERF


@pytest.fixture
def subsystem(world: World) -> Subsystem:
    return factories.subsystem(world.project)


SPECIFICATION = uuid4()


def derived(kind: RequirementType, parents: tuple[str, ...], text: str = "") -> Derived:
    return Derived(SPECIFICATION, kind, parents, text)


def named(subsystem: Subsystem, *items: Derived) -> list[str]:
    with transaction.atomic():
        return [row.identifier for row in identify(subsystem, items)]


def test_numbers_are_given_in_order_for_each_type(subsystem: Subsystem) -> None:
    made = named(
        subsystem, derived(FUNC, ("a",)), derived(PERF, ("a",)), derived(FUNC, ("b",)),
    )  # fmt: skip
    assert made == ["NAV-FUNC-001", "NAV-PERF-001", "NAV-FUNC-002"]
    row = Requirement.objects.get(identifier="NAV-PERF-001")
    assert (row.type, row.subsystem, row.project) == ("PERF", subsystem, subsystem.project)


def test_the_same_derivation_keeps_its_identifier(subsystem: Subsystem) -> None:
    one, two = derived(FUNC, ("a", "b")), derived(FUNC, ("c",))
    assert named(subsystem, one, two) == ["NAV-FUNC-001", "NAV-FUNC-002"]
    assert named(subsystem, two, derived(FUNC, ("d",)), one) == [
        "NAV-FUNC-002",
        "NAV-FUNC-003",
        "NAV-FUNC-001",
    ]
    assert Requirement.objects.count() == 3


def test_the_order_of_the_parents_does_not_matter(subsystem: Subsystem) -> None:
    assert named(subsystem, derived(FUNC, ("a", "b"))) == named(
        subsystem, derived(FUNC, ("b", "a", "b"))
    )


def test_another_type_or_other_parents_are_another_requirement(subsystem: Subsystem) -> None:
    several = [derived(FUNC, ("a",)), derived(PERF, ("a",)), derived(FUNC, ("a", "b")),
               derived(FUNC, ()), derived(FUNC, ("ab",))]  # fmt: skip
    assert len(set(named(subsystem, *several))) == 5


def said(run: Run, iteration: int, rows: list[Requirement], texts: list[str]) -> None:
    """The rows get these words as their versions of one iteration."""
    for ordinal, (row, text) in enumerate(zip(rows, texts, strict=True), start=1):
        RequirementVersion.objects.create(
            requirement=row, run=run, iteration=iteration, ordinal=ordinal, text=text, type="FUNC",
            rationale="So it is.", verification_method="test", pattern="functional",
        )  # fmt: skip


OPEN, CLOSE = "The unit shall open the inlet valve.", "The unit shall shut the pump down."
LIGHT = "The unit shall light the red lamp."


def test_children_of_the_same_parents_are_told_apart_by_what_they_say(
    subsystem: Subsystem, world: World
) -> None:
    run = factories.run(world.project)

    def wrote(iteration: int, *texts: str) -> list[str]:
        with transaction.atomic():
            rows = identify(subsystem, [derived(FUNC, ("a",), text) for text in texts])
            said(run, iteration, rows, list(texts))
        return [row.identifier for row in rows]

    assert wrote(1, OPEN, CLOSE) == ["NAV-FUNC-001", "NAV-FUNC-002"]
    assert wrote(2, CLOSE, OPEN) == ["NAV-FUNC-002", "NAV-FUNC-001"]
    reworded = "The unit shall shut the main pump down."
    assert wrote(3, reworded, LIGHT) == ["NAV-FUNC-002", "NAV-FUNC-003"]
    assert wrote(4, OPEN, LIGHT, reworded) == ["NAV-FUNC-001", "NAV-FUNC-003", "NAV-FUNC-002"]


def test_the_only_child_keeps_its_identity_however_it_is_worded(
    subsystem: Subsystem, world: World
) -> None:
    with transaction.atomic():
        rows = identify(subsystem, [derived(FUNC, ("a",), OPEN)])
        said(factories.run(world.project), 1, rows, [OPEN])
    assert named(subsystem, derived(FUNC, ("a",), LIGHT)) == ["NAV-FUNC-001"]


def test_two_specifications_never_share_an_identifier(subsystem: Subsystem) -> None:
    """Both say SYS-1, and mean different things."""
    one = derived(FUNC, ("SYS-1",))
    other = Derived(uuid4(), FUNC, ("SYS-1",), "")
    assert named(subsystem, one, other) == ["NAV-FUNC-001", "NAV-FUNC-002"]


def test_a_number_is_never_given_again(subsystem: Subsystem) -> None:
    named(subsystem, derived(FUNC, ("a",)), derived(FUNC, ("b",)))
    Requirement.objects.all().delete()
    assert named(subsystem, derived(FUNC, ("b",))) == ["NAV-FUNC-003"]


def test_a_number_is_not_given_again_to_a_subsystem_that_takes_over_the_code(
    subsystem: Subsystem, world: World
) -> None:
    named(subsystem, derived(FUNC, ("a",)))
    Requirement.objects.all().delete()
    subsystem.delete()
    assert named(factories.subsystem(world.project), derived(FUNC, ("a",))) == ["NAV-FUNC-002"]


def test_each_project_and_code_counts_for_itself(subsystem: Subsystem, world: World) -> None:
    one = derived(FUNC, ("a",))
    others = [
        factories.subsystem(world.project, "PWR", "Power"),
        factories.subsystem(world.other_project),
    ]
    assert [named(each, one) for each in (subsystem, *others)] == [
        ["NAV-FUNC-001"],
        ["PWR-FUNC-001"],
        ["NAV-FUNC-001"],
    ]


def test_after_number_999_comes_1000(subsystem: Subsystem) -> None:
    IdentifierCounter.objects.create(
        project=subsystem.project, code=subsystem.code, type=FUNC, last=998
    )
    made = named(subsystem, derived(FUNC, ("a",)), derived(FUNC, ("b",)))
    assert made == ["NAV-FUNC-999", "NAV-FUNC-1000"]


def test_what_fails_gives_no_number_away(subsystem: Subsystem) -> None:
    with transaction.atomic():
        identify(subsystem, [derived(FUNC, ("a",))])
        transaction.set_rollback(True)
    assert not Requirement.objects.exists()
    assert named(subsystem, derived(FUNC, ("b",))) == ["NAV-FUNC-001"]


def test_nothing_derived_is_nothing_made(subsystem: Subsystem) -> None:
    assert named(subsystem) == []


def test_more_than_one_statement_can_carry(subsystem: Subsystem) -> None:
    many = [derived(FUNC, (str(number),)) for number in range(1_203)]
    first = named(subsystem, *many)
    assert first == [f"NAV-FUNC-{number:03d}" for number in range(1, 1_204)]
    assert named(subsystem, *many[::-1]) == first[::-1]


def test_two_at_once_get_different_numbers(transactional_db: None, subsystem: Subsystem) -> None:
    batches = [[derived(FUNC, (f"{worker}-{number}",)) for number in range(5)]
               for worker in range(4)]  # fmt: skip
    made = all_at_once(*[lambda batch=batch: named(subsystem, *batch) for batch in batches])
    identifiers = [name for batch in made for name in batch]
    assert sorted(identifiers) == [f"NAV-FUNC-{number:03d}" for number in range(1, 21)]


def test_two_at_once_who_derive_the_same_make_it_once(
    transactional_db: None, subsystem: Subsystem
) -> None:
    same = [derived(FUNC, ("a",)), derived(PERF, ("b",))]
    made = all_at_once(*[lambda: named(subsystem, *same)] * 4)
    assert made == [["NAV-FUNC-001", "NAV-PERF-001"]] * 4
    assert Requirement.objects.count() == 2


@given(st.lists(st.sampled_from("abc"), max_size=4), st.randoms(use_true_random=False))
def test_a_derivation_knows_no_order_of_parents(parents: list[str], random: Random) -> None:
    shuffled = tuple(random.sample(parents, len(parents)))
    assert derived(FUNC, shuffled).derivation == derived(FUNC, tuple(parents)).derivation
    assert derived(PERF, shuffled).derivation != derived(FUNC, shuffled).derivation
