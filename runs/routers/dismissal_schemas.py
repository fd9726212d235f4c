from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field

from runs.actions.dismissals import REASON_LIMIT
from runs.models import Dismissal
from runs.routers.schemas import TEXT, Answer, Input


class DismissalIn(Input):
    reason: Annotated[str, Field(pattern=TEXT, min_length=1, max_length=REASON_LIMIT)]
    scope: Literal["term", "rule"] = Field(
        "term", description="term: these words under this rule. rule: the rule as such."
    )


class DismissalOut(Answer):
    """A dismissal. `term` is "" for the whole rule; `weight` (0 to 1) is the rule's by all of the
    project's dismissals."""

    id: int
    issue: int
    rule: str
    term: str
    reason: str
    weight: float
    dismissed_by: str | None
    created_at: datetime
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, row: Dismissal, weight: float) -> Self:
        return cls(
            id=row.pk,
            issue=row.issue_id,
            rule=row.rule,
            term=row.term,
            reason=row.reason,
            weight=weight,
            dismissed_by=row.dismissed_by.display_name if row.dismissed_by else None,
            created_at=row.created_at,
            withdrawn_at=row.withdrawn_at,
        )
