"""A project's budgets and open alerts, as its pages show them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from observability.models import Alert, Budget, BudgetWindow, CallState, LLMCall, Scope
from observability.reports import windows
from observability.reports.forecast import Forecast
from observability.reports.windows import Standing
from observability.shown import MEANING
from reqplatform.teams.models import Project, User
from runs.models import Run, RunStatus
from runs.models.run import WORKING
from runs.reporting.ahead import budgets_of

LISTED = 5
MOST_RUNS = 25  # accounts of runs on one page; the others are found by their runs
GOING_ON = (*WORKING, RunStatus.WAITING_REVIEW, RunStatus.OUT_OF_BUDGET)


@dataclass(frozen=True, slots=True)
class Account:
    """An open account of a budget; `run` is whose it is, if it is a run's."""

    standing: Standing
    forecast: Forecast | None = None
    run: Run | None = None


@dataclass(frozen=True, slots=True)
class BudgetAccounts:
    """A budget with its open accounts; `more` are not listed."""

    budget: Budget
    accounts: list[Account]
    more: int = 0

    @property
    def meaning(self) -> str:
        return MEANING[Scope(self.budget.scope)]


@dataclass(frozen=True, slots=True)
class OpenAlerts:
    """The newest, and how many there are."""

    newest: list[Alert]
    count: int


def all_budgets(user: User, project: Project, now: datetime) -> list[BudgetAccounts]:
    """Every budget, narrowest first, with its accounts of now: those of runs that work, wait or
    were stopped by a budget, of their groups, of today, this month and the project."""
    found: dict[str, list[Account]] = defaultdict(list)
    for one in budgets_of(project, now):
        found[one.standing.scope].append(Account(one.standing, one.forecast))
    runs = Run.objects.for_user(user).filter(project=project, status__in=GOING_ON)
    listed = {str(run.pk): run for run in runs.select_related("subsystem").defer("strategy")}
    for standing in windows.opened(_own(user, project, listed.values())):
        run = listed.get(standing.key) if standing.scope == Scope.RUN else None
        found[standing.scope].append(Account(standing, run=run))
    rows = {row.scope: row for row in Budget.objects.for_user(user).filter(project=project)}
    return [
        BudgetAccounts(rows[scope], found[scope][:MOST_RUNS], max(0, len(found[scope]) - MOST_RUNS))
        for scope in Scope
        if scope in rows
    ]


def _own(user: User, project: Project, runs: Iterable[Run]) -> QuerySet[BudgetWindow]:
    """The accounts of these runs and of the groups that they belong to, the newest first."""
    own = Q(budget__scope=Scope.RUN, key__in=[str(run.pk) for run in runs])
    groups = Q(budget__scope=Scope.GROUP, key__in={run.group for run in runs if run.group})
    rows: QuerySet[BudgetWindow] = BudgetWindow.objects.for_user(user).filter(project=project)
    return rows.filter(own | groups).order_by("-pk")


def unconfirmed_calls(user: User, project: Project) -> list[LLMCall]:
    """The project's calls whose outcome nobody knows and that may have cost something."""
    rows = LLMCall.objects.for_user(user).filter(
        project=project, state=CallState.UNCONFIRMED, held_nusd__gt=0
    )
    rows = rows.defer("prompt", "answer", "raw_usage").select_related("profile")
    return list(rows.order_by("-id")[:100])


def run_budget(user: User, project: Project) -> Budget | None:
    """What each run of the project may spend."""
    rows = Budget.objects.for_user(user).filter(project=project, scope=Scope.RUN)
    found: Budget | None = rows.first()
    return found


def open_alerts(user: User, project: Project) -> OpenAlerts:
    rows = Alert.objects.for_user(user).filter(project=project, acknowledged_at=None)
    newest = list(rows.select_related("run")[: LISTED + 1])
    count = len(newest) if len(newest) <= LISTED else rows.count()
    return OpenAlerts(newest[:LISTED], count)
