from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.quality.gate import GatePolicy, decide
from runs.requests import FindingOut, RuleScores, Scores

UNIT = st.floats(0, 1)


@dataclass(frozen=True)
class Found:
    severity: str


def scores(value: float) -> Scores:
    return Scores(completeness=value, clarity=value, testability=value, traceability=value)


def test_passes_at_exactly_the_threshold() -> None:
    result = decide(scores(0.8), None, [], threshold=0.8)
    assert result.passed
    assert result.judge_overall is None
    assert result.reason == (
        "The rules' overall score 0.800 reaches 0.8, and no finding is critical."
    )


def test_fails_just_below_and_never_shows_the_threshold_as_score() -> None:
    result = decide(scores(0.7996), None, [Found("minor")], threshold=0.8)
    assert not result.passed
    assert "0.799 is below 0.8" in result.reason


@pytest.mark.parametrize("severity", ["critical", "Critical ", "CRITICAL"])
def test_one_critical_finding_of_rule_or_judge_blocks_a_perfect_score(severity: str) -> None:
    judged = FindingOut(rule="x", dimension="clarity", severity=severity, message="m")
    result = decide(scores(1), scores(1), [Found("major"), judged], threshold=0.5)
    assert not result.passed
    assert result.critical == 1
    assert "1 critical finding is open" in result.reason


@pytest.mark.parametrize(
    ("policy", "value"),
    [
        (GatePolicy.RULES, 0.9),
        (GatePolicy.JUDGE, 0.5),
        (GatePolicy.MEAN, 0.7),
        (GatePolicy.MINIMUM, 0.5),
    ],
)
def test_policies(policy: GatePolicy, value: float) -> None:
    result = decide(scores(0.9), scores(0.5), [], threshold=0.6, policy=policy)
    assert result.overall == pytest.approx(value)
    assert result.passed == (value >= 0.6)
    assert result.rules_overall == pytest.approx(0.9)
    assert result.judge_overall == pytest.approx(0.5)


def test_minimum_is_the_default_and_takes_the_lower_either_way() -> None:
    assert decide(scores(0.9), scores(0.5), [], threshold=0.6).overall == pytest.approx(0.5)
    assert decide(scores(0.5), scores(0.9), [], threshold=0.6).overall == pytest.approx(0.5)


def test_without_a_judge_the_rules_decide_even_under_the_judge_policy() -> None:
    result = decide(scores(0.9), None, [], threshold=0.6, policy=GatePolicy.JUDGE)
    assert result.passed
    assert result.reason.startswith("The rules'")


def test_weights_count() -> None:
    uneven = Scores(completeness=1, clarity=0, testability=0, traceability=0)
    weights = {"completeness": 9.0, "clarity": 1.0}
    assert decide(uneven, None, [], threshold=0.9, weights=weights).passed


WITH_DOMAIN = {
    "completeness": 0.25, "clarity": 0.25, "testability": 0.25, "traceability": 0.25, "domain": 1.0,
}  # fmt: skip


def in_domain(value: float, domain: float) -> RuleScores:
    return RuleScores(**scores(value).model_dump(), domain=domain)


@pytest.mark.parametrize("policy", GatePolicy)
def test_the_domain_counts_under_every_policy(policy: GatePolicy) -> None:
    kept = decide(
        in_domain(0.9, 1.0), scores(0.9), [], threshold=0.8, weights=WITH_DOMAIN, policy=policy
    )
    broken = decide(
        in_domain(0.9, 0.2), scores(0.9), [], threshold=0.8, weights=WITH_DOMAIN, policy=policy
    )
    assert (kept.passed, broken.passed) == (True, False)
    assert broken.overall == pytest.approx((0.9 + 0.2) / 2)


@pytest.mark.parametrize("domain", [0.0, 0.3, 1.0])
def test_judge_and_rules_who_agree_on_what_both_judged_have_the_same_overall(domain: float) -> None:
    agreed = decide(in_domain(0.7, domain), scores(0.7), [], threshold=0, weights=WITH_DOMAIN)
    assert agreed.judge_overall == pytest.approx(agreed.rules_overall)
    differ = decide(in_domain(0.7, domain), scores(0.5), [], threshold=0, weights=WITH_DOMAIN)
    assert differ.judge_overall == pytest.approx(differ.rules_overall - 0.2 / 2)


def test_a_weight_on_the_domain_alone_is_no_error_with_a_judge() -> None:
    result = decide(in_domain(0.7, 0.6), scores(0.9), [], threshold=0.5, weights={"domain": 1.0})
    assert result.overall == result.judge_overall == pytest.approx(0.6)


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_refuses_a_threshold_that_is_no_score(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        decide(scores(1), None, [], threshold=threshold)


@given(UNIT, UNIT, UNIT, st.sampled_from(GatePolicy), st.booleans())
def test_a_passed_gate_always_reached_its_threshold_without_criticals(
    rules: float, judge: float, threshold: float, policy: GatePolicy, critical: bool
) -> None:
    found = [Found("critical")] if critical else []
    result = decide(scores(rules), scores(judge), found, threshold=threshold, policy=policy)
    assert result.passed == (not critical and result.overall >= threshold - 1e-9)
    assert min(rules, judge) - 1e-9 <= result.overall <= max(rules, judge) + 1e-9
