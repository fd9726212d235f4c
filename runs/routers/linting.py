"""Requirements judged by a project's rules, without a run."""

from typing import Annotated, Self

from ninja import Router
from pydantic import Field

from reqplatform.errors import InvalidInput
from reqplatform.teams.authentication import SignedRequest
from runs.actions.linting import lint_in_project
from runs.quality.lint_set import Weighed, WeighedResult
from runs.routers.lookups import find_project
from runs.routers.schemas import TEXT, Answer, Input

MOST_CHARACTERS = 100_000

router = Router(tags=["Results"])


class LintIn(Input):
    text: Annotated[str, Field(pattern=TEXT, min_length=1, max_length=MOST_CHARACTERS)] = Field(
        description="One requirement a line."
    )


class LintFindingOut(Answer):
    """`start` and `end` are in the statement. `weight` (0 to 1) multiplies what the finding costs:
    below 1 for a rule with dismissals in the project, 0 for words that were dismissed."""

    rule: str
    dimension: str
    severity: str
    start: int
    end: int
    message: str
    suggestion: str
    weight: float

    @classmethod
    def of(cls, weighed: Weighed) -> Self:
        finding = weighed.finding
        return cls(
            rule=finding.rule,
            dimension=finding.dimension.value,
            severity=finding.severity.value,
            start=finding.start,
            end=finding.end,
            message=finding.message,
            suggestion=finding.suggestion,
            weight=weighed.weight,
        )


class LintedOut(Answer):
    text: str
    score: float | None = Field(description="null: in no language that the rules cover.")
    findings: list[LintFindingOut]

    @classmethod
    def of(cls, result: WeighedResult) -> Self:
        findings = [LintFindingOut.of(weighed) for weighed in result.findings]
        return cls(text=result.text, score=result.score, findings=findings)


class LintOut(Answer):
    statements: list[LintedOut]


@router.post(
    "/projects/{slug:slug}/lint", response=LintOut, summary="Check requirements against the rules"
)
def post_lint(request: SignedRequest, slug: str, payload: LintIn) -> LintOut:
    """Any member. By the text rules, the rules that compare the statements with each other, and
    those of the project's domain, with its dismissals. Rules about parents and acceptance criteria
    are not asked. Nothing is stored.
    """
    project = find_project(request, slug)
    texts = [line.strip() for line in payload.text.splitlines() if line.strip()]
    if not texts:
        raise InvalidInput("“text” has no statement in it. Give one requirement a line.")
    return LintOut(statements=[LintedOut.of(each) for each in lint_in_project(project, texts)])
