"""The result of a run. It can be read while the run goes on; what is there is committed."""

from typing import Annotated
from uuid import UUID

from django.db.models import Max, Prefetch
from ninja import Query, Router
from pydantic import Field

from reqplatform.pagination import Page, PageQuery, paginate
from reqplatform.teams.authentication import SignedRequest
from runs.graph.proofs import shown_proofs
from runs.models import Allocation, QualityIssue, RequirementVersion, Run, TraceLink
from runs.quality.finding import Severity
from runs.routers.lookups import find_run
from runs.routers.proof_schemas import ProofOut
from runs.routers.result_schemas import (
    AllocationOut,
    IssueOut,
    LinkOut,
    QualityList,
    QualityOut,
    RequirementOut,
)

router = Router(tags=["Results"])

Iteration = Annotated[int, Field(ge=1, le=32_767, description="The last one when left out.")]


def _iteration(run: Run, wanted: int | None) -> int:
    """The iteration asked for, else the last one that has requirements."""
    if wanted is not None:
        return wanted
    last = run.requirement_versions.aggregate(last=Max("iteration"))["last"]
    return int(last or run.iteration)


@router.get(
    "/runs/{uuid:run_id}/requirements",
    response=Page[RequirementOut],
    summary="List the requirements of a run",
)
def list_requirements(
    request: SignedRequest, run_id: UUID, page: Query[PageQuery], iteration: Iteration | None = None
) -> Page[RequirementOut]:
    """What the iteration made of the subsystem's share, each with its parents."""
    run = find_run(request, run_id)
    which = _iteration(run, iteration)
    parents = Prefetch("trace_links", TraceLink.objects.select_related("parent"))
    rows = (
        RequirementVersion.objects.for_user(request.auth)
        .filter(run=run, iteration=which)
        .select_related("requirement")
        .prefetch_related(parents)
    )
    found, following = paginate(rows, ["ordinal"], page, scope=f"requirements:{run.pk}:{which}")
    return Page[RequirementOut](items=[RequirementOut.of(row) for row in found], next=following)


@router.get(
    "/runs/{uuid:run_id}/links", response=Page[LinkOut], summary="List the trace links of a run"
)
def list_links(
    request: SignedRequest, run_id: UUID, page: Query[PageQuery], iteration: Iteration | None = None
) -> Page[LinkOut]:
    """From each source requirement (parent) to what the iteration made of it (child)."""
    run = find_run(request, run_id)
    which = _iteration(run, iteration)
    rows = (
        TraceLink.objects.for_user(request.auth)
        .filter(child__run=run, child__iteration=which)
        .select_related("parent", "child__requirement")
    )
    order = ["parent__ordinal", "child__ordinal"]
    found, following = paginate(rows, order, page, scope=f"links:{run.pk}:{which}")
    return Page[LinkOut](items=[LinkOut.of(row) for row in found], next=following)


@router.get(
    "/runs/{uuid:run_id}/issues", response=Page[IssueOut], summary="List the issues of a run"
)
def list_issues(
    request: SignedRequest,
    run_id: UUID,
    page: Query[PageQuery],
    iteration: Iteration | None = None,
    severity: Severity | None = None,
) -> Page[IssueOut]:
    """What the rules and the judge found in the iteration's result."""
    run = find_run(request, run_id)
    which = _iteration(run, iteration)
    rows = (
        QualityIssue.objects.for_user(request.auth)
        .filter(run=run, iteration=which)
        .select_related("parent", "child__requirement")
    )
    if severity:
        rows = rows.filter(severity=severity)
    scope = f"issues:{run.pk}:{which}:{severity or ''}"
    found, following = paginate(rows, ["id"], page, scope=scope)
    return Page[IssueOut](items=[IssueOut.of(row) for row in found], next=following)


@router.get("/runs/{uuid:run_id}/quality", response=QualityList, summary="Show the scores of a run")
def list_quality(request: SignedRequest, run_id: UUID) -> QualityList:
    """One record for each iteration; at most eleven, so they come at once."""
    run = find_run(request, run_id)
    rows = run.quality_records.order_by("iteration_count")
    return QualityList(items=[QualityOut.of(row) for row in rows])


@router.get(
    "/runs/{uuid:run_id}/allocations",
    response=Page[AllocationOut],
    summary="List the allocations of a run",
)
def list_allocations(
    request: SignedRequest, run_id: UUID, page: Query[PageQuery], allocated: bool | None = None
) -> Page[AllocationOut]:
    """For every source requirement: does it belong to the subsystem, by which rule, and why."""
    run = find_run(request, run_id)
    rows = Allocation.objects.for_user(request.auth).filter(run=run).select_related("source")
    if allocated is not None:
        rows = rows.filter(allocated=allocated)
    scope = f"allocations:{run.pk}:{allocated}"
    found, following = paginate(rows, ["source__ordinal"], page, scope=scope)
    return Page[AllocationOut](items=[AllocationOut.of(row) for row in found], next=following)


@router.get(
    "/runs/{uuid:run_id}/proofs", response=Page[ProofOut], summary="List the proofs of a run"
)
def list_proofs(
    request: SignedRequest, run_id: UUID, page: Query[PageQuery], iteration: Iteration | None = None
) -> Page[ProofOut]:
    """For every allocated source requirement: its parts, and the children that carry each."""
    run = find_run(request, run_id)
    which = _iteration(run, iteration)
    rows = Allocation.objects.for_user(request.auth).filter(run=run, allocated=True)
    scope = f"proofs:{run.pk}:{which}"
    order = ["source__ordinal"]
    found, following = paginate(rows.select_related("source"), order, page, scope=scope)
    proved = shown_proofs(run, which, found)
    items = [ProofOut.of(row.source, proved[row.source_id]) for row in found]
    return Page[ProofOut](items=items, next=following)
