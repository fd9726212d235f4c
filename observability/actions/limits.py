"""Raising and lowering limits, and what that answers."""

from uuid import UUID

from django.db.models import QuerySet

from observability import alerts
from observability.budgets import set_limits, window_of_group, window_of_run
from observability.models import Alert, AlertCause, Budget, BudgetWindow
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.permissions import require


def change_limits(
    user: User | None, row: Budget | BudgetWindow, *, warn_nusd: int | None, max_nusd: int | None
) -> None:
    """Set the limits of a budget or of one window, as `budgets.set_limits`, which decides who may.

    A window whose stop was raised has answered its alert that it stopped a run: it is acknowledged.
    """
    before = _stopped_windows(row)
    set_limits(user, row, warn_nusd=warn_nusd, max_nusd=max_nusd)
    rows = BudgetWindow.objects.filter(pk__in=before).values_list("pk", "max_nusd")
    raised = [pk for pk, stop in rows if stop is None or stop > (before[pk] or 0)]
    for alert in _open_stops(row).filter(subject__in=map(alerts.window_subject, raised)):
        alerts.acknowledge(user, alert)


def change_run_limits(
    user: User | None,
    project: Project,
    run_id: UUID,
    *,
    warn_nusd: int | None,
    max_nusd: int | None,
) -> BudgetWindow:
    """The same for the account of one run, opened if nothing was charged to it yet."""
    require(user, project, Role.OWNER)  # before anything is opened
    window = window_of_run(project.pk, run_id)
    change_limits(user, window, warn_nusd=warn_nusd, max_nusd=max_nusd)
    return window


def limit_group(user: User | None, project: Project, group: str, max_nusd: int) -> BudgetWindow:
    """Give the account of one group a stop of its own, whatever the budget for groups says. A
    warning of that budget stays if it comes before the stop. Owners only."""
    require(user, project, Role.OWNER)  # before anything is opened
    window = window_of_group(project.pk, group)
    warn = window.warn_nusd
    warn = warn if warn is not None and warn <= max_nusd else None
    change_limits(user, window, warn_nusd=warn, max_nusd=max_nusd)
    return window


def _stopped_windows(row: Budget | BudgetWindow) -> dict[int, int | None]:
    """The windows that the limits may reach and that stopped a run: id -> the stop they had."""
    rows = BudgetWindow.objects.filter(project=row.project_id)
    rows = rows.filter(budget=row) if isinstance(row, Budget) else rows.filter(pk=row.pk)
    subjects = set(_open_stops(row).values_list("subject", flat=True))
    if not subjects:
        return {}
    return {
        pk: stop
        for pk, stop in rows.values_list("pk", "max_nusd")
        if alerts.window_subject(pk) in subjects
    }


def _open_stops(row: Budget | BudgetWindow) -> QuerySet[Alert]:
    return Alert.objects.filter(
        project=row.project_id, cause=AlertCause.BUDGET_STOP, acknowledged_at=None
    )
