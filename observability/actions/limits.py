"""Raising and lowering limits, and what that answers."""

from django.db.models import QuerySet

from observability import alerts
from observability.budgets import set_limits
from observability.models import Alert, AlertCause, Budget, BudgetWindow
from observability.reports.windows import stop_subject
from reqplatform.teams.models import User


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
    for alert in _open_stops(row).filter(subject__in=map(stop_subject, raised)):
        alerts.acknowledge(user, alert)


def _stopped_windows(row: Budget | BudgetWindow) -> dict[int, int | None]:
    """The windows that the limits may reach and that stopped a run: id -> the stop they had."""
    rows = BudgetWindow.objects.filter(project=row.project_id)
    rows = rows.filter(budget=row) if isinstance(row, Budget) else rows.filter(pk=row.pk)
    subjects = set(_open_stops(row).values_list("subject", flat=True))
    if not subjects:
        return {}
    return {
        pk: stop for pk, stop in rows.values_list("pk", "max_nusd") if stop_subject(pk) in subjects
    }


def _open_stops(row: Budget | BudgetWindow) -> QuerySet[Alert]:
    return Alert.objects.filter(
        project=row.project_id, cause=AlertCause.BUDGET_STOP, acknowledged_at=None
    )
