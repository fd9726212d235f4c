"""The example gets through the gate after at most one revision, and its vague words are found."""

from dataclasses import dataclass
from functools import cache

import pytest

from runs.analyst import decompose
from runs.examples.example import SUBSYSTEMS
from runs.quality.gate import decide
from runs.quality.scoring import Assessment, assess
from runs.requests import ChildIn, ChildOut, DecomposeRequest, FindingIn, ValidateRequest

from .analysis import decompose_request
from .golden import HOSTILE, REQUIREMENTS, VAGUE
from .reading import parameters

CODES = [subsystem.code for subsystem in SUBSYSTEMS]
THRESHOLD = 0.80
ITERATIONS = 3


@dataclass(frozen=True, slots=True)
class Round:
    request: ValidateRequest
    assessment: Assessment
    overall: float
    passed: bool


def children_in(children: list[ChildOut]) -> list[ChildIn]:
    return [ChildIn(ref=ref, **child.model_dump()) for ref, child in enumerate(children)]


def findings_in(assessment: Assessment) -> list[FindingIn]:
    return [
        FindingIn(
            child=located.child,
            parent=located.parent,
            rule=located.finding.rule,
            severity=located.finding.severity,
            message=located.finding.message,
            suggestion=located.finding.suggestion,
        )
        for located in assessment.findings
    ]


@cache
def rounds(code: str) -> tuple[Round, ...]:
    """Decompose and judge, handing the findings back, until the gate is passed."""
    request: DecomposeRequest = decompose_request(code)
    done: list[Round] = []
    for iteration in range(1, ITERATIONS + 1):
        answer = decompose.decompose(request, parameters("requirement-decomposition"))
        children = children_in(answer.children)
        judged = ValidateRequest(
            subsystem=request.subsystem,
            strategy=request.strategy,
            parents=request.parents,
            children=children,
        )
        assessment = assess(judged)
        gate = decide(assessment.scores, None, assessment.findings, threshold=THRESHOLD)
        done.append(Round(judged, assessment, gate.overall, gate.passed))
        if gate.passed:
            break
        handed_back = {
            "iteration": iteration + 1,
            "previous": children,
            "findings": findings_in(assessment),
        }
        request = request.model_copy(update=handed_back)
    return tuple(done)


def test_most_subsystems_pass_after_at_most_one_revision() -> None:
    early = [code for code in CODES if any(each.passed for each in rounds(code)[:2])]
    assert len(early) >= 3, {code: [each.overall for each in rounds(code)] for code in CODES}


@pytest.mark.parametrize("code", CODES)
def test_a_revision_never_makes_it_worse(code: str) -> None:
    scores = [each.overall for each in rounds(code)]
    assert scores == sorted(scores)


@pytest.mark.parametrize("identifier", VAGUE)
def test_vague_term_is_found_in_what_the_parent_became(identifier: str) -> None:
    ref, expected = next(
        (ref, e) for ref, e in enumerate(REQUIREMENTS) if e.identifier == identifier
    )
    first = rounds(expected.subsystems[0])[0]
    derived = {child.ref for child in first.request.children if ref in child.parents}
    quotes = {
        text[located.finding.start : located.finding.end]
        for located in first.assessment.findings
        if located.child in derived or located.parent == ref
        for text in [child.text for child in first.request.children if child.ref == located.child]
    }
    assert any(VAGUE[identifier] in quote for quote in quotes), quotes


@pytest.mark.parametrize("code", CODES)
def test_instructions_beside_a_requirement_raise_no_score(code: str) -> None:
    honest = rounds(code)[0]
    told = [
        child.model_copy(update={"rationale": f"{child.rationale} {HOSTILE}"})
        for child in honest.request.children
    ]
    judged = assess(honest.request.model_copy(update={"children": told}))
    told_scores = judged.scores.model_dump()
    for dimension, score in honest.assessment.scores.model_dump().items():
        assert told_scores[dimension] <= score
