"""How findings become scores. docs/quality.md explains it; a test holds the two together.

Every finding multiplies what it is about by less than one and nothing else enters, so fixing a
finding never lowers a score.
"""

import math
from collections.abc import Iterable, Mapping
from decimal import ROUND_DOWN, Decimal

from runs.quality.finding import Dimension, Finding, Severity
from runs.requests import Scores

COST: Mapping[Severity, float] = {
    Severity.CRITICAL: 1.0,  # what it is about counts as nothing
    Severity.MAJOR: 0.4,
    Severity.MINOR: 0.1,
}
"""What one finding takes from the score of what it is about: three major ones leave a fifth."""

DOMAIN_WEIGHT = 0.25  # beside the others, where a project has a domain and says nothing else
DEFAULT_WEIGHTS: Mapping[str, float] = {
    dimension.value: 0.25 for dimension in Dimension if dimension is not Dimension.DOMAIN
}
"""Equal: no study known to us ranks them, and what must not be traded is critical anyway."""


def text_score(findings: Iterable[Finding], rule_weights: Mapping[str, float]) -> float:
    """The product of (1 - cost) over the findings, 1.0 without any.

    `rule_weights` (rule id -> 0..1, default 1) lower what a rule's findings cost.
    """
    return math.prod(1 - _cost(finding, rule_weights) for finding in findings)


def _cost(finding: Finding, rule_weights: Mapping[str, float]) -> float:
    weight = rule_weights.get(finding.rule, 1.0)
    return COST[finding.severity] * min(max(weight, 0.0), 1.0)


def shown_score(score: float, places: int = 2) -> str:
    """A score for a reader, rounded down: what misses 0.80 never reads as 0.80."""
    exact = Decimal(score).quantize(Decimal(10) ** -9)  # without the dust of binary fractions
    return str(exact.quantize(Decimal(10) ** -places, rounding=ROUND_DOWN))


def overall(scores: Scores | Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The weighted arithmetic mean of the dimensions, 0..1. Weights need not sum to one.

    A dimension without a weight counts nothing. Raises ValueError for a weight that is negative,
    not finite or of an unknown dimension, and when nothing has a weight.
    """
    known = scores.model_dump() if isinstance(scores, Scores) else dict(scores)
    for dimension, weight in weights.items():
        if not math.isfinite(weight) or weight < 0:
            raise ValueError(
                f"The weight of “{dimension}” is {weight}. Weights are numbers of 0 or more; "
                "correct it in the project's settings."
            )
        if weight and dimension not in known:
            raise ValueError(
                f"There is a weight for “{dimension}”, but no score of that name. "
                f"Scored are: {', '.join(known)}. Remove the weight or correct its name."
            )
    total = math.fsum(weights.get(dimension, 0.0) for dimension in known)
    if total <= 0:
        raise ValueError(
            "All weights are zero, so there is no overall score. Give at least one dimension a "
            "weight above zero."
        )
    mean = math.fsum(score * weights.get(name, 0.0) for name, score in known.items()) / total
    return min(max(mean, 0.0), 1.0)
