"""What the API answers about a run's result: its requirements, links, scores and costs."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from pydantic import Field

from observability.models import QualityRecord
from observability.money import exact_usd
from observability.reports.costs import NodeTaken, Taken, costs_of
from observability.shown import tracing_of
from reqplatform.pagination import Page
from runs.estimating import models_of
from runs.estimating.shown import ExpectedOut
from runs.models import (
    Allocation,
    QualityIssue,
    RequirementVersion,
    Review,
    Run,
    SourceRequirement,
    TraceLink,
)
from runs.routers.schemas import Answer, RunOut


class SourceRequirementOut(Answer):
    """A requirement of the specification: `text` is the revision's text from `start` to `end`."""

    id: int
    key: str = Field(description="The document's own identifier, else SR-007 by its ordinal.")
    ordinal: int
    text: str
    lead_in: str
    part: bool = Field(description="An item of a statement that is a requirement itself.")
    type: str
    quality_class: str = Field(description="The quality it asks for; empty for a function.")
    section: str
    page: int
    start: int
    end: int
    lead_in_start: int | None
    lead_in_end: int | None
    modal: str
    confidence: float
    reason: str

    @classmethod
    def of(cls, row: SourceRequirement) -> Self:
        same = set(cls.model_fields) - {"id"}
        return cls(id=row.pk, **{name: getattr(row, name) for name in same})


class SourceRequirementPage(Page[SourceRequirementOut]):
    """`extraction` says which reading of the revision this is; null: nothing has read it yet."""

    extraction: int | None


class SourceRef(Answer):
    id: int
    key: str
    page: int
    start: int
    end: int

    @classmethod
    def of(cls, row: SourceRequirement) -> Self:
        return cls(id=row.pk, key=row.key, page=row.page, start=row.start, end=row.end)


class RequirementOut(Answer):
    """A requirement of the subsystem, as one iteration of the run says it."""

    identifier: str
    iteration: int
    ordinal: int
    text: str
    type: str
    acceptance_criteria: list[str]
    rationale: str
    verification_method: str
    pattern: str
    status: str
    score: float | None
    parents: list[SourceRef]

    @classmethod
    def of(cls, row: RequirementVersion) -> Self:
        """Needs `requirement` and `trace_links` (with their parents) loaded."""
        same = set(cls.model_fields) - {"identifier", "parents"}
        return cls(
            identifier=row.requirement.identifier,
            parents=[SourceRef.of(link.parent) for link in row.trace_links.all()],
            **{name: getattr(row, name) for name in same},
        )


class LinkOut(Answer):
    parent: SourceRef
    parent_text: str
    child: str
    child_text: str
    relationship: str
    rationale: str

    @classmethod
    def of(cls, row: TraceLink) -> Self:
        """Needs `parent` and `child.requirement` loaded."""
        return cls(
            parent=SourceRef.of(row.parent),
            parent_text=row.parent.statement,
            child=row.child.requirement.identifier,
            child_text=row.child.text,
            relationship=row.relationship,
            rationale=row.rationale,
        )


class IssueOut(Answer):
    """A finding: of a child, of a parent, or of the whole set. `start` to `end` is in the child."""

    id: int
    iteration: int
    child: str | None
    parent: SourceRef | None
    source: str
    rule: str
    dimension: str
    severity: str
    start: int
    end: int
    quote: str
    message: str
    suggestion: str

    @classmethod
    def of(cls, row: QualityIssue) -> Self:
        """Needs `parent` and `child.requirement` loaded."""
        same = set(cls.model_fields) - {"id", "child", "parent"}
        return cls(
            id=row.pk,
            child=row.child.requirement.identifier if row.child else None,
            parent=SourceRef.of(row.parent) if row.parent else None,
            **{name: getattr(row, name) for name in same},
        )


class QualityOut(Answer):
    """The scores of one iteration, 0 to 1. With nothing allocated they are 1 by definition."""

    iteration_count: int
    requirements_count: int
    allocated_count: int
    overall: float
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
    skill_versions: dict[str, Any]
    timestamp: datetime

    @classmethod
    def of(cls, row: QualityRecord) -> Self:
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class QualityList(Answer):
    items: list[QualityOut] = Field(description="One for each iteration, the first one first.")


class AllocationOut(Answer):
    source: SourceRef
    text: str
    type: str
    section: str
    allocated: bool
    rule: str
    rationale: str
    shared_with: list[str]

    @classmethod
    def of(cls, row: Allocation) -> Self:
        """Needs `source` loaded."""
        return cls(
            source=SourceRef.of(row.source),
            text=row.source.statement,
            type=row.source.type,
            section=row.source.section,
            allocated=row.allocated,
            rule=row.rule,
            rationale=row.rationale,
            shared_with=row.shared_with,
        )


class FileOut(Answer):
    name: str
    media_type: str
    description: str
    url: str


class FileList(Answer):
    items: list[FileOut]
    archive: str = Field(description="Where a zip of all of them is.")


class EnergyOut(Answer):
    """An estimate of the servers' electricity, in watt-hours, with its range. null: unknown."""

    low_wh: float | None
    high_wh: float | None
    unknown_calls: int = Field(description="Calls whose energy nobody knows; they are not in it.")

    @classmethod
    def of(cls, taken: Taken) -> Self:
        return cls(
            low_wh=taken.energy_low_wh,
            high_wh=taken.energy_high_wh,
            unknown_calls=taken.energy_unknown_calls,
        )


class TakenOut(Answer):
    """What calls took. Tokens of the cache are among those of the input, and reasoning among those
    of the output."""

    calls: int
    calls_by_purpose: dict[str, int] = Field(
        description="ask, retry, repair, fallback, replay: together they are `calls`."
    )
    calls_refused: int = Field(description="Attempts beside them that surely cost nothing.")
    input_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    sources: list[str]
    unconfirmed: str = Field(description="Dollars of the cost that are the most it can have been.")
    estimated: str = Field(description="Dollars of the cost that are estimated, give or take 30 %.")
    energy: EnergyOut
    models: list[str] = Field(description="provider/model of those that answered.")

    @staticmethod
    def values(taken: Taken) -> dict[str, Any]:
        return {
            "calls": taken.calls,
            "calls_by_purpose": dict(taken.purposes),
            "calls_refused": taken.released,
            "input_tokens": taken.input_tokens,
            "cache_read_tokens": taken.cache_read,
            "cache_write_tokens": taken.cache_write + taken.cache_write_1h,
            "output_tokens": taken.output_tokens,
            "reasoning_tokens": taken.reasoning,
            "sources": list(taken.sources),
            "unconfirmed": exact_usd(taken.unconfirmed_nusd),
            "estimated": exact_usd(taken.estimated_nusd),
            "energy": EnergyOut.of(taken),
            "models": list(taken.models),
        }


class NodeOut(TakenOut):
    """What a node took in an iteration."""

    node: str
    iteration: int
    ended: bool = Field(description="false: it was begun, and has not ended.")
    seconds: float = Field(description="0 until it has ended.")
    cost: str = Field(description="Dollars.")

    @classmethod
    def of(cls, row: NodeTaken) -> Self:
        return cls(
            node=row.node,
            iteration=row.iteration,
            ended=row.duration_ms is not None,
            seconds=(row.duration_ms or 0) / 1000,
            cost=exact_usd(row.taken.cost_nusd),
            **cls.values(row.taken),
        )


class CostOut(TakenOut):
    """Dollars as a decimal string, and where the number comes from (`unconfirmed`: the most that
    it can have cost)."""

    amount: str
    currency: str = "USD"

    @classmethod
    def of(cls, taken: Taken) -> Self:
        return cls(amount=exact_usd(taken.cost_nusd), **cls.values(taken))


class ReviewOut(Answer):
    kind: str
    iteration: int
    decision: str
    feedback: str
    decided_by: str | None
    by_policy: bool = Field(description="Nobody decided in time; the project's policy did.")
    decided_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, row: Review) -> Self:
        """Needs `decided_by` loaded."""
        same = set(cls.model_fields) - {"decided_by"}
        who = row.decided_by.display_name if row.decided_by else None
        return cls(decided_by=who, **{name: getattr(row, name) for name in same})


class RunDetail(RunOut):
    """A run with its options, the scores of its last judged iteration, its costs and its links."""

    quality_threshold: Decimal
    max_iterations: int
    review_before_decompose: bool
    unattended: bool
    models: list[str] = Field(
        description="provider/model of all that it may ask, those that are asked first before."
    )
    estimate: ExpectedOut | None = Field(
        description="null: it was started before there were estimates."
    )
    extraction: int | None
    quality: QualityOut | None
    tracing: str = Field(description="How figures are taken: LangSmith tracing, or heuristic.")
    cost: CostOut
    extraction_cost: CostOut | None = Field(
        description="Paid once by the revision, shared by all runs that use the extraction."
    )
    nodes: list[NodeOut]
    reviews: list[ReviewOut]
    links: dict[str, str]

    @classmethod
    def of(cls, row: Run, *, links: dict[str, str] | None = None) -> Self:
        """Like RunOut; asks the database for the costs, the scores and the reviews."""
        costs = costs_of(row.pk, row.extraction_id)
        shared = costs.extraction.taken if costs.extraction else Taken()
        judged = row.quality_records.order_by("-iteration_count").first()
        return cls(
            **cls.values(row),
            quality_threshold=row.quality_threshold,
            max_iterations=row.max_iterations,
            review_before_decompose=row.review_strategy,
            unattended=row.unattended,
            models=models_of(row.routes),
            estimate=ExpectedOut.of(row.estimate) if row.estimate else None,
            extraction=row.extraction_id,
            quality=QualityOut.of(judged) if judged else None,
            tracing=str(tracing_of(costs.total)),
            cost=CostOut.of(costs.total),
            extraction_cost=CostOut.of(shared) if row.extraction_id else None,
            nodes=[NodeOut.of(node) for node in costs.nodes],
            reviews=[ReviewOut.of(review) for review in row.reviews.select_related("decided_by")],
            links=links or {},
        )
