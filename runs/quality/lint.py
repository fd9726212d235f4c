"""Judges one requirement's text, alone, by the text rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from runs.quality.finding import Finding
from runs.quality.formula import text_score
from runs.quality.rules.registry import NOT_COVERED, TEXT_RULES
from runs.quality.rules.rule import Hit
from runs.quality.statement import Statement, read_statement


@dataclass(frozen=True, slots=True)
class LintResult:
    """`score` is None when the text is not in a language that the rules cover."""

    text: str
    score: float | None  # 0 (worst) to 1; formula in docs/quality.md
    findings: tuple[Finding, ...]  # by where they start


def lint(
    text: str, *, terms: Iterable[str] = (), rule_weights: Mapping[str, float] | None = None
) -> LintResult:
    """Findings and score of one statement.

    `terms` are phrases that the project defines; `rule_weights` (rule id -> 0..1, default 1) lower
    what a rule's findings cost.
    """
    statement = read_statement(text, terms)
    findings = find_in(statement)
    score = text_score(findings, rule_weights or {}) if statement.is_english else None
    return LintResult(text, score, findings)


def lint_all(texts: Iterable[str], *, terms: Iterable[str] = ()) -> list[LintResult]:
    known = tuple(terms)
    return [lint(text, terms=known) for text in texts]


def find_in(statement: Statement) -> tuple[Finding, ...]:
    """What the text rules find, by where it starts; only that it isn't covered if it isn't."""
    if not statement.is_english:
        return (NOT_COVERED.finding(Hit(0, len(statement.text)), statement.text),)
    found = (
        rule.finding(hit, statement.text) for rule in TEXT_RULES for hit in rule.detect(statement)
    )
    return tuple(sorted(found, key=lambda finding: (finding.start, finding.end, finding.rule)))
