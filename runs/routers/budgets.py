"""What a project may spend, and the journal of what its runs asked of models."""

from uuid import UUID

from django.utils import timezone
from ninja import Query, Router

from observability.actions.limits import change_limits, change_run_limits
from observability.budgets import Payer
from observability.models import Budget, LLMCall, Scope
from observability.money import to_nusd
from observability.reports import windows
from observability.reports.costs import of_run
from observability.reports.forecast import Forecast
from reqplatform.errors import NotFound
from reqplatform.pagination import Page, PageQuery, paginate
from reqplatform.teams.authentication import SignedRequest
from reqplatform.teams.models import Project
from runs.models import Run
from runs.reporting.ahead import budgets_of
from runs.routers.budget_schemas import BudgetList, BudgetOut, CallOut, LimitsIn, WindowOut
from runs.routers.lookups import find_project, find_run

router = Router(tags=["Budgets"])


@router.get(
    "/projects/{slug:slug}/budgets", response=BudgetList, summary="Show a project's budgets"
)
def list_budgets(request: SignedRequest, slug: str) -> BudgetList:
    """The limits of each scope, and where today, this month and the project stand."""
    return _budgets(request, find_project(request, slug))


@router.patch(
    "/projects/{slug:slug}/budgets/{scope}", response=BudgetList, summary="Set a budget's limits"
)
def patch_budget(request: SignedRequest, slug: str, scope: str, payload: LimitsIn) -> BudgetList:
    """Owners only. `scope` is run, group, day, month or total. Holds at once, for runs that are not
    over, groups, today, this month and the total, but for those with limits of their own."""
    project = find_project(request, slug)
    row = Budget.objects.for_user(request.auth).filter(project=project, scope=scope).first()
    if row is None:
        raise NotFound(f"There is no such budget. The scopes are {', '.join(Scope.values)}.")
    change_limits(request.auth, row, **_limits(payload))
    return _budgets(request, project)


def _limits(payload: LimitsIn) -> dict[str, int | None]:
    return {
        "warn_nusd": None if payload.warn is None else to_nusd(payload.warn),
        "max_nusd": None if payload.stop is None else to_nusd(payload.stop),
    }


def _budgets(request: SignedRequest, project: Project) -> BudgetList:
    current = {
        one.standing.scope: WindowOut.of(one.standing, one.forecast)
        for one in budgets_of(project, timezone.now())
    }
    rows = {row.scope: row for row in Budget.objects.for_user(request.auth).filter(project=project)}
    items = [BudgetOut.of(rows[scope], current.get(scope)) for scope in Scope if scope in rows]
    return BudgetList(items=items, time_zone=project.time_zone)


@router.get("/runs/{uuid:run_id}/budget", response=WindowOut, summary="Show the account of a run")
def get_run_budget(request: SignedRequest, run_id: UUID) -> WindowOut:
    """What the run alone may spend. Its group's, day's and month's accounts limit it as well."""
    return _account(find_run(request, run_id))


@router.patch("/runs/{uuid:run_id}/budget", response=WindowOut, summary="Set the limits of one run")
def patch_run_budget(request: SignedRequest, run_id: UUID, payload: LimitsIn) -> WindowOut:
    """Owners only. For this run alone: the project's budget stays as it is, and a change of it
    leaves these limits. A run that they had stopped goes on when it is resumed."""
    run = find_run(request, run_id)
    change_run_limits(request.auth, run.project, run.pk, **_limits(payload))
    return _account(run)


def _account(run: Run) -> WindowOut:
    """The run's own account, also where nothing was charged to it yet."""
    payer = Payer(run.project_id, run.pk)
    own = next(one for one in windows.current(run.project, payer) if one.scope == Scope.RUN)
    return WindowOut.of(own, Forecast())


@router.get("/runs/{uuid:run_id}/calls", response=Page[CallOut], summary="List the calls of a run")
def list_calls(request: SignedRequest, run_id: UUID, page: Query[PageQuery]) -> Page[CallOut]:
    """The journal of what was asked of models, with the extraction that the run uses, in order."""
    run = find_run(request, run_id)
    rows = LLMCall.objects.for_user(request.auth).filter(of_run(run.pk, run.extraction_id))
    rows = rows.defer("prompt", "answer", "raw_usage", "price")
    found, following = paginate(rows, ["id"], page, scope=f"calls:{run.pk}:{run.extraction_id}")
    return Page[CallOut](items=[CallOut.of(row) for row in found], next=following)
