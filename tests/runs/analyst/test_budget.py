from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.analyst.budget import sharable, share_of, shares
from runs.language.clauses import parse_clause


@pytest.mark.parametrize(
    ("value", "count", "parts"),
    [
        ("900", 3, ["300", "300", "300"]),
        ("250", 3, ["84", "83", "83"]),
        ("2", 3, ["0.67", "0.67", "0.66"]),
        ("0.5", 2, ["0.25", "0.25"]),
        ("1500", 4, ["375"] * 4),
    ],
)
def test_parts_are_equal_but_for_the_last_digit(value: str, count: int, parts: list[str]) -> None:
    assert [format(part, "f") for part in shares(Decimal(value), count)] == parts


@given(
    st.decimals(min_value="0.001", max_value="999999", places=3, allow_nan=False),
    st.integers(1, 20),
)
def test_parts_sum_to_the_whole_exactly(value: Decimal, count: int) -> None:
    parts = shares(value, count)
    assert len(parts) == count
    assert sum(parts) == value
    assert all(part > 0 for part in parts)


@given(
    st.decimals(min_value="0.01", max_value="9999", places=2),
    st.sets(st.sampled_from(["NAV", "PWR", "SUR", "COM", "HUL"]), min_size=1),
)
def test_every_subsystem_finds_the_same_deal(value: Decimal, codes: set[str]) -> None:
    dealt = [share_of(value, code, sorted(codes - {code})) for code in sorted(codes)]
    assert sum(part for part, _ in dealt) == value
    assert len({words for _, words in dealt}) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "The vessel shall take no more than 900 ms.",
        "The vessel shall weigh at most 12.5 kg.",
        "The system shall draw less than 40 W.",
        "The vessel shall find the berth with an error of no more than 2 m.",
    ],
)
def test_what_adds_up_may_be_split(statement: str) -> None:
    found, _ = sharable(parse_clause(statement))
    assert found is not None


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("The system shall have an outage of at most 0.1 %.", "adds up"),
        ("The system shall stay below 40 °C.", "adds up"),
        ("The system shall accept at most 5 Hz.", "adds up"),
        ("Each subsystem shall draw at most 40 W.", "each one alone"),
        ("The system shall answer within 2 s in 95 % of the cases.", "percentile"),
        ("The system shall keep the log for at most 30 min.", "does not pass"),
        ("The system shall stop if nothing is heard within 5 s.", "condition"),
        ("The system shall weigh at least 12 kg.", ""),
        ("When it takes at most 3 s, the system shall stop.", ""),
    ],
)
def test_what_does_not_add_up_is_carried_whole(statement: str, why: str) -> None:
    found, reason = sharable(parse_clause(statement))
    assert found is None
    assert why in reason
