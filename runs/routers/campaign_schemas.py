"""What the API takes and answers about campaigns. Money is dollars as a decimal string."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from observability.money import exact_usd
from runs.actions.campaigns import NAME_LIMIT
from runs.estimating import CampaignEstimate
from runs.estimating.shown import EstimateOut
from runs.exports.consolidated import Cost, Coverage, codes_of
from runs.models import Campaign, CampaignState, Run, RunStatus, SourceRequirement, Tally
from runs.routers.budget_schemas import Dollars, WindowOut
from runs.routers.schemas import Answer, Line, RunChoices, SubsystemName


class CampaignIn(RunChoices):
    """The runs are pinned alike; each subsystem gets one."""

    subsystems: list[SubsystemName] | None = Field(
        None, max_length=500, description="All of the project when left out."
    )
    name: Line = Field("", max_length=NAME_LIMIT)
    limit: Dollars | None = Field(
        None,
        description="Where this campaign alone stops, in dollars; for owners. What the project's "
        "budget for groups says when left out.",
    )


class CampaignOut(Answer):
    """A campaign and where it stands. Its state is told from its runs: working while one is queued
    or running, then waiting_review, then completed, or ended if one did not complete."""

    id: UUID
    project: str
    specification: UUID
    title: str
    revision: UUID
    revision_number: int
    name: str
    group: str
    state: CampaignState
    runs: int
    working: int
    waiting: int
    completed: int
    stopped: int = Field(description="Failed, cancelled or out of budget.")
    started_by: str | None
    created_at: datetime

    @classmethod
    def of(cls, row: Campaign, tally: Tally) -> Self:
        return cls(**cls.values(row, tally))

    @classmethod
    def values(cls, row: Campaign, tally: Tally) -> dict[str, Any]:
        """The fields of every answer about a campaign. Needs `project`, `revision.specification`
        and `started_by` loaded."""
        return {
            "id": row.pk,
            "project": row.project.slug,
            "specification": row.revision.specification_id,
            "title": row.revision.specification.title,
            "revision": row.revision_id,
            "revision_number": row.revision.number,
            "name": row.name,
            "group": row.group,
            "state": tally.state,
            "runs": tally.runs,
            "working": tally.working,
            "waiting": tally.waiting,
            "completed": tally.completed,
            "stopped": tally.stopped,
            "started_by": row.started_by.display_name if row.started_by else None,
            "created_at": row.created_at,
        }


class CampaignRunOut(Answer):
    """A run of a campaign. `overall` and `requirements` are those of its last scores. Dollars;
    `cost` is the most that it can be if `cost_is_bound`, and null before the first call."""

    id: UUID
    subsystem: str
    status: RunStatus
    gate_passed: bool | None
    iteration: int
    overall: float | None
    requirements: int | None
    cost: str | None
    cost_is_bound: bool
    reason: str
    started_at: datetime | None
    finished_at: datetime | None
    url: str

    @classmethod
    def of(cls, row: Any, url: str) -> Self:
        """A row of `consolidated.runs_of`."""
        return cls(
            id=row.pk,
            subsystem=row.subsystem.code,
            status=RunStatus(row.status),
            gate_passed=row.gate_passed,
            iteration=row.iteration,
            overall=row.overall,
            requirements=row.requirements,
            cost=None if row.cost_nusd is None else exact_usd(row.cost_nusd),
            cost_is_bound=bool(row.open_calls),
            reason=row.reason,
            started_at=row.started_at,
            finished_at=row.finished_at,
            url=url,
        )


class CostOut(Answer):
    """Dollars. `extraction` is what reading the specification took in this campaign, once."""

    total: str
    runs: str
    extraction: str
    is_bound: bool = Field(description="The most that it can be: the outcome of a call is unknown.")

    @classmethod
    def of(cls, cost: Cost) -> Self:
        return cls(
            total=exact_usd(cost.nusd),
            runs=exact_usd(cost.runs_nusd),
            extraction=exact_usd(cost.reading_nusd),
            is_bound=cost.is_bound,
        )


class CoverageOut(Answer):
    """How many source requirements no subsystem takes, one, or several. `judged` runs have decided
    so far."""

    sources: int
    none: int
    one: int
    several: int
    judged: int

    @classmethod
    def of(cls, coverage: Coverage) -> Self:
        return cls(**{name: getattr(coverage, name) for name in cls.model_fields})


class CampaignDetail(CampaignOut):
    """`requirements`: those of completed runs, by subsystem and type; "" is all together."""

    items: list[CampaignRunOut]
    requirements: dict[str, dict[str, int]]
    coverage: CoverageOut
    cost: CostOut
    budget: WindowOut | None = Field(description="The account that its runs share.")
    links: dict[str, str]


class CoveredOut(Answer):
    """A source requirement, and the subsystems that take it: none is a gap."""

    id: int
    key: str
    ordinal: int
    type: str
    section: str
    page: int
    statement: str
    subsystems: list[str]

    @classmethod
    def of(cls, row: SourceRequirement) -> Self:
        """Needs `takers`, as `consolidated.matrix_of` gives them."""
        return cls(
            id=row.pk,
            key=row.key,
            ordinal=row.ordinal,
            type=row.type,
            section=row.section,
            page=row.page,
            statement=row.statement,
            subsystems=codes_of(row.takers),  # type: ignore[attr-defined]
        )


class CampaignEstimateOut(Answer):
    """`total` counts the extraction once; `shares` are those of the subsystems, at the first route.
    `misfit` says why the campaign would not be started as asked; null: it fits."""

    total: EstimateOut
    shares: dict[str, str] = Field(description="Expected dollars by subsystem's code.")
    misfit: str | None

    @classmethod
    def of(cls, expected: CampaignEstimate, misfit: str | None) -> Self:
        return cls(
            total=EstimateOut.of(expected.total),
            shares={
                share.subsystem.code: exact_usd(share.estimate.first.expected_nusd)
                for share in expected.shares
            },
            misfit=misfit,
        )


def tally_of(runs: Iterable[Run]) -> Tally:
    return Tally.of(run.status for run in runs)
