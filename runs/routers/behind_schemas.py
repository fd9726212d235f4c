"""What the API answers about the calls and runs behind a report's figures."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from observability.models import LLMCall, RunFigures
from observability.money import exact_usd
from runs.reporting.names import Names
from runs.routers.budget_schemas import CallOut
from runs.routers.schemas import Answer


class CountedCallOut(CallOut):
    """A call of the journal, with whose it was."""

    run: UUID | None = Field(description="null: the extraction, paid by the revision.")
    subsystem: str | None
    person: str | None = Field(description="A user name.")

    @classmethod
    def counted(cls, row: LLMCall, names: Names) -> Self:
        return cls(
            run=row.run_id,
            subsystem=names.code(row.subsystem_id),
            person=names.username(row.person_id),
            **CallOut.of(row).model_dump(),
        )


class _RunOut(Answer):
    run: UUID
    subsystem: str | None
    person: str | None = Field(description="A user name.")
    models: str = Field(description="Those that answered it.")
    calls: int
    cost: str = Field(description="All that its own calls ever cost.")


class BegunRunOut(_RunOut):
    begun_at: datetime = Field(description="Of its first call.")
    sources: list[str]

    @classmethod
    def of(cls, row: RunFigures, names: Names) -> Self:
        return cls(begun_at=row.begun_at, sources=row.sources, **_common(row, names))


class JudgedOut(_RunOut):
    """A run by its latest result. With nothing allocated, scores are 1 by definition and count in
    no average."""

    judged_at: datetime
    specification: UUID | None
    revision: UUID | None
    skills: list[str] = Field(description="slug@version.")
    passed: bool | None
    threshold: float | None
    iterations: int
    allocated: int | None
    requirements: int
    findings: int
    critical: int
    findings_by_rule: dict[str, int]
    overall: float | None
    completeness: float | None
    clarity: float | None
    testability: float | None
    traceability: float | None
    domain: float | None = Field(description="null where the project has no domain.")
    rules: float | None
    judge: float | None = Field(description="null without a judge of its own.")

    @classmethod
    def of(cls, row: RunFigures, names: Names) -> Self:
        other = {"specification", "revision", "skills", *_RunOut.model_fields}
        plain = {name: getattr(row, name) for name in cls.model_fields if name not in other}
        return cls(
            specification=row.specification_id,
            revision=row.revision_id,
            skills=row.skills.split(),
            **plain,
            **_common(row, names),
        )


def _common(row: RunFigures, names: Names) -> dict[str, object]:
    return {
        "run": row.run_id,
        "subsystem": names.code(row.subsystem_id),
        "person": names.username(row.person_id),
        "models": row.route,
        "calls": row.calls,
        "cost": exact_usd(row.cost_nusd),
    }
