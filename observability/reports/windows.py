"""Where budget windows stand: what may still be spent in them, and whether they bear it out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from observability.alerts import window_subject
from observability.budgets import Payer, keys_of
from observability.ledger import Charge, charge
from observability.models import (
    Alert,
    AlertCause,
    Budget,
    BudgetWindow,
    CallState,
    CostSource,
    LLMCall,
    Scope,
)
from observability.models.budget import window_label
from reqplatform.teams.models import Project


class Mark(StrEnum):
    """How far a window has been used up."""

    FREE = "free"  # below its warning
    WARNED = "warned"  # past its warning
    STOPPED = "stopped"  # at its stop, or it refused a call and nobody has answered that yet

    @property
    def words(self) -> str:
        return {"free": "In order", "warned": "Past its warning", "stopped": "Stopped"}[self.value]


@dataclass(frozen=True, slots=True)
class Standing:
    """A window as people see it. Nano-USD; None for a limit or for what is left is "no limit"."""

    scope: Scope
    key: str
    window_id: int | None  # None: nothing was charged to it yet
    warn_nusd: int | None
    max_nusd: int | None
    spent_nusd: int
    held_nusd: int
    unconfirmed_nusd: int
    left_nusd: int | None
    warned_at: datetime | None
    mark: Mark
    set_alone: bool = False  # it has limits of its own, and does not follow its budget

    @property
    def label(self) -> str:
        return window_label(self.scope, self.key)

    @property
    def is_limited(self) -> bool:
        return self.warn_nusd is not None or self.max_nusd is not None

    @property
    def spent_share(self) -> float:
        """Of what may be spent, 0 to 1."""
        return self._share(self.spent_nusd)

    @property
    def used_share(self) -> float:
        """Spent and held together, of what may be spent, 0 to 1."""
        return self._share(self.spent_nusd + self.held_nusd)

    @property
    def warn_share(self) -> float:
        return self._share(self.warn_nusd or 0)

    @property
    def used_text(self) -> str:
        """ "34.5 %", rounded down but for what is not zero: only a full account reads 100 %, and
        one that was overspent reads more."""
        used = self.spent_nusd + self.held_nusd
        tenths = used * 1000 // self.max_nusd if self.max_nusd else int(self.used_share * 1000)
        return "<0.1 %" if used and not tenths else f"{tenths / 10:.1f} %"

    def _share(self, nusd: int) -> float:
        if not self.max_nusd:
            return 1.0 if self.max_nusd == 0 else 0.0
        return min(1.0, nusd / self.max_nusd)


def standing_of(window: BudgetWindow, refused: Collection[int] = ()) -> Standing:
    """Where a window stands. `refused`: ids of windows that stopped a run, see `refusing`.

    Needs `budget` loaded.
    """
    return Standing(
        scope=window.scope,
        key=window.key,
        window_id=window.pk,
        warn_nusd=window.warn_nusd,
        max_nusd=window.max_nusd,
        spent_nusd=window.spent_nusd,
        held_nusd=window.held_nusd,
        unconfirmed_nusd=window.unconfirmed_nusd,
        left_nusd=window.left_nusd,
        warned_at=window.warned_at,
        mark=_mark(window.warn_nusd, window.max_nusd, window.spent_nusd, window.pk in refused),
        set_alone=window.set_alone,
    )


def _unopened(budget: Budget, key: str) -> Standing:
    """The window as it will be opened by the first call that is charged to it."""
    return Standing(
        scope=Scope(budget.scope),
        key=key,
        window_id=None,
        warn_nusd=budget.warn_nusd,
        max_nusd=budget.max_nusd,
        spent_nusd=0,
        held_nusd=0,
        unconfirmed_nusd=0,
        left_nusd=budget.max_nusd,
        warned_at=None,
        mark=_mark(budget.warn_nusd, budget.max_nusd, 0, False),
    )


def _mark(warn: int | None, most: int | None, spent: int, refused: bool) -> Mark:
    if refused or (most is not None and spent >= most):
        return Mark.STOPPED
    return Mark.WARNED if warn is not None and spent >= warn else Mark.FREE


def refusing(windows: Iterable[int]) -> set[int]:
    """Those of these windows that stopped a run, as an alert says that nobody has answered yet."""
    subjects = {window_subject(pk): pk for pk in windows}
    open_stops = Alert.objects.filter(
        cause=AlertCause.BUDGET_STOP, acknowledged_at=None, subject__in=subjects
    )
    return {subjects[subject] for subject in open_stops.values_list("subject", flat=True)}


def refusing_of(user: Any) -> set[int]:
    """All windows of a person's projects that stopped a run, as open alerts say."""
    rows = Alert.objects.for_user(user).filter(cause=AlertCause.BUDGET_STOP, acknowledged_at=None)
    subjects = rows.values_list("subject", flat=True)
    return {int(subject.removeprefix(window_subject(""))) for subject in subjects}


def current(project: Project, payer: Payer | None = None) -> list[Standing]:
    """The windows that a call made now would be charged to, narrowest first, also where nothing
    has been charged to one yet. Without a payer: those of the day, the month and the project."""
    keys = keys_of(payer or Payer(project.pk), project.time_zone, timezone.now())
    budgets = {row.scope: row for row in Budget.objects.filter(project=project)}
    rows = BudgetWindow.objects.filter(project=project, key__in=keys.values())
    there = {(row.budget.scope, row.key): row for row in rows.select_related("budget")}
    refused = refusing(row.pk for row in there.values())
    return [
        standing_of(window, refused) if window else _unopened(budgets[scope], key)
        for scope, key in keys.items()
        if (window := there.get((scope, key))) or scope in budgets
    ]


def opened(rows: QuerySet[BudgetWindow]) -> list[Standing]:
    """Where these windows stand, in their order."""
    found = list(rows.select_related("budget"))
    refused = refusing(row.pk for row in found)
    return [standing_of(row, refused) for row in found]


def charged_for(run: UUID) -> list[Standing]:
    """The windows that a run's own calls were charged to, narrowest first."""
    rows = BudgetWindow.objects.filter(holds__call__run=run)
    return opened(rows.distinct().order_by("budget_id", "key"))


def window_of(project: int, window_id: int) -> Standing | None:
    """One window of a project, also of a day that has passed."""
    return next(iter(opened(BudgetWindow.objects.filter(project=project, pk=window_id))), None)


def current_of(projects: Collection[Project]) -> dict[tuple[int, str], Standing]:
    """By project and scope: the opened windows of today, this month and the total."""
    now = timezone.now()
    wanted = Q(pk__in=[])
    for project in projects:
        keys = keys_of(Payer(project.pk), project.time_zone, now)
        wanted |= Q(project=project, key__in=keys.values())
    rows = BudgetWindow.objects.filter(
        wanted, budget__scope__in=[Scope.DAY, Scope.MONTH, Scope.TOTAL]
    )
    found = list(rows.select_related("budget"))
    refused = refusing(row.pk for row in found)
    return {(row.project_id, row.budget.scope): standing_of(row, refused) for row in found}


# What is behind a window


@dataclass(frozen=True, slots=True)
class Line:
    """The calls of a window that are in one state and have one source; nano-USD."""

    state: CallState
    source: str
    calls: int
    charge: Charge

    @property
    def source_label(self) -> str:
        return CostSource(self.source).label if self.source else "Not known yet"


@dataclass(frozen=True, slots=True)
class Sums:
    """What the calls of a window add up to, beside what its columns say."""

    lines: tuple[Line, ...]
    total: Charge
    columns: Charge

    @property
    def drift(self) -> Charge | None:
        """Columns minus calls, where they are not the same. It should never be there."""
        if self.total == self.columns:
            return None
        pairs = zip(self.columns, self.total, strict=True)
        return Charge(*(column - calls for column, calls in pairs))


def sums_of(window_id: int) -> Sums:
    """Add up the calls that are charged to a window.

    Money may be moving meanwhile: sums are compared with columns that were the same before and
    after, if three attempts find a moment of peace.
    """
    for _ in range(3):
        before = _columns(window_id)
        lines = _lines(window_id)
        columns = _columns(window_id)
        if before == columns:
            break
    nothing = Charge(0, 0, 0)
    total = Charge(*map(sum, zip(nothing, *(line.charge for line in lines), strict=True)))
    return Sums(lines, total, columns)


def _columns(window_id: int) -> Charge:
    names = ("held_nusd", "spent_nusd", "unconfirmed_nusd")
    return Charge(*BudgetWindow.objects.values_list(*names).get(pk=window_id))


def _lines(window_id: int) -> tuple[Line, ...]:
    groups = (
        LLMCall.objects.filter(holds__window=window_id)
        .order_by("state", "cost_source")
        .values("state", "cost_source")
        .annotate(
            calls=Count("pk"),
            hold_sum=Sum("held_nusd"),
            cost_sum=Coalesce(Sum("cost_nusd"), 0),
        )
    )
    return tuple(
        Line(
            state=(state := CallState(row["state"])),
            source=row["cost_source"],
            calls=row["calls"],
            charge=charge(state, row["hold_sum"], row["cost_sum"]),
        )
        for row in groups
    )
