"""When spending at the recent rate crosses a budget's warning and its stop.

    rate     = what was spent on the last 14 complete days / how many days these are
    crossing = now + (limit - spent) / rate

Days are those of the project's time zone, as the windows of its days count them. Today is not
complete, and a project that was first charged less than 14 days ago counts from its first day.
Without spending on at least 3 of those days there is no forecast: too little to go by.

Days differ from one another, so a crossing has an interval, of 80 %: what is spent in the next T
days is taken to be about rate x T, with the variance s^2 x (T + T^2 / n), of those days and of the
n days that the rate is from. s is the deviation of these; Student's t has n - 1 degrees of freedom.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from math import sqrt
from statistics import stdev
from zoneinfo import ZoneInfo

from django.db.models import Min
from django.utils.text import capfirst

from observability.models import BudgetWindow, Scope
from observability.reports.windows import Standing
from reqplatform.teams.models import Project

DAYS = 14
LEAST_DAYS = 3
FARTHEST = timedelta(days=3650)  # beyond, a date says nothing


@dataclass(frozen=True, slots=True)
class Rate:
    """What a project spent a day: `spent_nusd` in all of `days` complete days."""

    spent_nusd: int
    days: int
    days_with_spending: int
    deviation_nusd: float = field(default=0.0, compare=False)  # of what was spent a day

    @property
    def nusd_per_day(self) -> float:
        return self.spent_nusd / self.days


class Reach(StrEnum):
    CROSSED = "crossed"
    ON = "on"
    NOT_BEFORE_END = "not_before_end"  # of the day or month, when another window begins
    FAR = "far"  # in more than ten years


@dataclass(frozen=True, slots=True)
class Crossing:
    """When one limit is crossed; `on` is a date in the project's time zone."""

    reach: Reach
    on: date | None = None
    scope: Scope = Scope.TOTAL
    # The interval's ends; None: not within ten years, or not in the window.
    early: date | None = field(default=None, compare=False)
    late: date | None = field(default=None, compare=False)

    @property
    def interval_text(self) -> str:
        """ "between 3 Dec 2026 and 20 Dec 2026", "3 Dec 2026 or later", "" without one."""
        if self.early is None:
            return ""
        early = f"{self.early.day} {self.early:%b %Y}"
        if self.late is None:
            return f"{early} or later"
        late = f"{self.late.day} {self.late:%b %Y}"
        return f"on {early}" if early == late else f"between {early} and {late}"

    def __str__(self) -> str:
        if self.reach == Reach.ON and self.on is not None:
            return f"{self.on.day} {self.on:%b %Y}"
        return {
            Reach.CROSSED: "crossed already",
            Reach.NOT_BEFORE_END: f"not before the {self.scope.value} ends",
            Reach.FAR: "not within ten years",
        }.get(self.reach, "")


@dataclass(frozen=True, slots=True)
class Forecast:
    """None for a limit that is not set, or that there is no forecast for; `why_none` says why there
    is none for limits that are set and not crossed, and is empty where there is one."""

    warn: Crossing | None = None
    stop: Crossing | None = None
    why_none: str = ""
    warns: bool = False  # whether the limit is set
    stops: bool = False

    @property
    def warning_text(self) -> str:
        """When the warning is reached, for a line with that title."""
        return self._text(self.warn, "No warning is set." if not self.warns else "")

    @property
    def stop_text(self) -> str:
        return self._text(self.stop, "No stop is set." if not self.stops else "")

    def _text(self, crossing: Crossing | None, unset: str) -> str:
        if unset:
            return unset
        return capfirst(str(crossing)) if crossing else capfirst(self.why_none)

    @property
    def sentence(self) -> str:
        """What is ahead, in a sentence of its own: of the stop if one is set, else of the warning.

        "" where no limit is set."""
        name, crossing = ("stop", self.stop) if self.stops else ("warning", self.warn)
        if not (self.stops or self.warns):
            return ""
        if crossing is None:
            return f"No forecast: {self.why_none}."
        if crossing.reach == Reach.CROSSED:
            return f"Its {name} has been reached."
        on = "on " if crossing.reach == Reach.ON else ""
        return f"Forecast: reaches its {name} {on}{crossing}."


def rates(projects: Collection[Project], now: datetime) -> dict[int, Rate]:
    """The recent rate of each project that has been charged before today; two queries."""
    rows = BudgetWindow.objects.filter(
        project__in=projects, budget__scope=Scope.DAY, spent_nusd__gt=0
    )
    first = dict(rows.order_by().values_list("project").annotate(first=Min("key")))
    oldest = f"{now.date() - timedelta(days=DAYS + 2):%Y-%m-%d}"
    spent: dict[int, dict[str, int]] = defaultdict(dict)
    for project_id, key, nusd in rows.filter(key__gte=oldest).values_list(
        "project", "key", "spent_nusd"
    ):
        spent[project_id][key] = nusd
    found = {
        project.pk: _rate(project, spent[project.pk], first[project.pk], now)
        for project in projects
        if project.pk in first
    }
    return {project_id: rate for project_id, rate in found.items() if rate is not None}


def _rate(project: Project, spent: Mapping[str, int], first: str, now: datetime) -> Rate | None:
    today = now.astimezone(ZoneInfo(project.time_zone)).date()
    days = [today - timedelta(days=back) for back in range(1, DAYS + 1)]
    counted = [key for day in days if (key := f"{day:%Y-%m-%d}") >= first]
    if not counted:
        return None
    amounts = [spent.get(key, 0) for key in counted]
    deviation = stdev(amounts) if len(amounts) > 1 else 0.0
    return Rate(sum(amounts), len(counted), sum(amount > 0 for amount in amounts), deviation)


def forecast(window: Standing, rate: Rate | None, time_zone: str, now: datetime) -> Forecast:
    """When a window of a day, a month or the project crosses its limits; for runs and groups, and
    for days and months that have passed, there is no forecast."""
    if not window.is_limited:
        return Forecast()
    warns, stops = window.warn_nusd is not None, window.max_nusd is not None
    if window.scope in {Scope.RUN, Scope.GROUP}:
        return Forecast(None, None, "there is none for runs and groups", warns, stops)
    zone = ZoneInfo(time_zone)
    end = _end(window, zone)
    if end is not None and end <= now:
        return Forecast(None, None, f"the {window.scope.value} is over", warns, stops)
    known = rate if rate is not None and rate.days_with_spending >= LEAST_DAYS else None

    def crossing(limit: int | None) -> Crossing | None:
        if limit is None:
            return None
        if window.spent_nusd >= limit:
            return Crossing(Reach.CROSSED)
        if known is None:
            return None
        left = limit - window.spent_nusd
        ahead = _ahead(window.scope, left / known.nusd_per_day, now, end, zone)
        early, late = (
            _date(days, now, end, zone) if days is not None else None
            for days in _interval(left, known)
        )
        return replace(ahead, early=early, late=late)

    why = "" if known else f"spending on fewer than {LEAST_DAYS} days of the last {DAYS}"
    return Forecast(crossing(window.warn_nusd), crossing(window.max_nusd), why, warns, stops)


def _ahead(
    scope: Scope, days: float, now: datetime, end: datetime | None, zone: ZoneInfo
) -> Crossing:
    within = timedelta(days=min(days, FARTHEST.days + 1))
    if end is not None and now + within >= end:
        return Crossing(Reach.NOT_BEFORE_END, scope=scope)
    if within > FARTHEST:
        return Crossing(Reach.FAR)
    return Crossing(Reach.ON, (now + within).astimezone(zone).date())


# Student's t at 90 % by degrees of freedom, as any table has it.
_T_90 = (3.078, 1.886, 1.638, 1.533, 1.476, 1.440, 1.415, 1.397, 1.383, 1.372, 1.363, 1.356, 1.350)


def _interval(left_nusd: int, rate: Rate) -> tuple[float, float | None]:
    """The days after which the 80 % interval of the crossing begins and ends; None: it has no end,
    the rate being too uncertain. They solve (left - rate T)^2 = t^2 s^2 (T + T^2 / n)."""
    mean, n = rate.nusd_per_day, rate.days
    noise = (_T_90[min(n, len(_T_90) + 1) - 2] * rate.deviation_nusd) ** 2
    a, b = mean**2 - noise / n, 2 * left_nusd * mean + noise
    root = sqrt(max(0.0, b * b - 4 * a * left_nusd**2))
    return 2 * left_nusd**2 / (b + root), (b + root) / (2 * a) if a > 0 else None


def _date(days: float, now: datetime, end: datetime | None, zone: ZoneInfo) -> date | None:
    """The date in so many days; None beyond the window's end, or where it says nothing."""
    within = timedelta(days=min(days, FARTHEST.days + 1))
    if within > FARTHEST or (end is not None and now + within >= end):
        return None
    return (now + within).astimezone(zone).date()


def _end(window: Standing, zone: ZoneInfo) -> datetime | None:
    """When the window's day or month is over; None for the project's total."""
    if window.scope == Scope.DAY:
        last = date.fromisoformat(window.key)
    elif window.scope == Scope.MONTH:
        begin = date.fromisoformat(f"{window.key}-01")
        last = (begin + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    else:
        return None
    return datetime.combine(last + timedelta(days=1), time(), tzinfo=zone)
