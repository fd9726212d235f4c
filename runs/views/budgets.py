"""A project's budgets and open alerts, as its page shows them."""

from dataclasses import dataclass
from datetime import datetime

from observability.models import Alert
from observability.reports import windows
from observability.reports.forecast import Forecast, forecast, rates
from observability.reports.windows import Standing
from reqplatform.teams.models import Project, User

LISTED = 5


@dataclass(frozen=True, slots=True)
class ProjectBudget:
    standing: Standing
    forecast: Forecast

    @property
    def title(self) -> str:
        return {"day": "Today", "month": "This month", "total": "In total"}[self.standing.scope]


@dataclass(frozen=True, slots=True)
class OpenAlerts:
    """The newest, and how many there are."""

    newest: list[Alert]
    count: int


def budgets_of(project: Project, now: datetime) -> list[ProjectBudget]:
    """Today, this month and in total, of a project that the caller may see."""
    rate = rates([project], now).get(project.pk)
    return [
        ProjectBudget(standing, forecast(standing, rate, project.time_zone, now))
        for standing in windows.current(project)
    ]


def open_alerts(user: User, project: Project) -> OpenAlerts:
    rows = Alert.objects.for_user(user).filter(project=project, acknowledged_at=None)
    newest = list(rows.select_related("run")[: LISTED + 1])
    count = len(newest) if len(newest) <= LISTED else rows.count()
    return OpenAlerts(newest[:LISTED], count)
