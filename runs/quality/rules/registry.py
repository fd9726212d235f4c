"""All rules, in the order in which docs/rules.md lists them."""

from collections.abc import Mapping

from runs.quality.finding import Dimension, Severity
from runs.quality.rules import (
    carrying,
    clarity,
    completeness,
    consistency,
    domain,
    measures,
    testability,
    traceability,
)
from runs.quality.rules.rule import Rule, SetRule, TextRule

TEXT_RULES: tuple[TextRule, ...] = (
    *clarity.RULES,
    *completeness.TEXT_RULES,
    *testability.TEXT_RULES,
    *measures.TEXT_RULES,
)
SET_RULES: tuple[SetRule, ...] = (
    *completeness.SET_RULES,
    *carrying.SET_RULES,
    *consistency.SET_RULES,
    *testability.SET_RULES,
    *traceability.SET_RULES,
    *domain.RULES,
)
NOT_COVERED = Rule(
    id="language-not-covered",
    reference="The rules know English words and claim nothing about other languages",
    dimension=Dimension.CLARITY,
    severity=Severity.CRITICAL,
    message="This text doesn't look English. The rules cover English only, so it was not judged.",
    suggestion="Translate it, or have a person judge it.",
)
"""Reported instead of a score. Critical: a gate must not pass on text that nothing has checked."""

BY_ID: Mapping[str, Rule] = {rule.id: rule for rule in (*TEXT_RULES, *SET_RULES, NOT_COVERED)}
