import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.language.quantities import Comparator, find_quantities
from runs.language.units import Dimension


@pytest.mark.parametrize(
    ("text", "comparator", "value", "upper", "unit"),
    [
        ("within 250 ms", Comparator.AT_MOST, "250", None, "ms"),
        ("at least 99.9 %", Comparator.AT_LEAST, "99.9", None, "%"),
        ("between 5 and 10 V", Comparator.BETWEEN, "5", "10", "V"),
        ("from -40 °C to +85 °C", Comparator.BETWEEN, "-40", "85", "°C"),
        ("5-8 seconds", Comparator.BETWEEN, "5", "8", "s"),
        ("two seconds", Comparator.EXACTLY, "2", None, "s"),
        ("not exceed 2.5 kg", Comparator.AT_MOST, "2.5", None, "kg"),
        ("<2s", Comparator.LESS, "2", None, "s"),
        ("10 kB per second", Comparator.EXACTLY, "10", None, "kB per second"),
        ("a maximum of 1,000 W", Comparator.AT_MOST, "1000", None, "W"),
        ("about 3 m", Comparator.ABOUT, "3", None, "m"),
    ],
)
def test_quantities_are_read(
    text: str, comparator: Comparator, value: str, upper: str | None, unit: str
) -> None:
    (quantity,) = find_quantities(text)
    assert quantity.comparator is comparator
    assert quantity.value == Decimal(value)
    assert quantity.upper == (Decimal(upper) if upper else None)
    assert quantity.unit is not None
    assert quantity.unit.symbol == unit
    assert text[quantity.comparator_start : quantity.end] == text


def test_a_tolerance_belongs_to_its_quantity() -> None:
    plain, percent = (find_quantities(t)[0] for t in ("10 Hz ± 0.1", "10 V ± 5 %"))
    assert (plain.tolerance, plain.tolerance_unit) == (Decimal("0.1"), "")
    assert (percent.tolerance, percent.tolerance_unit) == (Decimal(5), "%")


def test_a_percentile_is_no_quantity_but_qualifies_one() -> None:
    (quantity,) = find_quantities("The 95th percentile of the delay shall be at most 2 s.")
    assert (quantity.value, quantity.percentile) == (Decimal(2), Decimal(95))


def test_counted_things_and_rates() -> None:
    users, rate = find_quantities("at least 40 users and 200 products per second")
    assert (users.dimension, users.unit_text) == (Dimension.COUNT, "users")
    assert rate.dimension is Dimension.RATE


@pytest.mark.parametrize(
    "text",
    [
        "see Table 3",
        "ISO 9241 applies",
        "FR-012 holds",
        "version 2.0 runs",
        "section 3.2.1",
        "IP67",
    ],
)
def test_numbers_that_only_name_something_are_no_quantities(text: str) -> None:
    assert find_quantities(text) == ()


def test_capitals_tell_units_apart() -> None:
    assert [q.unit.factor for q in find_quantities("5 mW or 5 MW") if q.unit] == [
        Decimal("0.001"),
        Decimal(1_000_000),
    ]


@given(st.text(alphabet=st.sampled_from("0123456789., -±%<≤>mskVto/°C nA"), max_size=120))
def test_spans_lie_in_the_text_in_order(text: str) -> None:
    end = 0
    for quantity in find_quantities(text):
        assert end <= quantity.start < quantity.end <= len(text)
        assert text[quantity.start : quantity.end].startswith(quantity.number_text)
        assert quantity.comparator_start <= quantity.start
        end = quantity.end


@pytest.mark.parametrize("text", ["1" * 200_000, "1," * 100_000, "≤" * 200_000, "a " * 100_000])
def test_time_grows_with_the_text_only(text: str) -> None:
    start = time.perf_counter()
    find_quantities(text)
    assert time.perf_counter() - start < 3
