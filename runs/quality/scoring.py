"""Judges a subsystem's requirements beside their parents: findings and four dimension scores."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from runs.quality.dismissals import NONE, Dismissed
from runs.quality.finding import Dimension, Finding, Severity
from runs.quality.formula import COST, DEFAULT_WEIGHTS, overall, text_score
from runs.quality.judge_parameters import JudgeParameters
from runs.quality.lint import find_in
from runs.quality.requirement_set import RequirementSet
from runs.quality.rules.registry import NOT_COVERED, SET_RULES
from runs.requests import FindingOut, RuleScores, ValidateAnswer, ValidateRequest

__all__ = ["DEFAULT_WEIGHTS", "Assessment", "LocatedFinding", "assess", "judge", "overall"]

NOTHING_ALLOCATED = "Nothing was allocated to the subsystem: 1.0 by definition, not by merit."


@dataclass(frozen=True, slots=True)
class LocatedFinding:
    """A finding and what it is about; the span is in the child's text, else in the parent's."""

    child: int | None  # the ref; None: about a parent or the whole set
    parent: int | None
    finding: Finding
    quote: str = ""  # the passage, letter by letter; "" when the whole is meant

    @property
    def severity(self) -> str:
        return self.finding.severity


@dataclass(frozen=True, slots=True)
class Assessment:
    scores: RuleScores
    findings: tuple[LocatedFinding, ...]  # of each child in turn, then of parents, then of the set
    children: Mapping[int, float]  # each child's own score, by its ref
    nothing_allocated: bool = False  # then all scores are 1.0 by definition: leave out of averages
    not_covered: tuple[int, ...] = ()  # children in a language that the rules don't cover
    note: str = ""  # what a reader of the scores must know


def assess(
    request: ValidateRequest,
    *,
    terms: Iterable[str] = (),
    dismissed: Dismissed = NONE,
) -> Assessment:
    """Scores and findings by the rules alone; docs/quality.md has the formulas.

    `terms` are phrases that the project defines; `dismissed` lowers what rules' findings cost, down
    to nothing for words that were dismissed. No text of the request can change how it is judged.
    """
    if not request.parents and not request.children:
        perfect = RuleScores(**{dimension.value: 1.0 for dimension in _judged(request)})
        return Assessment(perfect, (), {}, nothing_allocated=True, note=NOTHING_ALLOCATED)
    defined = (
        [name for term in request.domain.glossary for name in term.names] if request.domain else ()
    )
    requirements = RequirementSet(request, (*terms, *defined))
    findings = _findings(requirements)
    weights = dismissed.weights
    by_item: defaultdict[tuple[str, int], list[Finding]] = defaultdict(list)
    for located in findings:
        if not dismissed.covers(located.finding.rule, located.quote):
            by_item[_item(located)].append(located.finding)
    not_covered = tuple(
        located.child
        for located in findings
        if located.child is not None and located.finding.rule == NOT_COVERED.id
    )
    scores = {
        dimension.value: _dimension_score(request, dimension, by_item, weights, not_covered)
        for dimension in _judged(request)
    }
    return Assessment(
        scores=RuleScores(**scores),
        findings=findings,
        children={
            child.ref: text_score(by_item["child", child.ref], weights)
            for child in request.children
        },
        not_covered=not_covered,
        note=_note(not_covered),
    )


def _judged(request: ValidateRequest) -> list[Dimension]:
    """The dimensions that there is something to judge by."""
    return [one for one in Dimension if one is not Dimension.DOMAIN or request.domain is not None]


def _note(not_covered: tuple[int, ...]) -> str:
    if not not_covered:
        return ""
    return (
        f"{len(not_covered)} requirements don't look English. The rules cover English only, so "
        "they count as not shown to be good, and a person has to judge them."
    )


def _item(located: LocatedFinding) -> tuple[str, int]:
    if located.child is not None:
        return "child", located.child
    return ("parent", located.parent) if located.parent is not None else ("set", 0)


def _dimension_score(
    request: ValidateRequest,
    dimension: Dimension,
    by_item: Mapping[tuple[str, int], list[Finding]],
    rule_weights: Mapping[str, float],
    not_covered: tuple[int, ...],
) -> float:
    """Mean of the children x mean of the parents x what concerns the whole set."""

    def score(kind: str, ref: int) -> float:
        own = [f for f in by_item.get((kind, ref), ()) if f.dimension is dimension]
        return text_score(own, rule_weights)

    unread = frozenset(not_covered)
    children = [0.0 if c.ref in unread else score("child", c.ref) for c in request.children]
    parents = [score("parent", parent.ref) for parent in request.parents]
    # Parents without any child show nothing, so there is nothing to credit.
    by_children = math.fsum(children) / len(children) if children else 0.0
    by_parents = math.fsum(parents) / len(parents) if parents else 1.0
    return min(max(by_children * by_parents * score("set", 0), 0.0), 1.0)


def _findings(requirements: RequirementSet) -> tuple[LocatedFinding, ...]:
    located = [
        _located(requirements, child.ref, None, finding)
        for child in requirements.children
        for finding in find_in(requirements.statement_of(child))
    ]
    for rule in SET_RULES:
        for hit in rule.detect(requirements):
            text = _text(requirements, hit.child, hit.parent)
            finding = rule.finding(hit.hit, text)
            located.append(_located(requirements, hit.child, hit.parent, finding))
    order = {child.ref: place for place, child in enumerate(requirements.children)}
    order_of_parents = {ref: place for place, ref in enumerate(requirements.parents)}

    def key(item: LocatedFinding) -> tuple[int, int, int, str]:
        finding = item.finding
        if item.child is not None:
            return 0, order[item.child], finding.start, finding.rule
        if item.parent is not None:
            return 1, order_of_parents[item.parent], finding.start, finding.rule
        return 2, 0, finding.start, finding.rule

    return tuple(sorted(located, key=key))


def _located(
    requirements: RequirementSet, child: int | None, parent: int | None, finding: Finding
) -> LocatedFinding:
    text = _text(requirements, child, parent)
    return LocatedFinding(child, parent, finding, text[finding.start : finding.end])


def _text(requirements: RequirementSet, child: int | None, parent: int | None) -> str:
    if child is not None:
        return requirements.texts[child]
    return requirements.parents[parent].statement if parent is not None else ""


def judge(request: ValidateRequest, parameters: Mapping[str, object]) -> ValidateAnswer:
    """The assessment as a judge's answer, for the embedded analyst.

    Of a skill's `parameters` it reads `terms` (phrases that the project defines), `report_minor`
    and `max_findings`, and ignores the rest. They choose what is reported, never what is scored;
    the gravest findings are kept. Raises ValueError for a parameter of a wrong kind.
    """
    wanted = JudgeParameters.read(parameters)
    # It is shown a part of the glossary, and the domain's rules have judged by all of it.
    assessment = assess(request.model_copy(update={"domain": None}), terms=wanted.terms)
    return ValidateAnswer(
        scores=assessment.scores,
        findings=[_as_answer(located) for located in _reported(assessment, wanted)],
    )


def _reported(assessment: Assessment, wanted: JudgeParameters) -> list[LocatedFinding]:
    """In the assessment's order; what doesn't fit is left out from the least severe up."""
    findings = [
        located
        for located in assessment.findings
        if wanted.report_minor or located.finding.severity is not Severity.MINOR
    ]
    gravest = sorted(
        range(len(findings)), key=lambda place: -COST[findings[place].finding.severity]
    )
    kept = sorted(gravest[: wanted.max_findings])
    return [findings[place] for place in kept]


def _as_answer(located: LocatedFinding) -> FindingOut:
    finding = located.finding
    return FindingOut(
        child=located.child,
        parent=located.parent,
        rule=finding.rule,
        dimension=finding.dimension.value,
        severity=finding.severity.value,
        quote=located.quote,
        message=finding.message,
        suggestion=finding.suggestion,
    )
