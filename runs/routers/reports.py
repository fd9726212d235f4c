"""What was spent, how good results are, and how subsystems compare: the figures of the pages."""

from uuid import UUID

from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from observability.models import RunFigures
from observability.reports.comparison import compare_routes, compare_runs, comparison
from observability.reports.cost import cost
from observability.reports.energy import energy
from observability.reports.quality import quality
from reqplatform.teams.authentication import SignedRequest
from runs.reporting.ahead import budgets_of
from runs.reporting.asking import Words, cost_filter, quality_filter
from runs.reporting.names import Names
from runs.routers.energy_schemas import EnergyReportOut
from runs.routers.lookups import find_project
from runs.routers.quality_schemas import ComparisonOut, QualityReportOut, RouteOut, RunColumnOut
from runs.routers.report_asked import CostIn, QualityIn
from runs.routers.report_schemas import CostReportOut
from runs.routers.schemas import Input

router = Router(tags=["Reports"])


@router.get(
    "/projects/{slug:slug}/reports/cost", response=CostReportOut, summary="What a project spent"
)
def get_cost_report(request: SignedRequest, slug: str, asked: Query[CostIn]) -> CostReportOut:
    """Totals, parts and days of a period, what runs cost, and when budgets are reached. Days are
    the project's."""
    project, now = find_project(request, slug), timezone.now()
    report = cost(cost_filter(project, Words(**asked.model_dump()), now))
    return CostReportOut.of(report, Names.of(project), budgets_of(project, now))


@router.get(
    "/projects/{slug:slug}/reports/quality",
    response=QualityReportOut,
    summary="How good a project's results are",
)
def get_quality_report(
    request: SignedRequest, slug: str, asked: Query[QualityIn]
) -> QualityReportOut:
    """Scores, pass rate and findings of the runs that were judged in a period."""
    project = find_project(request, slug)
    report = quality(quality_filter(project, Words(**asked.model_dump()), timezone.now()))
    return QualityReportOut.of(report, Names.of(project))


@router.get(
    "/projects/{slug:slug}/reports/subsystems",
    response=ComparisonOut,
    summary="Compare a project's subsystems",
)
def get_subsystem_report(
    request: SignedRequest, slug: str, asked: Query[QualityIn]
) -> ComparisonOut:
    """Scores with their spread, pass rates with their intervals, and what requirements cost."""
    project = find_project(request, slug)
    report = comparison(quality_filter(project, Words(**asked.model_dump()), timezone.now()))
    return ComparisonOut.of(report, Names.of(project))


@router.get(
    "/projects/{slug:slug}/reports/energy",
    response=EnergyReportOut,
    summary="What answering took in energy",
)
def get_energy_report(request: SignedRequest, slug: str, asked: Query[CostIn]) -> EnergyReportOut:
    """EcoLogits' estimates, by model, agent and subsystem. Calls of models that it does not know
    count as unknown, not as nothing."""
    project = find_project(request, slug)
    report = energy(cost_filter(project, Words(**asked.model_dump()), timezone.now()))
    return EnergyReportOut.of(report, Names.of(project))


@router.get(
    "/projects/{slug:slug}/reports/models",
    response=list[RouteOut],
    summary="Compare models on the same revision",
)
def get_model_report(request: SignedRequest, slug: str, asked: Query[QualityIn]) -> list[RouteOut]:
    """Revisions that more than one set of models worked on, each with all of these."""
    project = find_project(request, slug)
    found = compare_routes(quality_filter(project, Words(**asked.model_dump()), timezone.now()))
    return [RouteOut.of(one) for one in found]


class RunsIn(Input):
    run: list[UUID] = Field(min_length=1, max_length=20, description="Repeat it for each run.")


@router.get(
    "/projects/{slug:slug}/reports/runs",
    response=list[RunColumnOut],
    summary="Put runs beside one another",
)
def get_run_comparison(
    request: SignedRequest, slug: str, asked: Query[RunsIn]
) -> list[RunColumnOut]:
    """In the order asked for; runs that have made no call yet, or are not in the project, are left
    out."""
    project = find_project(request, slug)
    rows = RunFigures.objects.for_user(request.auth).filter(project=project)
    names = Names.of(project)
    return [RunColumnOut.of(one, names) for one in compare_runs(rows, asked.run)]
