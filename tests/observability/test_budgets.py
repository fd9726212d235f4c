"""Which accounts a call is charged to, what limits they have, and who may change those."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.conf import LazySettings

from observability import budgets
from observability.alerts import raise_for_crossed
from observability.budgets import Payer
from observability.models import Budget, BudgetWindow, Scope
from observability.money import to_nusd
from reqplatform.errors import InvalidInput, NotAllowed, NotFound
from reqplatform.teams.models import Project
from runs.models import Run
from tests.conftest import World
from tests.observability.conftest import Holder
from tests.observability.test_ledger import settle

DOLLAR = to_nusd(Decimal(1))


def budget(world: World, scope: Scope) -> Budget:
    return Budget.objects.get(project=world.project, scope=scope)


def windows(payer: Payer, now: datetime | None = None) -> list[str]:
    found = budgets.windows_of(payer, now)
    rows = BudgetWindow.objects.in_bulk(found)
    return [rows[pk].label for pk in found]


def test_a_new_project_has_a_budget_for_every_scope(db: None) -> None:
    project = Project.objects.create(slug="new", name="New")
    limits = {row.scope: (row.warn_nusd, row.max_nusd) for row in project.budgets.all()}
    assert limits == {
        "run": (DOLLAR, 5 * DOLLAR),
        "group": (None, None),
        "day": (None, None),
        "month": (None, None),
        "total": (None, None),
    }


def test_the_defaults_come_from_the_settings(db: None, settings: LazySettings) -> None:
    settings.COST_BUDGET_WARNING_THRESHOLD = Decimal("0.10")
    settings.COST_BUDGET_MAX = Decimal("0.25")
    project = Project.objects.create(slug="new", name="New")
    row = project.budgets.get(scope=Scope.RUN)
    assert (row.warn_nusd, row.max_nusd) == (100_000_000, 250_000_000)
    budgets.seed(project)
    assert project.budgets.count() == 5


def test_days_and_months_are_those_of_the_projects_time_zone(run: Run) -> None:
    now = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    assert windows(Payer(run.project_id), now)[:2] == ["Day 2026-11-30", "Month 2026-11"]
    Project.objects.filter(pk=run.project_id).update(time_zone="Asia/Tokyo")
    assert windows(Payer(run.project_id), now)[:2] == ["Day 2026-12-01", "Month 2026-12"]


def test_a_window_is_opened_once_and_found_again(run: Run) -> None:
    payer = Payer(run.project_id, run.pk, "nightly")
    first = budgets.windows_of(payer)
    assert budgets.windows_of(payer) == first
    assert windows(payer)[:2] == [f"Run {run.short_id}", "Group nightly"]
    assert BudgetWindow.objects.count() == 5


def test_projects_do_not_share_windows(world: World) -> None:
    ours = budgets.windows_of(Payer(world.project.pk, None, "nightly"))
    theirs = budgets.windows_of(Payer(world.other_project.pk, None, "nightly"))
    assert not set(ours) & set(theirs)


def test_a_window_has_the_limits_of_its_opening(world: World, run: Run) -> None:
    first = BudgetWindow.objects.get(pk=budgets.windows_of(Payer(run.project_id, run.pk))[0])
    assert (first.warn_nusd, first.max_nusd) == (DOLLAR, 5 * DOLLAR)


def test_new_limits_reach_the_windows_that_are_open(world: World, run: Run) -> None:
    old = budgets.windows_of(Payer(run.project_id), datetime(2020, 1, 1, tzinfo=UTC))
    open_now = budgets.windows_of(Payer(run.project_id, run.pk))
    for scope in (Scope.RUN, Scope.DAY, Scope.MONTH, Scope.TOTAL):
        budgets.set_limits(world.owner, budget(world, scope), warn_nusd=1, max_nusd=2)
    limits = BudgetWindow.objects.in_bulk(open_now)
    assert {(row.warn_nusd, row.max_nusd) for row in limits.values()} == {(1, 2)}
    past = BudgetWindow.objects.filter(pk__in=old[:2])  # that day, that month
    assert {(row.warn_nusd, row.max_nusd) for row in past} == {(None, None)}


def test_one_run_can_be_given_more(world: World, run: Run) -> None:
    window = BudgetWindow.objects.get(pk=budgets.windows_of(Payer(run.project_id, run.pk))[0])
    budgets.set_limits(world.owner, window, warn_nusd=None, max_nusd=9)
    window.refresh_from_db()
    assert (window.warn_nusd, window.max_nusd) == (None, 9)
    assert budget(world, Scope.RUN).max_nusd == 5 * DOLLAR


@pytest.mark.parametrize(("warn", "stop"), [(-1, 5), (1, -5), (6, 5)])
def test_limits_that_make_no_sense_are_refused(world: World, warn: int, stop: int) -> None:
    row = budget(world, Scope.RUN)
    with pytest.raises(InvalidInput):
        budgets.set_limits(world.owner, row, warn_nusd=warn, max_nusd=stop)
    row.refresh_from_db()
    assert (row.warn_nusd, row.max_nusd) == (DOLLAR, 5 * DOLLAR)


def test_only_owners_set_limits(world: World) -> None:
    row = budget(world, Scope.RUN)
    for person in (world.editor, world.reviewer, world.viewer):
        with pytest.raises(NotAllowed):
            budgets.set_limits(person, row, warn_nusd=None, max_nusd=None)
    with pytest.raises(NotFound):
        budgets.set_limits(world.stranger, row, warn_nusd=None, max_nusd=None)


def test_a_warning_is_told_once_and_again_when_it_lies_ahead_again(
    world: World, hold: Holder
) -> None:
    row = budget(world, Scope.RUN)
    budgets.set_limits(None, row, warn_nusd=4_000, max_nusd=90_000)
    held = hold()
    settle(held, 3_999)
    assert raise_for_crossed(held.windows, None) == []
    held = hold()
    settle(held, 1)
    [(window, _)] = raise_for_crossed(held.windows, None)
    assert BudgetWindow.objects.get(pk=window).budget_id == row.pk
    assert raise_for_crossed(held.windows, None) == []
    budgets.set_limits(None, row, warn_nusd=5_000, max_nusd=90_000)
    held = hold()
    settle(held, 1_000)
    assert len(raise_for_crossed(held.windows, None)) == 1
