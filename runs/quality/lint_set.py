"""Judges a list of requirements as a project does: each alone, all beside each other.

There are no parents here, so rules about what a requirement comes from are not asked.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from runs.quality.dismissals import NONE, Dismissed
from runs.quality.finding import Finding
from runs.quality.formula import text_score
from runs.quality.lint import find_in
from runs.quality.requirement_set import RequirementSet
from runs.quality.rules.registry import NOT_COVERED, SET_RULES
from runs.requests import (
    ChildIn,
    Pattern,
    Relationship,
    RequirementType,
    Strategy,
    SubsystemIn,
    ValidateRequest,
    Verification,
)
from skills.domain import DomainContent

WITHOUT_PARENTS = frozenset(
    [
        "undefined-acronym", "inconsistent-term", "contradiction", "duplicate", "near-duplicate",
        "forbidden-synonym", "undefined-term", "modal-convention", "template-convention",
        "identifier-convention",
    ]
)  # fmt: skip
"""The set rules that need nothing but the statements, and the domain where there is one."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A finding, and what its cost is multiplied with: 0 for words that the project dismissed."""

    finding: Finding
    weight: float


@dataclass(frozen=True, slots=True)
class WeighedResult:
    """`score` is None when the text is not in a language that the rules cover."""

    text: str
    score: float | None
    findings: tuple[Weighed, ...]  # by where they start


def lint_set(
    texts: Iterable[str],
    *,
    terms: Iterable[str] = (),
    domain: DomainContent | None = None,
    dismissed: Dismissed = NONE,
) -> list[WeighedResult]:
    """Findings and score of each statement, in their order.

    `terms` are phrases that the project defines, besides the names of its domain's glossary.
    """
    defined = [name for term in domain.glossary for name in term.names] if domain else ()
    requirements = RequirementSet(_request(texts, domain), (*terms, *defined))
    beside = _beside(requirements)
    return [
        _result(child.text, [*find_in(requirements.statement_of(child)), *beside[child.ref]],
                dismissed)
        for child in requirements.children
    ]  # fmt: skip


def _request(texts: Iterable[str], domain: DomainContent | None) -> ValidateRequest:
    return ValidateRequest(
        subsystem=SubsystemIn(code="", name=""),
        strategy=Strategy(allocation_rules=[], acceptance_criteria_required=False),
        parents=[],
        children=[_child(ref, text) for ref, text in enumerate(texts)],
        domain=domain,
    )


def _child(ref: int, text: str) -> ChildIn:
    return ChildIn(
        ref=ref,
        parents=[],
        text=text,
        type=RequirementType.FUNC,
        verification=Verification.TEST,
        pattern=Pattern.DIRECT,
        relationship=Relationship.REFINES,
    )


def _beside(requirements: RequirementSet) -> dict[int, list[Finding]]:
    """What the set rules find in each statement that is in a language they cover."""
    found: dict[int, list[Finding]] = defaultdict(list)
    for rule in SET_RULES:
        for hit in rule.detect(requirements) if rule.id in WITHOUT_PARENTS else ():
            if hit.child is not None:
                found[hit.child].append(rule.finding(hit.hit, requirements.texts[hit.child]))
    return found


def _result(text: str, findings: list[Finding], dismissed: Dismissed) -> WeighedResult:
    unread = any(finding.rule == NOT_COVERED.id for finding in findings)
    found = sorted(findings, key=lambda finding: (finding.start, finding.end, finding.rule))
    weighed = tuple(
        Weighed(finding, _weight(finding, text, dismissed))
        for finding in found
        if not unread or finding.rule == NOT_COVERED.id
    )
    counted = [each.finding for each in weighed if each.weight]
    score = None if unread else text_score(counted, dismissed.weights)
    return WeighedResult(text, score, weighed)


def _weight(finding: Finding, text: str, dismissed: Dismissed) -> float:
    if dismissed.covers(finding.rule, text[finding.start : finding.end]):
        return 0.0
    return dismissed.weights.get(finding.rule, 1.0)
