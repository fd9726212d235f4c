"""What a report is asked about: a period of whole days, and what its calls or runs have in common.

Every figure of a report carries the question that leads to it (`behind`): the same filter made
narrower. `calls_behind` and `runs_behind` are the rows that it was added up from.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from observability.models import CallState, Grain, LLMCall, Node, PayerCost, RunFigures
from observability.models.rollup import RELEASED
from observability.rollups.spans import moments
from reqplatform.errors import InvalidInput
from reqplatform.teams.models import Project

MOST_DAYS = 3_660
PERIODS = (7, 30, 90)
_YEARS = (1970, 2200)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of a project's time zone, from the first to the last."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if not (_YEARS[0] <= self.first.year and self.last.year <= _YEARS[1]):
            raise InvalidInput(
                f"A report covers days of the years {_YEARS[0]} to {_YEARS[1]}.", field="first"
            )
        if self.last < self.first:
            raise InvalidInput("The period ends before it begins: exchange the days.", field="last")
        if self.days > MOST_DAYS:
            raise InvalidInput(
                f"The period has {self.days:,} days; a report covers {MOST_DAYS:,} at most.",
                field="first",
            )

    @classmethod
    def of_days(cls, days: int, today: date) -> Self:
        """The last so many days, today among them."""
        if not 1 <= days <= MOST_DAYS:
            raise InvalidInput(f"A report covers 1 to {MOST_DAYS:,} days.", field="days")
        return cls(today - timedelta(days=days - 1), today)

    @classmethod
    def of_month(cls, year: int, month: int) -> Self:
        if not _YEARS[0] <= year <= _YEARS[1]:
            raise InvalidInput(
                f"A report covers months of the years {_YEARS[0]} to {_YEARS[1]}.", field="month"
            )
        first = date(year, month, 1)
        return cls(first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1))

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """As many days, right before."""
        last = self.first - timedelta(days=1)
        return _unchecked(last - timedelta(days=self.days - 1), last)

    @property
    def each_day(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(self.days)]

    def bounds(self, time_zone: str) -> tuple[datetime, datetime]:
        """The moments at which it begins and is over."""
        return moments(self.first, self.last, ZoneInfo(time_zone))


def _unchecked(first: date, last: date) -> Period:
    """Also before the years that somebody may ask for."""
    period = object.__new__(Period)
    object.__setattr__(period, "first", first)
    object.__setattr__(period, "last", last)
    return period


def today(project: Project, now: datetime) -> date:
    """The day that it is for a project."""
    return now.astimezone(ZoneInfo(project.time_zone)).date()


class Unset(StrEnum):
    """In the place of an id: of calls that belong to no subsystem or no person."""

    NONE = "none"


Id = int | Unset | None  # None: all


@dataclass(frozen=True, slots=True)
class CostFilter:
    """Calls of a project in a period; None is all. `model` is provider/model, `source` a cost
    source, or `released` for attempts that surely cost nothing."""

    project_id: int
    time_zone: str
    period: Period
    subsystem: Id = None
    person: Id = None
    node: Node | None = None
    model: str | None = None
    source: str | None = None

    def narrowed(self, **values: Any) -> Self:
        return replace(self, **values)

    @property
    def of_calls(self) -> Q:
        """The columns that calls and all sums over them have."""
        found = ids(subsystem=self.subsystem, person=self.person)
        if self.node is not None:
            found &= Q(node=self.node)
        if self.model is not None:
            provider, _, model = self.model.partition("/")
            found &= Q(provider=provider, model=model)
        return found

    @property
    def of_sums(self) -> Q:
        """The same for sums, which tell the source in one column."""
        return self.of_calls & (Q() if self.source is None else Q(source=self.source))

    @property
    def tells_parts_of_runs(self) -> bool:
        """Whether a run may be in it with some of its calls and not with others."""
        return not (self.node is None and self.model is None and self.source is None)


@dataclass(frozen=True, slots=True)
class QualityFilter:
    """Runs of a project that were judged in a period, by their latest result; None is all.
    `skill` is slug@version."""

    project_id: int
    time_zone: str
    period: Period
    subsystem: Id = None
    person: Id = None
    specification: UUID | None = None
    skill: str | None = None
    rule: str | None = None

    def narrowed(self, **values: Any) -> Self:
        return replace(self, **values)

    @property
    def grain(self) -> Grain | None:
        """Of the sums that tell it; None if only the runs themselves do."""
        told = {
            Grain.SUBSYSTEM: self.subsystem,
            Grain.PERSON: self.person,
            Grain.SPECIFICATION: self.specification,
        }
        found = [grain for grain, value in told.items() if value is not None]
        if self.rule is not None or len(found) > 1:
            return None
        return found[0] if found else Grain.ALL


def ids(**values: Id) -> Q:
    """Rows with these ids; all of them where one is None."""
    found = Q()
    for name, value in values.items():
        if value is Unset.NONE:
            found &= Q(**{f"{name}__isnull": True})
        elif value is not None:
            found &= Q(**{name: value})
    return found


def calls_behind(asked: CostFilter) -> "QuerySet[LLMCall]":
    """The calls that a figure of a cost report was added up from, the latest first."""
    begin, end = asked.period.bounds(asked.time_zone)
    rows = LLMCall.objects.filter(
        asked.of_calls, project=asked.project_id, created_at__gte=begin, created_at__lt=end
    )
    if asked.source == RELEASED:
        return rows.filter(state=CallState.RELEASED)
    rows = rows.exclude(state__in=[CallState.RELEASED, CallState.HELD])
    return rows if asked.source is None else rows.filter(cost_source=asked.source)


def runs_behind(asked: QualityFilter) -> "QuerySet[RunFigures]":
    """The judged runs that a figure of a quality report was made from, the latest first."""
    begin, end = asked.period.bounds(asked.time_zone)
    rows = RunFigures.objects.filter(
        ids(subsystem=asked.subsystem, person=asked.person),
        project=asked.project_id,
        judged_at__gte=begin,
        judged_at__lt=end,
    )
    if asked.specification is not None:
        rows = rows.filter(specification=asked.specification)
    if asked.skill is not None:
        rows = rows.filter(has_skill(asked.skill))
    if asked.rule is not None:
        rows = rows.filter(findings_by_rule__has_key=asked.rule)
    return rows.order_by("-judged_at", "-pk")


def has_skill(label: str) -> Q:
    """Rows whose `skills` name this version: labels are separated by spaces."""
    return (
        Q(skills=label)
        | Q(skills__startswith=f"{label} ")
        | Q(skills__endswith=f" {label}")
        | Q(skills__contains=f" {label} ")
    )


def begun_runs(asked: CostFilter) -> "QuerySet[RunFigures]":
    """The runs whose first call was made in the period, and that have calls of the filter; the
    latest first."""
    begin, end = asked.period.bounds(asked.time_zone)
    rows = RunFigures.objects.filter(
        ids(subsystem=asked.subsystem, person=asked.person),
        project=asked.project_id,
        begun_at__gte=begin,
        begun_at__lt=end,
        calls__gt=0,
    )
    if asked.tells_parts_of_runs:
        parts = PayerCost.objects.filter(asked.of_sums, run=OuterRef("pk"), calls__gt=0)
        rows = rows.filter(Exists(parts))
    return rows.order_by("-begun_at", "-pk")


def latest_runs(asked: CostFilter, number: int) -> "QuerySet[RunFigures]":
    """The last so many of `begun_runs`, without a look at all the others."""
    if asked.tells_parts_of_runs:
        last = asked.period.last
        rows = parts_of_runs(asked).order_by("-begun_on")
        days = rows.values_list("begun_on", flat=True).distinct()[:number]
        first = min((day for day in days if day is not None), default=last)
        asked = asked.narrowed(period=Period(first, last))
    return begun_runs(asked)[:number]


def parts_of_runs(asked: CostFilter) -> "QuerySet[PayerCost]":
    """What the runs that began in the period took, where the filter tells parts of them apart."""
    return PayerCost.objects.filter(
        asked.of_sums,
        project=asked.project_id,
        begun_on__range=(asked.period.first, asked.period.last),
        calls__gt=0,
    ).order_by()
