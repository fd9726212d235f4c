"""The gate: does a set of requirements pass?"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from runs.quality.finding import Severity
from runs.quality.formula import DEFAULT_WEIGHTS, overall, shown_score
from runs.requests import Scores


class GatePolicy(StrEnum):
    """Whose scores the threshold is held against. Critical findings of both always count."""

    RULES = "rules"
    JUDGE = "judge"
    MEAN = "mean"
    MINIMUM = "minimum"  # the lower of the two


class HasSeverity(Protocol):
    """A finding of a rule or of a judge."""

    @property
    def severity(self) -> str: ...


@dataclass(frozen=True, slots=True)
class GateResult:
    overall: float  # what was held against the threshold
    rules_overall: float
    judge_overall: float | None  # None: no judge was asked
    critical: int
    passed: bool
    reason: str  # one sentence


def decide(
    rules: Scores,
    judged: Scores | None,
    findings: Iterable[HasSeverity],
    *,
    threshold: float,
    weights: Mapping[str, float] = DEFAULT_WEIGHTS,
    policy: GatePolicy = GatePolicy.MINIMUM,
) -> GateResult:
    """Passed if and only if the overall reaches the threshold and no finding is critical.

    `findings` are those of the rules and of the judge together. Without a judge's scores the
    rules' scores decide, whatever the policy. Raises ValueError for a threshold outside 0..1 and
    for weights that `overall` refuses.
    """
    if not 0 <= threshold <= 1:
        raise ValueError(f"The threshold is {threshold}; it must lie between 0 and 1.")
    by_rules = overall(rules, weights)
    by_judge = None if judged is None else overall(_beside(judged, rules), weights)
    value = _combined(by_rules, by_judge, policy)
    critical = sum(1 for finding in findings if _is_critical(finding))
    passed = _reaches(value, threshold) and critical == 0
    return GateResult(
        overall=value,
        rules_overall=by_rules,
        judge_overall=by_judge,
        critical=critical,
        passed=passed,
        reason=_reason(value, threshold, critical, by_judge, policy),
    )


def _combined(by_rules: float, by_judge: float | None, policy: GatePolicy) -> float:
    if by_judge is None or policy is GatePolicy.RULES:
        return by_rules
    if policy is GatePolicy.JUDGE:
        return by_judge
    return min(by_rules, by_judge) if policy is GatePolicy.MINIMUM else (by_rules + by_judge) / 2


def _is_critical(finding: HasSeverity) -> bool:
    # A judge's severity is a word it wrote; "Critical" must block as well.
    return finding.severity.strip().casefold() == Severity.CRITICAL.value


def _reaches(value: float, threshold: float) -> bool:
    # Four equal weights of 0.8 must reach 0.8, whatever their binary sum is.
    return value >= threshold or math.isclose(value, threshold, abs_tol=1e-9)


def _reason(
    value: float, threshold: float, critical: int, by_judge: float | None, policy: GatePolicy
) -> str:
    whose = "the rules'" if by_judge is None else _WHOSE[policy]
    reached = _reaches(value, threshold)
    compared = "reaches" if reached else "is below"
    score = f"{whose} overall score {shown_score(value, 3)} {compared} {threshold:g}"
    score = score[0].upper() + score[1:]
    if not critical:
        ending = "no finding is critical" if reached else "though no finding is critical"
        return f"{score}, {'and ' if reached else ''}{ending}."
    findings = "1 critical finding is" if critical == 1 else f"{critical} critical findings are"
    return f"{score}, {'but' if reached else 'and'} {findings} open."


def _beside(judged: Scores, rules: Scores) -> Mapping[str, float]:
    """The judge's scores, with the rules' score where rules alone judge: how the domain is kept.

    So both overall scores are of the same dimensions with the same weights, and where they differ,
    they differ about what both looked at.
    """
    return {**rules.model_dump(), **judged.model_dump()}


_WHOSE: Mapping[GatePolicy, str] = {
    GatePolicy.RULES: "the rules'",
    GatePolicy.JUDGE: "the judge's",
    GatePolicy.MEAN: "the mean of the rules' and the judge's",
    GatePolicy.MINIMUM: "the lower (rules' or judge's)",
}
