"""Money at the edges never shows, and never books, less than what is owed."""

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from observability.money import (
    MOST_NUSD,
    NUSD_PER_USD,
    column_left,
    column_usd,
    format_usd,
    limit_usd,
    plain_usd,
    to_nusd,
    to_usd,
)

LARGEST = 2**63 - 1  # what a column of money can hold
amounts = st.integers(min_value=-LARGEST, max_value=LARGEST) | st.integers(-(10**10), 10**10)
SHOWN = re.compile(r"-?\$\d{1,3}(,\d{3})*\.\d{1,9}")


def shown(nusd: int) -> Fraction:
    """What a reader takes the amount for, in nano-USD."""
    return Fraction(format_usd(nusd).replace("$", "").replace(",", "")) * NUSD_PER_USD


@pytest.mark.parametrize(
    ("nusd", "text"),
    [
        (0, "$0.00"),
        (1, "$0.000000001"),
        (99_999, "$0.000099999"),
        (50_000, "$0.00005"),
        (100_000, "$0.0001"),
        (100_001, "$0.0002"),
        (1_500_000, "$0.0015"),
        (1_500_001, "$0.0016"),
        (999_999_999, "$1.0000"),
        (1_000_000_000, "$1.00"),
        (1_000_000_001, "$1.01"),
        (12_340_000_000, "$12.34"),
        (12_340_000_001, "$12.35"),
        (1_234_567_890_000_000, "$1,234,567.89"),
        (-1, "-$0.000000001"),
        (-1_500_001, "-$0.0015"),
        (-12_349_999_999, "-$12.34"),
    ],
)
def test_an_amount_for_a_reader(nusd: int, text: str) -> None:
    assert format_usd(nusd) == text


@given(amounts)
@example(4_999)
@example(1_004_000_000)
@example(LARGEST)
def test_what_is_shown_is_not_zero_and_not_less_than_what_is_owed(nusd: int) -> None:
    assert SHOWN.fullmatch(format_usd(nusd))
    assert (shown(nusd) == 0) == (nusd == 0)
    assert shown(nusd) >= nusd


@given(amounts)
def test_what_is_shown_is_more_by_less_than_its_last_digit(nusd: int) -> None:
    last_digit = Fraction(NUSD_PER_USD, 10 ** len(format_usd(nusd).partition(".")[2]))
    assert shown(nusd) - nusd < last_digit


@given(amounts, amounts)
def test_of_two_amounts_the_larger_is_not_shown_as_the_smaller(one: int, other: int) -> None:
    smaller, larger = sorted((one, other))
    assert shown(smaller) <= shown(larger)


@given(amounts)
def test_nano_dollars_survive_the_way_out_and_back(nusd: int) -> None:
    assert to_usd(nusd) * NUSD_PER_USD == nusd
    assert to_nusd(to_usd(nusd)) == nusd


@given(st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False))
@example(Decimal("1.0000000000000000000000000001"))  # more digits than a product keeps
@example(Decimal("0.0000000001"))
def test_a_cost_is_booked_rounded_up(usd: Decimal) -> None:
    booked = to_nusd(usd)
    assert 0 <= booked - Fraction(usd) * NUSD_PER_USD < 1


@pytest.mark.parametrize("unknown", [Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_amount_is_not_booked(unknown: Decimal) -> None:
    with pytest.raises((ValueError, OverflowError)):
        to_nusd(unknown)


@given(amounts)
def test_a_column_has_four_decimals_everywhere_and_never_shows_less(nusd: int) -> None:
    text = column_usd(nusd)
    assert re.fullmatch(r"-?\$\d{1,3}(,\d{3})*\.\d{4}", text)
    if nusd >= 0:
        assert shown_in_column(text) >= Fraction(nusd, NUSD_PER_USD)
        assert shown_in_column(column_left(nusd)) <= Fraction(nusd, NUSD_PER_USD)
        assert (text == "$0.0000") == (nusd == 0)


def shown_in_column(text: str) -> Fraction:
    return Fraction(text.replace("$", "").replace(",", ""))


@pytest.mark.parametrize(
    ("nusd", "shown"),
    [
        (5 * NUSD_PER_USD, "$5.00"),
        (NUSD_PER_USD // 4, "$0.25"),
        (MOST_NUSD, "$1,000,000.00"),
        (1, "$0.000000001"),
        (0, "$0.00"),
    ],
)
def test_a_limit_reads_as_it_was_typed(nusd: int, shown: str) -> None:
    assert limit_usd(nusd) == shown
    assert to_nusd(plain_usd(nusd)) == nusd
