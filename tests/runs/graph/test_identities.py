"""A requirement keeps its identifier; a number is given once and to one."""

from collections.abc import Sequence
from random import Random

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from runs.graph.identities import Derived, _keys, identify
from runs.models import IdentifierCounter, Requirement, Subsystem
from runs.requests import RequirementType
from tests import factories
from tests.conftest import World
from tests.runs.actions.at_once import all_at_once

FUNC, PERF = RequirementType.FUNC, RequirementType.PERF


@pytest.fixture
def subsystem(world: World) -> Subsystem:
    return factories.subsystem(world.project)


def named(subsystem: Subsystem, *derived: Derived) -> list[str]:
    with transaction.atomic():
        return [row.identifier for row in identify(subsystem, derived)]


def test_numbers_are_given_in_order_for_each_type(subsystem: Subsystem) -> None:
    made = named(
        subsystem, Derived(FUNC, ("a",)), Derived(PERF, ("a",)), Derived(FUNC, ("b",)),
    )  # fmt: skip
    assert made == ["NAV-FUNC-001", "NAV-PERF-001", "NAV-FUNC-002"]
    row = Requirement.objects.get(identifier="NAV-PERF-001")
    assert (row.type, row.subsystem, row.project) == ("PERF", subsystem, subsystem.project)


def test_the_same_derivation_keeps_its_identifier(subsystem: Subsystem) -> None:
    one, two = Derived(FUNC, ("a", "b")), Derived(FUNC, ("c",))
    assert named(subsystem, one, two) == ["NAV-FUNC-001", "NAV-FUNC-002"]
    assert named(subsystem, two, Derived(FUNC, ("d",)), one) == [
        "NAV-FUNC-002",
        "NAV-FUNC-003",
        "NAV-FUNC-001",
    ]
    assert Requirement.objects.count() == 3


def test_the_order_of_the_parents_does_not_matter(subsystem: Subsystem) -> None:
    assert named(subsystem, Derived(FUNC, ("a", "b"))) == named(
        subsystem, Derived(FUNC, ("b", "a", "b"))
    )


def test_another_type_or_other_parents_are_another_requirement(subsystem: Subsystem) -> None:
    derived = [Derived(FUNC, ("a",)), Derived(PERF, ("a",)), Derived(FUNC, ("a", "b")),
               Derived(FUNC, ()), Derived(FUNC, ("ab",))]  # fmt: skip
    assert len(set(named(subsystem, *derived))) == 5


def test_children_of_the_same_parents_are_told_apart_by_their_order(subsystem: Subsystem) -> None:
    same = Derived(FUNC, ("a",))
    assert named(subsystem, same, same) == ["NAV-FUNC-001", "NAV-FUNC-002"]
    assert named(subsystem, same) == ["NAV-FUNC-001"]
    assert named(subsystem, same, same, same) == [f"NAV-FUNC-00{number}" for number in (1, 2, 3)]


def test_a_number_is_never_given_again(subsystem: Subsystem) -> None:
    named(subsystem, Derived(FUNC, ("a",)), Derived(FUNC, ("b",)))
    Requirement.objects.all().delete()
    assert named(subsystem, Derived(FUNC, ("b",))) == ["NAV-FUNC-003"]


def test_a_number_is_not_given_again_to_a_subsystem_that_takes_over_the_code(
    subsystem: Subsystem, world: World
) -> None:
    named(subsystem, Derived(FUNC, ("a",)))
    Requirement.objects.all().delete()
    subsystem.delete()
    assert named(factories.subsystem(world.project), Derived(FUNC, ("a",))) == ["NAV-FUNC-002"]


def test_each_project_and_code_counts_for_itself(subsystem: Subsystem, world: World) -> None:
    derived = Derived(FUNC, ("a",))
    others = [
        factories.subsystem(world.project, "PWR", "Power"),
        factories.subsystem(world.other_project),
    ]
    assert [named(one, derived) for one in (subsystem, *others)] == [
        ["NAV-FUNC-001"],
        ["PWR-FUNC-001"],
        ["NAV-FUNC-001"],
    ]


def test_after_number_999_comes_1000(subsystem: Subsystem) -> None:
    IdentifierCounter.objects.create(
        project=subsystem.project, code=subsystem.code, type=FUNC, last=998
    )
    made = named(subsystem, Derived(FUNC, ("a",)), Derived(FUNC, ("b",)))
    assert made == ["NAV-FUNC-999", "NAV-FUNC-1000"]


def test_what_fails_gives_no_number_away(subsystem: Subsystem) -> None:
    with transaction.atomic():
        identify(subsystem, [Derived(FUNC, ("a",))])
        transaction.set_rollback(True)
    assert not Requirement.objects.exists()
    assert named(subsystem, Derived(FUNC, ("b",))) == ["NAV-FUNC-001"]


def test_nothing_derived_is_nothing_made(subsystem: Subsystem) -> None:
    assert named(subsystem) == []


def test_more_than_one_statement_can_carry(subsystem: Subsystem) -> None:
    derived = [Derived(FUNC, (str(number),)) for number in range(1_203)]
    first = named(subsystem, *derived)
    assert first == [f"NAV-FUNC-{number:03d}" for number in range(1, 1_204)]
    assert named(subsystem, *derived[::-1]) == first[::-1]


def test_two_at_once_get_different_numbers(transactional_db: None, subsystem: Subsystem) -> None:
    batches = [[Derived(FUNC, (f"{worker}-{number}",)) for number in range(5)]
               for worker in range(4)]  # fmt: skip
    made = all_at_once(*[lambda batch=batch: named(subsystem, *batch) for batch in batches])
    identifiers = [name for batch in made for name in batch]
    assert sorted(identifiers) == [f"NAV-FUNC-{number:03d}" for number in range(1, 21)]


def test_two_at_once_who_derive_the_same_make_it_once(
    transactional_db: None, subsystem: Subsystem
) -> None:
    same = [Derived(FUNC, ("a",)), Derived(PERF, ("b",))]
    made = all_at_once(*[lambda: named(subsystem, *same)] * 4)
    assert made == [["NAV-FUNC-001", "NAV-PERF-001"]] * 4
    assert Requirement.objects.count() == 2


derivations = st.lists(
    st.builds(
        Derived,
        st.sampled_from([FUNC, PERF]),
        st.lists(st.sampled_from("abc"), max_size=3).map(tuple),
    ),
    max_size=12,
)


@given(derivations, st.randoms(use_true_random=False))
def test_a_key_tells_one_from_another_and_knows_it_again(
    derived: list[Derived], random: Random
) -> None:
    def shuffled(items: Sequence[str]) -> tuple[str, ...]:
        return tuple(random.sample(items, len(items)))

    keys = _keys(derived)
    assert len(set(keys)) == len(derived)
    assert _keys([Derived(item.type, shuffled(item.parents)) for item in derived]) == keys
