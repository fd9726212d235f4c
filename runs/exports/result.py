"""What a run has to show, as one frozen value: every exporter reads this and nothing else.

It is also the schema of results.json, `reqplatform.results/1`. A field that is added keeps the
number; a field that is removed, or means something else, raises it. Spans are half open, in
characters of the document's text. Money is in nano-USD (1 USD = 10**9), with dollars beside it as a
decimal string. Times are UTC.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

SCHEMA: Literal["reqplatform.results/1"] = "reqplatform.results/1"


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Span(Part):
    start: int
    end: int


class ProjectPart(Part):
    slug: str
    name: str


class SpecificationPart(Part):
    id: UUID
    title: str
    revision_id: UUID
    revision: int = Field(description="The number of the revision, from 1.")
    filename: str = Field(description="As uploaded. For reading only, never a path.")
    media_type: str
    size: int = Field(description="Bytes.")
    sha256: str
    pages: int
    language: str
    warnings: tuple[Any, ...] = ()


class SubsystemPart(Part):
    code: str
    name: str


class RunPart(Part):
    id: UUID
    short_id: str
    status: str
    status_label: str
    gate_passed: bool | None = Field(description="null: not judged.")
    reason: str
    iteration: int = Field(description="Of the requirements below; 0: none were written.")
    max_iterations: int
    quality_threshold: Decimal
    weights: dict[str, float]
    rule_weights: dict[str, float] = Field(
        default={}, description="Of rules that weigh less than 1, by the team's dismissals."
    )
    gate_policy: str
    review_strategy: bool
    unattended: bool
    strategy: dict[str, Any] | None
    skills: tuple[str, ...] = Field(description="The pinned versions, as slug@version.")
    models: tuple[str, ...] = Field(description="provider/model of every model that was asked.")
    tracing: str = Field(description="How the figures were taken: LangSmith tracing, or heuristic.")
    started_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class SourcePart(Part):
    """A requirement of the specification."""

    id: int
    key: str = Field(description="Unique here; the document's own identifier if it has one.")
    ordinal: int
    identifier: str = Field(description="The document's own, or empty.")
    text: str = Field(description="The document's text of `span`.")
    statement: str = Field(description="As one sentence, with its lead-in.")
    part: bool = Field(description="An item of a statement that is a requirement itself.")
    type: str
    quality_class: str = Field(description="The quality it asks for; empty for a function.")
    section: str
    page: int
    span: Span
    lead_in: str
    lead_in_span: Span | None
    modal: str
    confidence: float


class AllocationPart(Part):
    source: str = Field(description="The key of the source requirement.")
    allocated: bool
    rule: str
    rationale: str
    shared_with: tuple[str, ...]


class RequirementPart(Part):
    """What the last iteration says that a requirement of the subsystem is."""

    id: int
    version_id: int
    identifier: str
    ordinal: int
    text: str
    type: str
    acceptance_criteria: tuple[str, ...]
    verification_method: str
    rationale: str
    pattern: str
    status: str
    score: float | None = Field(description="By the rules, 0 to 1.")
    edited_by: str = Field(description="The person who edited it last, or empty.")
    parents: tuple[str, ...] = Field(description="Keys of source requirements.")


class LinkPart(Part):
    parent: str
    child: str
    relationship: str
    rationale: str


class IssuePart(Part):
    """A finding in the last iteration: of a child, of a parent, or (both null) of the whole set."""

    child: str | None
    parent: str | None
    source: str = Field(description="rule or judge")
    rule: str
    dimension: str
    severity: str
    quote: str
    span: Span | None = Field(description="In the child's text; null: the whole of it.")
    message: str
    suggestion: str


class QualityPart(Part):
    """The scores of one iteration, 0 (worst) to 1 (best)."""

    iteration: int
    requirements_count: int
    allocated_count: int
    overall: float = Field(description="What the gate compared with the threshold.")
    completeness: float
    clarity: float
    testability: float
    traceability: float
    domain_compliance: float | None
    rules_overall: float
    judge_overall: float | None
    judge_scores: dict[str, Any] | None
    gate_policy: str
    threshold: Decimal
    weights: dict[str, float]
    critical_count: int
    findings_by_rule: dict[str, int]
    validation_passed: bool
    gate_reason: str
    timestamp: datetime


class CostPart(Part):
    """What a node took in an iteration.

    Costs are null where the installation hides them. Tokens of `input_tokens` and `output_tokens`
    include those that are told apart below them.
    """

    node: str
    label: str
    iteration: int
    ended: bool = Field(description="false: it was begun, and the run stopped in it.")
    seconds: float = Field(description="0 if it has not ended.")
    calls: int
    calls_by_purpose: dict[str, int] = Field(
        description="ask, retry, repair, fallback, replay: together they are `calls`."
    )
    calls_refused: int = Field(description="Attempts beside them that surely cost nothing.")
    models: tuple[str, ...] = Field(description="provider/model of those that answered.")
    input_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cost_nusd: int | None
    cost_usd: Decimal | None
    unconfirmed_nusd: int | None = Field(description="The part that is the most it can have been.")
    sources: tuple[str, ...] = Field(description="Where the numbers of its cost come from.")
    energy_low_wh: float | None = Field(description="Watt-hours, estimated. null: unknown.")
    energy_high_wh: float | None
    energy_unknown_calls: int = Field(description="Calls whose energy is missing in it.")


class ReviewPart(Part):
    kind: str
    iteration: int
    decision: str
    feedback: str
    decided_by: str
    decided_at: datetime | None


class RunResult(Part):
    schema_name: Literal["reqplatform.results/1"] = Field(default=SCHEMA, alias="schema")
    project: ProjectPart
    specification: SpecificationPart
    subsystem: SubsystemPart
    run: RunPart
    sources: tuple[SourcePart, ...]
    allocations: tuple[AllocationPart, ...]
    requirements: tuple[RequirementPart, ...]
    links: tuple[LinkPart, ...]
    issues: tuple[IssuePart, ...]
    quality: tuple[QualityPart, ...] = Field(description="By iteration.")
    reviews: tuple[ReviewPart, ...]
    costs_shown: bool = Field(description="false: this installation hides costs.")
    costs: tuple[CostPart, ...] = Field(description="Of the run's own nodes.")
    extraction_costs: tuple[CostPart, ...] = Field(
        description="Paid once by the revision, shared by all runs that use its extraction."
    )

    @property
    def allocated(self) -> tuple[AllocationPart, ...]:
        return tuple(row for row in self.allocations if row.allocated)

    @property
    def last_quality(self) -> QualityPart | None:
        """The scores of the iteration whose requirements these are, if it was validated."""
        if not self.requirements:  # nothing was allocated: its one record, whatever it counts
            return self.quality[-1] if self.quality else None
        return next((row for row in self.quality if row.iteration == self.run.iteration), None)

    @property
    def nothing_allocated(self) -> bool:
        """Every requirement was looked at, and none belongs to the subsystem."""
        return bool(self.allocations) and not self.allocated
