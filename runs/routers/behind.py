"""What is behind the figures of reports: calls, the runs that made them, and the judged runs."""

from django.utils import timezone
from ninja import Query, Router

from observability.reports.asked import begun_runs, calls_behind, runs_behind
from reqplatform.pagination import Page, PageQuery, paginate
from reqplatform.teams.authentication import SignedRequest
from runs.reporting.asking import Words, cost_filter, quality_filter
from runs.reporting.names import Names
from runs.routers.behind_schemas import BegunRunOut, CountedCallOut, JudgedOut
from runs.routers.lookups import find_project
from runs.routers.report_asked import CostIn, QualityIn

router = Router(tags=["Reports"])

UNREAD = ("prompt", "answer", "raw_usage", "price")


@router.get(
    "/projects/{slug:slug}/reports/cost/calls",
    response=Page[CountedCallOut],
    summary="List the calls behind a figure of the cost report",
)
def list_counted_calls(
    request: SignedRequest, slug: str, asked: Query[CostIn], page: Query[PageQuery]
) -> Page[CountedCallOut]:
    """Those that the report adds up for the same words, the latest first. A call that is being made
    is not in it yet."""
    project = find_project(request, slug)
    question = cost_filter(project, Words(**asked.model_dump()), timezone.now())
    rows = calls_behind(question).defer(*UNREAD)
    found, following = paginate(rows, ["-created_at", "-id"], page, scope=f"calls:{question}")
    names = Names.of(project)
    items = [CountedCallOut.counted(row, names) for row in found]
    return Page[CountedCallOut](items=items, next=following)


@router.get(
    "/projects/{slug:slug}/reports/cost/runs",
    response=Page[BegunRunOut],
    summary="List the runs behind what a run costs",
)
def list_begun_runs(
    request: SignedRequest, slug: str, asked: Query[CostIn], page: Query[PageQuery]
) -> Page[BegunRunOut]:
    """Runs whose first call was made in the period, each with all that it ever cost; the latest
    first."""
    project = find_project(request, slug)
    question = cost_filter(project, Words(**asked.model_dump()), timezone.now())
    by = ["-begun_at", "-run_id"]
    found, following = paginate(begun_runs(question), by, page, scope=f"begun:{question}")
    names = Names.of(project)
    return Page[BegunRunOut](items=[BegunRunOut.of(row, names) for row in found], next=following)


@router.get(
    "/projects/{slug:slug}/reports/quality/runs",
    response=Page[JudgedOut],
    summary="List the judged runs behind a figure of the quality report",
)
def list_judged_runs(
    request: SignedRequest, slug: str, asked: Query[QualityIn], page: Query[PageQuery]
) -> Page[JudgedOut]:
    """Those that the report is made from for the same words, the latest first."""
    project = find_project(request, slug)
    question = quality_filter(project, Words(**asked.model_dump()), timezone.now())
    by = ["-judged_at", "-run_id"]
    found, following = paginate(runs_behind(question), by, page, scope=f"judged:{question}")
    names = Names.of(project)
    return Page[JudgedOut](items=[JudgedOut.of(row, names) for row in found], next=following)
