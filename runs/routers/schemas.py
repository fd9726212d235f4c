"""What the API takes and answers. Frozen; each answer is built from its row by `of`."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
)

from runs.actions.start import GROUP_LIMIT
from runs.models import Decision, Revision, Run, RunEvent, RunStatus, Specification, Subsystem

LINE = r"^[^\x00-\x1f\x7f]*$"  # one line of text; PostgreSQL cannot store NUL
TEXT = r"^[^\x00]*$"

Line = Annotated[str, Field(pattern=LINE, max_length=200)]
Text = Annotated[str, Field(pattern=TEXT, max_length=10_000)]


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Input(BaseModel):
    """A JSON body. Unknown fields are refused, so that a misspelt one is not silently ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _person(user: Any) -> str | None:
    return user.display_name if user else None


def _no_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("It should be a number between 0 and 1")
    return value


def _id_as_text(value: Any) -> Any:
    return str(value) if type(value) is int else value


Threshold = Annotated[
    Decimal,
    Field(ge=0, le=1, decimal_places=3, description="0 to 1; the project's when left out."),
    BeforeValidator(_no_boolean),
    AfterValidator(lambda value: value.quantize(Decimal("0.001"))),  # 0e-99999 is 0.000
]
SubsystemName = Annotated[
    str,
    Field(
        pattern=r"^([A-Za-z][A-Za-z0-9]{1,9}|[1-9][0-9]{0,17})$",
        description="Its code, such as NAV, or its id.",
    ),
    BeforeValidator(_id_as_text),
]


# subsystems


class SubsystemIn(Input):
    code: Line = Field(description="2 to 10 capital letters and digits, such as NAV.")
    name: Line
    description: Text = ""
    interfaces: Text = ""
    keywords: list[Line] = Field([], max_length=200)


class SubsystemOut(Answer):
    id: int
    code: str
    name: str
    description: str
    interfaces: str
    keywords: list[str]

    @classmethod
    def of(cls, row: Subsystem) -> Self:
        return cls(
            id=row.pk,
            code=row.code,
            name=row.name,
            description=row.description,
            interfaces=row.interfaces,
            keywords=row.keywords,
        )


# specifications


class RevisionOut(Answer):
    """One immutable file of a specification. `size` is in bytes."""

    id: UUID
    number: int
    specification: UUID
    title: str
    filename: str
    media_type: str
    size: int
    sha256: str
    pages: int
    language: str
    warnings: list[str]
    uploaded_by: str | None
    created_at: datetime

    @classmethod
    def of(cls, row: Revision) -> Self:
        """Needs `specification` and `uploaded_by` loaded."""
        return cls(
            id=row.pk,
            number=row.number,
            specification=row.specification_id,
            title=row.specification.title,
            filename=row.filename,
            media_type=row.media_type,
            size=row.size,
            sha256=row.sha256,
            pages=row.pages,
            language=row.language,
            warnings=row.warnings,
            uploaded_by=_person(row.uploaded_by),
            created_at=row.created_at,
        )


class SpecificationOut(Answer):
    """A document of a project, its revisions newest first."""

    id: UUID
    project: str
    title: str
    created_at: datetime
    revisions: list[RevisionOut]

    @classmethod
    def of(cls, row: Specification) -> Self:
        """Needs `project` and `revisions` (with `uploaded_by`) loaded."""
        return cls(
            id=row.pk,
            project=row.project.slug,
            title=row.title,
            created_at=row.created_at,
            revisions=[RevisionOut.of(revision) for revision in row.revisions.all()],
        )


class TextOut(Answer):
    """A part of the parsed document's text. Offsets count characters (Unicode code points)."""

    revision: UUID
    offset: int
    text: str
    length: int = Field(description="Of the whole text.")
    next_offset: int | None = Field(description="Where the next part begins; null at the end.")


# runs


class RunChoices(Input):
    """What may be chosen for a run, and for all runs of a campaign alike."""

    revision: UUID
    quality_threshold: Threshold | None = None
    max_iterations: StrictInt | None = Field(
        None, ge=1, le=10, description="1 to 10; the project's when left out."
    )
    review_before_decompose: StrictBool = Field(
        False, description="Wait for a person to approve the strategy."
    )
    unattended: StrictBool = Field(
        False, description="Complete below the gate instead of waiting for a review."
    )
    model: Line = Field(
        "",
        description="Asked first by every agent: provider/model, such as openai/gpt-5-mini, or the "
        "profile's name. The project's routes when left out.",
    )
    group: Line = Field(
        "", max_length=GROUP_LIMIT, description="Runs of the same group share a budget."
    )


class RunIn(RunChoices):
    subsystem: SubsystemName


class ReviewIn(Input):
    decision: Literal[Decision.APPROVED, Decision.CHANGES, Decision.REJECTED]
    feedback: Text = Field("", description="Needed for changes: it goes to the agent.")


class RunOut(Answer):
    """A run and where it stands. `gate_passed` null: not judged."""

    id: UUID
    project: str
    specification: UUID
    title: str
    revision: UUID
    revision_number: int
    subsystem: str
    status: RunStatus
    gate_passed: bool | None
    iteration: int
    reason: str
    group: str
    campaign: UUID | None = Field(description="The campaign that it was started with.")
    started_by: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, row: Run) -> Self:
        """Needs `project`, `revision.specification`, `subsystem` and `started_by` loaded."""
        return cls(**cls.values(row))

    @classmethod
    def values(cls, row: Run) -> dict[str, Any]:
        """The fields of every answer about a run."""
        return {
            "id": row.pk,
            "project": row.project.slug,
            "specification": row.revision.specification_id,
            "title": row.revision.specification.title,
            "revision": row.revision_id,
            "revision_number": row.revision.number,
            "subsystem": row.subsystem.code,
            "status": row.status,
            "gate_passed": row.gate_passed,
            "iteration": row.iteration,
            "reason": row.reason,
            "group": row.group,
            "campaign": row.campaign_id,
            "started_by": _person(row.started_by),
            "created_at": row.created_at,
            "started_at": row.started_at,
            "finished_at": row.finished_at,
        }


class EventOut(Answer):
    seq: int
    kind: str
    node: str
    iteration: int
    message: str
    figures: dict[str, Any]
    created_at: datetime

    @classmethod
    def of(cls, row: RunEvent) -> Self:
        return cls(
            seq=row.seq,
            kind=row.kind,
            node=row.node,
            iteration=row.iteration,
            message=row.message,
            figures=row.figures,
            created_at=row.created_at,
        )


class EventsOut(Answer):
    """Events with a number above `after`. Ask again with `after=last` while `items` is not empty or
    `status` is queued or running."""

    items: list[EventOut]
    last: int
    status: RunStatus
