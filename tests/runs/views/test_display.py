from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.templatetags.display import duration, gate_badge, marked, score, threshold, usd


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.7999, "0.79"), (0.8, "0.80"), (1.0, "1.00"), (0, "0.00"), (0.1 + 0.7, "0.80"), (None, "–")],
)
def test_scores_are_rounded_down(value: float | None, shown: str) -> None:
    assert score(value) == shown


@given(st.floats(0, 1))
def test_no_score_reads_better_than_it_is(value: float) -> None:
    assert Decimal(score(value)) <= Decimal(value) + Decimal(10) ** -9


def test_thresholds_show_a_third_decimal_that_counts() -> None:
    assert (threshold(Decimal("0.800")), threshold(Decimal("0.805"))) == ("0.80", "0.805")


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [(0, "0.00 s"), (120, "0.12 s"), (4100, "4.1 s"), (125_000, "2 min 05 s"),
     (3_720_000, "1 h 02 min"), (None, "–")],
)  # fmt: skip
def test_durations(milliseconds: int | None, shown: str) -> None:
    assert duration(milliseconds) == shown


def test_unknown_money_is_not_zero() -> None:
    assert usd(None) == "unknown"


def test_the_gate_has_three_answers() -> None:
    assert [gate_badge(passed).word for passed in (True, False, None)] == [
        "Gate passed",
        "Gate missed",
        "Not judged",
    ]


def test_marks_a_span_and_escapes_the_rest() -> None:
    assert marked("a <b> c", 2, 5) == "a <mark>&lt;b&gt;</mark> c"
    for start, end in ((0, 0), (3, 2), (5, 99), (-2, 3)):
        assert marked("a <b> c", start, end) == "a &lt;b&gt; c"
