"""Dismissals lower what a rule's findings cost, as docs/quality.md says."""

import pytest

from runs.quality.dismissals import LEAST, NONE, OF_A_RULE, OF_A_TERM, Dismissed, weight
from runs.quality.scoring import assess
from tests.runs.quality.sets import child, parent, requirements
from tests.runs.quality.test_documentation import PAGE

VAGUE = requirements(
    [parent(0, "The plant shall start the pump.")],
    [child(0, "The Pump Controller shall start the appropriate pump properly.")],
)


def clarity(*rows: tuple[str, str]) -> float:
    return assess(VAGUE, dismissed=Dismissed.of(rows)).scores.clarity


def test_the_formula() -> None:
    assert weight(for_terms=0, for_rule=0) == 1
    assert weight(for_terms=2, for_rule=0) == pytest.approx(0.81)
    assert weight(for_terms=1, for_rule=1) == pytest.approx(0.45)
    assert weight(for_terms=50, for_rule=50) == LEAST
    assert f"max({LEAST:g}, {OF_A_RULE:g}^r x {OF_A_TERM:g}^t)" in PAGE


def test_dismissed_words_cost_nothing_and_the_others_less() -> None:
    assert clarity() == pytest.approx(0.6 * 0.6)
    assert clarity(("vague-term", "appropriate")) == pytest.approx(1 - 0.4 * 0.9)
    assert clarity(("vague-term", "")) == pytest.approx((1 - 0.4 * 0.5) ** 2)
    assert clarity(("negative", "")) == clarity()


def test_what_is_dismissed_is_still_reported() -> None:
    dismissed = Dismissed.of([("vague-term", "appropriate")])
    assert assess(VAGUE, dismissed=dismissed).findings == assess(VAGUE).findings


def test_words_are_compared_without_case_and_spaces() -> None:
    dismissed = Dismissed.of([("vague-term", "as appropriate")])
    assert dismissed.covers("vague-term", "As\n appropriate")
    assert not dismissed.covers("negative", "as appropriate")
    assert not dismissed.covers("vague-term", "")
    assert not NONE.covers("vague-term", "as appropriate")
