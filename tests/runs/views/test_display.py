from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.reports.costs import Taken
from runs.models import Run, RunStatus
from runs.templatetags.display import (
    cost,
    cost_sources,
    detours,
    duration,
    energy,
    gate_badge,
    marked,
    score,
    status_badge,
    threshold,
    usd,
)


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


def test_a_cost_that_is_a_bound_says_so() -> None:
    assert cost(Taken(cost_nusd=10**7, sources=("metered",))) == "$0.0100"
    assert cost(Taken(cost_nusd=10**7, sources=("metered", "unconfirmed"))) == "up to $0.0100"


def test_sources_in_a_word_each() -> None:
    assert cost_sources(["estimated", "metered"]) == "Heuristic (±30%), metered"
    assert cost_sources([]) == "no model asked"


@pytest.mark.parametrize(
    ("taken", "said"),
    [
        (Taken(purposes={"ask": 3}), ""),
        (Taken(purposes={"ask": 3, "retry": 1}), "1 retry"),
        (Taken(purposes={"repair": 2, "replay": 1}, released=1),
         "2 repairs, 1 replay, 1 refused at no cost"),
    ],
)  # fmt: skip
def test_what_there_was_beside_first_questions(taken: Taken, said: str) -> None:
    assert detours(taken) == said


def test_energy_of_some_calls_is_a_range_and_of_none_unknown() -> None:
    assert energy(Taken(energy_low_wh=1, energy_high_wh=2, energy_unknown_calls=3)) == "1 to 2 Wh"
    assert energy(Taken(energy_unknown_calls=3)) == "unknown"
    assert energy(Taken()) == "–"


def test_out_of_budget_is_red() -> None:
    assert status_badge(Run(status=RunStatus.OUT_OF_BUDGET)).tone == "bad"


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
