"""Budgets and their windows: which accounts a call is charged to, and what may be spent in each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from observability.models import SCOPES, Budget, BudgetWindow, Scope
from observability.money import MOST_NUSD, format_usd, to_nusd
from reqplatform.errors import InvalidInput, NotFound
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.permissions import require


@dataclass(frozen=True, slots=True)
class Payer:
    """Whose accounts a call is charged to. Without a run or group, those have no part in it.

    `time_zone` is the project's; it is looked up where it is not given.
    """

    project_id: int
    run_id: UUID | None = None
    group: str = ""
    time_zone: str = ""


def seed(project: Project) -> None:
    """Give a project a budget for every scope that it has none for. Idempotent.

    Each run gets the defaults of the settings; the other scopes begin without a limit, and are
    counted from the first call on all the same, so that a limit can be set at any time.
    """
    run_limits = {
        "warn_nusd": to_nusd(settings.COST_BUDGET_WARNING_THRESHOLD),
        "max_nusd": to_nusd(settings.COST_BUDGET_MAX),
    }
    for scope in SCOPES:
        Budget.objects.get_or_create(
            project=project, scope=scope, defaults=run_limits if scope == Scope.RUN else {}
        )


def keys_of(payer: Payer, time_zone: str, now: datetime) -> dict[Scope, str]:
    """The key of each window that a call made `now` is charged to, narrowest first.

    Days and months are the project's own: those of its time zone.
    """
    here = now.astimezone(ZoneInfo(time_zone))
    keys = {
        Scope.RUN: str(payer.run_id) if payer.run_id else "",
        Scope.GROUP: payer.group,
        Scope.DAY: f"{here:%Y-%m-%d}",
        Scope.MONTH: f"{here:%Y-%m}",
        Scope.TOTAL: "total",
    }
    return {scope: key for scope, key in keys.items() if key}


def windows_of(payer: Payer, now: datetime | None = None) -> list[int]:
    """The ids of the windows that a call of `payer` is charged to, opened where they are missing.

    In the fixed order in which all transactions lock them: narrowest first.
    """
    time_zone = payer.time_zone or _time_zone_of(payer.project_id)
    keys = keys_of(payer, time_zone, now or timezone.now())
    rows = BudgetWindow.objects.filter(project_id=payer.project_id, key__in=keys.values())
    there = {(scope, key): pk for scope, key, pk in rows.values_list("budget__scope", "key", "pk")}
    found = [
        there.get((scope, key)) or _open(payer.project_id, scope, key)
        for scope, key in keys.items()
    ]
    return [pk for pk in found if pk is not None]


def window_of_run(project_id: int, run_id: UUID) -> BudgetWindow:
    """The run's own account, opened if nothing was charged to it yet."""
    opened = _open(project_id, Scope.RUN, str(run_id))
    if opened is None:
        raise NotFound("The project has no budget for its runs.")
    return BudgetWindow.objects.select_related("budget", "project").get(pk=opened)


def window_of_group(project_id: int, group: str) -> BudgetWindow:
    """The account that the runs of a group share, opened if nothing was charged to it yet; also
    where the project had no budget for its groups."""
    Budget.objects.get_or_create(project_id=project_id, scope=Scope.GROUP)
    opened = _open(project_id, Scope.GROUP, group)
    assert opened is not None
    return BudgetWindow.objects.select_related("budget", "project").get(pk=opened)


def _time_zone_of(project_id: int) -> str:
    return str(Project.objects.values_list("time_zone", flat=True).get(pk=project_id))


def _open(project_id: int, scope: Scope, key: str) -> int | None:
    """The window, opened with its budget's limits. None if the project has no such budget."""
    with transaction.atomic():
        # Locked, so that limits that are just being changed reach the new window as well.
        budgets = Budget.objects.select_for_update().filter(project_id=project_id, scope=scope)
        budget = budgets.first()
        if budget is None:
            return None
        window, _ = BudgetWindow.objects.get_or_create(
            budget=budget,
            key=key,
            defaults={
                "project_id": project_id,
                "warn_nusd": budget.warn_nusd,
                "max_nusd": budget.max_nusd,
            },
        )
    return int(window.pk)


def crossed(windows: Q) -> list[BudgetWindow]:
    """Those of these windows whose warning was crossed and is not told yet."""
    rows = BudgetWindow.objects.filter(windows, warned_at=None, spent_nusd__gte=F("warn_nusd"))
    return list(rows.select_related("budget").order_by("pk"))


def mark_warned(window_id: int) -> bool:
    """Say that a window's warning is told, in the transaction that tells it. False if it was."""
    rows = BudgetWindow.objects.filter(pk=window_id, warned_at=None)
    return bool(rows.update(warned_at=timezone.now()))


_unfinished: list[Callable[[Iterable[int]], Iterable[UUID]]] = []


def register_unfinished_runs(find: Callable[[Iterable[int]], Iterable[UUID]]) -> None:
    """Say how to find the runs of some projects that may still ask models: the room above knows."""
    _unfinished[:] = [find]


def unfinished_runs(projects: Iterable[int]) -> list[str]:
    """The keys of these projects' runs that may still ask models: that work, wait or can resume."""
    return [str(pk) for find in _unfinished for pk in find(projects)]


def set_limits(
    user: User | None, row: Budget | BudgetWindow, *, warn_nusd: int | None, max_nusd: int | None
) -> None:
    """Set where a budget, or one of its windows alone, warns and stops. Owners only.

    A budget's new limits hold for its windows that are still open (unfinished runs, groups, today,
    this month, the total), but for those that were given limits of their own. Runs that are over,
    days and months that have passed keep the limits they had. A window follows its budget again
    once it is given the budget's limits; the project's total is one with its budget. A stop below
    what is spent already refuses every further call. Raises InvalidInput for limits that make no
    sense.
    """
    require(user, row.project, Role.OWNER)
    _check(warn_nusd, max_nusd)
    limits = {"warn_nusd": warn_nusd, "max_nusd": max_nusd}
    with transaction.atomic():
        if isinstance(row, Budget) or row.scope == Scope.TOTAL:
            budget = row if isinstance(row, Budget) else row.budget
            Budget.objects.filter(pk=budget.pk).update(**limits)
            windows, alone = BudgetWindow.objects.filter(_follow(budget)), False
        else:
            windows = BudgetWindow.objects.filter(pk=row.pk)
            alone = not Budget.objects.filter(pk=row.budget_id, **limits).exists()
        # In the order of their ids, like every transaction that locks several windows of a scope.
        list(windows.order_by("pk").select_for_update().values_list("pk", flat=True))
        windows.update(**limits, set_alone=alone)
        # A warning that lies ahead again will be given again.
        windows.filter(
            Q(warn_nusd__isnull=True) | Q(spent_nusd__lt=F("warn_nusd")), warned_at__isnull=False
        ).update(warned_at=None)
    row.warn_nusd, row.max_nusd = warn_nusd, max_nusd


def _check(warn_nusd: int | None, max_nusd: int | None) -> None:
    for name, amount in (("warn", warn_nusd), ("stop", max_nusd)):
        if amount is not None and not 0 <= amount <= MOST_NUSD:
            raise InvalidInput(
                f"A limit is {format_usd(0)} to {format_usd(MOST_NUSD)}; leave it empty for no "
                "limit.",
                field=name,
            )
    if warn_nusd is not None and max_nusd is not None and warn_nusd > max_nusd:
        raise InvalidInput(
            "The warning must come before the stop: make it the lower of the two.",
            field="warn",
        )


def _follow(budget: Budget) -> Q:
    """The open windows that a change of the budget's limits is for."""
    scope = Scope(budget.scope)
    every = Q(budget=budget)
    if scope == Scope.TOTAL:
        return every
    if scope == Scope.RUN:
        every &= Q(key__in=unfinished_runs([budget.project_id]))
    elif scope != Scope.GROUP:
        keys = keys_of(Payer(budget.project_id), budget.project.time_zone, timezone.now())
        every &= Q(key=keys[scope])
    return every & Q(set_alone=False)
