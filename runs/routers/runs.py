"""Starting a run, watching it, and deciding about it."""

from typing import Annotated
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field

from reqplatform.pagination import MOST, Page, PageQuery, paginate
from reqplatform.teams.authentication import SignedRequest
from reqplatform.teams.models import Project, Role
from reqplatform.teams.permissions import require
from runs.actions.cancel import cancel_run
from runs.actions.resume import resume_run
from runs.actions.review import decide_review
from runs.actions.start import RunOptions, estimate_run, start_run
from runs.estimating.shown import EstimateOut
from runs.models import Revision, Run, RunEvent, RunStatus, Subsystem
from runs.routers.asked import named_revision, named_subsystem, options_of
from runs.routers.lookups import find_project, find_run, runs_of
from runs.routers.result_schemas import RunDetail
from runs.routers.schemas import EventOut, EventsOut, ReviewIn, RunIn, RunOut

router = Router(tags=["Runs"])

LARGEST = 2**31 - 1  # of the database's integers
PARTS = (
    "events",
    "requirements",
    "links",
    "issues",
    "quality",
    "allocations",
    "files",
    "archive",
)


class RunFilters(BaseModel):
    model_config = ConfigDict(frozen=True)

    status: RunStatus | None = None
    subsystem: str = Field("", max_length=10, pattern=r"^[A-Z0-9]*$", description="Its code.")


@router.get("/projects/{slug:slug}/runs", response=Page[RunOut], summary="List the runs")
def list_runs(
    request: SignedRequest, slug: str, page: Query[PageQuery], filters: Query[RunFilters]
) -> Page[RunOut]:
    """The newest first."""
    project = find_project(request, slug)
    rows = runs_of(request).filter(project=project)
    if filters.status:
        rows = rows.filter(status=filters.status)
    if filters.subsystem:
        rows = rows.filter(subsystem__code=filters.subsystem)
    scope = f"runs:{project.pk}:{filters.status or ''}:{filters.subsystem}"
    found, following = paginate(rows, ["-id"], page, scope=scope)
    return Page[RunOut](items=[RunOut.of(row) for row in found], next=following)


@router.post("/projects/{slug:slug}/runs", response={201: RunDetail}, summary="Start a run")
def create_run(
    request: SignedRequest, slug: str, payload: RunIn, response: HttpResponse
) -> RunDetail:
    """Editors and above. The run is queued; poll `GET /runs/{id}` or its events. Every POST starts
    another run."""
    run = start_run(request.auth, *_asked(request, find_project(request, slug), payload))
    response["Location"] = reverse("api:get_run", args=[run.pk])
    return _detail(run)


@router.post(
    "/projects/{slug:slug}/estimates",
    response=EstimateOut,
    summary="Estimate what a run would cost",
)
def create_estimate(request: SignedRequest, slug: str, payload: RunIn) -> EstimateOut:
    """Editors and above. Takes what starting takes; starts and stores nothing."""
    project = find_project(request, slug)
    require(request.auth, project, Role.EDITOR)
    return EstimateOut.of(estimate_run(*_asked(request, project, payload)))


def _asked(
    request: SignedRequest, project: Project, payload: RunIn
) -> tuple[Revision, Subsystem, RunOptions]:
    options = options_of(payload)
    revision = named_revision(request, project, payload.revision)
    return revision, named_subsystem(request, project, payload.subsystem), options


@router.get("/runs/{uuid:run_id}", response=RunDetail, summary="Show a run")
def get_run(request: SignedRequest, run_id: UUID) -> RunDetail:
    """Where it stands and why, its scores, what each node took, and where to go on."""
    return _detail(find_run(request, run_id))


def _detail(run: Run) -> RunDetail:
    own = reverse("api:get_run", args=[run.pk])
    links = {"self": own} | {part: f"{own}/{part}" for part in PARTS}
    links["source_requirements"] = reverse(
        "api:list_source_requirements", args=[run.revision_id]
    ) + (f"?extraction={run.extraction_id}" if run.extraction_id else "")
    return RunDetail.of(run, links=links)


@router.get("/runs/{uuid:run_id}/events", response=EventsOut, summary="Watch a run")
def list_events(
    request: SignedRequest,
    run_id: UUID,
    after: Annotated[int, Field(ge=0, le=LARGEST, description="The last number you know.")] = 0,
    limit: Annotated[int, Field(ge=1, le=MOST)] = MOST,
) -> EventsOut:
    """What happened, in order. A run whose status is queued or running has more to tell."""
    run = find_run(request, run_id)
    rows = RunEvent.objects.for_user(request.auth).filter(run=run, seq__gt=after).order_by("seq")
    items = [EventOut.of(row) for row in rows[:limit]]
    last = items[-1].seq if items else after
    return EventsOut(items=items, last=last, status=RunStatus(run.status))


@router.post("/runs/{uuid:run_id}/cancel", response=RunDetail, summary="Cancel a run")
def post_cancel(request: SignedRequest, run_id: UUID) -> RunDetail:
    """Editors and above; 409 if it has ended. A cancelled run can be resumed."""
    return _detail(cancel_run(request.auth, find_run(request, run_id)))


@router.post("/runs/{uuid:run_id}/resume", response=RunDetail, summary="Resume a run")
def post_resume(request: SignedRequest, run_id: UUID) -> RunDetail:
    """Editors and above. Goes on from the last checkpoint. One that waits for a review is
    approved by this."""
    return _detail(resume_run(request.auth, find_run(request, run_id)))


@router.post("/runs/{uuid:run_id}/review", response=RunDetail, summary="Decide a review")
def post_review(request: SignedRequest, run_id: UUID, payload: ReviewIn) -> RunDetail:
    """Reviewers and above. The first decision counts; 409 if the run waits for none."""
    run = find_run(request, run_id)
    decide_review(request.auth, run, payload.decision, payload.feedback)
    run.refresh_from_db()
    return _detail(run)
