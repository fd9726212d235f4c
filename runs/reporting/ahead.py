"""Where a project's budgets stand now, and when they are reached at the recent rate."""

from dataclasses import dataclass
from datetime import datetime

from observability.reports import windows
from observability.reports.forecast import Forecast, forecast, rates
from observability.reports.windows import Standing
from reqplatform.teams.models import Project


@dataclass(frozen=True, slots=True)
class ProjectBudget:
    standing: Standing
    forecast: Forecast

    @property
    def title(self) -> str:
        return {"day": "Today", "month": "This month", "total": "In total"}[self.standing.scope]


def budgets_of(project: Project, now: datetime) -> list[ProjectBudget]:
    """Today, this month and in total, of a project that the caller may see."""
    rate = rates([project], now).get(project.pk)
    return [
        ProjectBudget(standing, forecast(standing, rate, project.time_zone, now))
        for standing in windows.current(project)
    ]
