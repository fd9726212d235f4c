"""Where windows stand, and whether their calls bear it out."""

from collections.abc import Callable
from typing import Any

import pytest

from observability import alerts
from observability.budgets import Payer, set_limits, windows_of
from observability.ledger import Charge
from observability.models import AlertCause, Budget, BudgetWindow, CallState, Scope
from observability.reports.windows import (
    Mark,
    Standing,
    current,
    current_of,
    refusing,
    standing_of,
    sums_of,
)
from runs.models import Run
from tests import money
from tests.conftest import World
from tests.money import CENT, DOLLAR


def window_of(run: Run, scope: Scope = Scope.RUN) -> BudgetWindow:
    rows = BudgetWindow.objects.select_related("budget", "project")
    found = rows.filter(pk__in=windows_of(Payer(run.project_id, run.pk, run.group)))
    return found.get(budget__scope=scope)


@pytest.mark.parametrize(
    ("spent", "mark"),
    [(0, Mark.FREE), (DOLLAR - 1, Mark.FREE), (DOLLAR, Mark.WARNED), (5 * DOLLAR, Mark.STOPPED)],
)
def test_marks(run: Run, spent: int, mark: Mark) -> None:
    window = window_of(run)
    BudgetWindow.objects.filter(pk=window.pk).update(spent_nusd=spent)
    window.refresh_from_db()
    assert standing_of(window).mark == mark


def test_a_window_without_limits_is_in_order(run: Run) -> None:
    money.paid_call(run, DOLLAR, held_nusd=DOLLAR)
    row = standing_of(window_of(run, Scope.TOTAL))
    assert (row.mark, row.left_nusd, row.is_limited) == (Mark.FREE, None, False)


def test_nothing_may_be_spent_where_the_stop_is_zero(run: Run) -> None:
    set_limits(None, window_of(run), warn_nusd=None, max_nusd=0)
    row = standing_of(window_of(run))
    assert (row.mark, row.used_share, row.left_nusd) == (Mark.STOPPED, 1.0, 0)


def test_what_refused_a_call_is_marked_until_somebody_has_seen_to_it(run: Run) -> None:
    window = window_of(run)
    alerts.raise_alert(
        run.project_id,
        AlertCause.BUDGET_STOP,
        alerts.window_subject(window.pk),
        "Stopped.",
        run_id=run.pk,
    )
    assert refusing([window.pk, window.pk + 1]) == {window.pk}
    assert standing_of(window, refusing([window.pk])).mark == Mark.STOPPED
    alerts.acknowledge(None, run.project.alerts.get())
    assert refusing([window.pk]) == set()


@pytest.mark.parametrize(
    ("spent", "held", "text"),
    [
        (0, 0, "0.0 %"),
        (1, 0, "<0.1 %"),
        (5 * DOLLAR - 1, 0, "99.9 %"),
        (DOLLAR, DOLLAR, "40.0 %"),
        (5 * DOLLAR, 0, "100.0 %"),
        (9 * DOLLAR, 0, "180.0 %"),  # an overrun is not hidden
    ],
)
def test_only_a_full_account_reads_full(run: Run, spent: int, held: int, text: str) -> None:
    BudgetWindow.objects.filter(pk=window_of(run).pk).update(spent_nusd=spent, held_nusd=held)
    assert standing_of(window_of(run)).used_text == text


def test_the_current_windows_are_there_before_anything_is_spent(world: World) -> None:
    total = Budget.objects.get(project=world.project, scope=Scope.TOTAL)
    set_limits(None, total, warn_nusd=1, max_nusd=2)
    found = current(world.project)
    assert [row.scope for row in found] == [Scope.DAY, Scope.MONTH, Scope.TOTAL]
    assert found[2].max_nusd == 2
    assert {row.window_id for row in found} == {None}
    assert not BudgetWindow.objects.exists()


def test_the_current_windows_of_a_run(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(group="nightly")
    run.refresh_from_db()
    money.paid_call(run, 3 * CENT)
    found = {
        row.scope: row for row in current(run.project, Payer(run.project_id, run.pk, "nightly"))
    }
    assert list(found) == list(Scope)
    assert {row.spent_nusd for row in found.values()} == {3 * CENT}
    assert found[Scope.RUN].label == f"Run {run.short_id}"


def test_the_windows_of_many_projects_in_two_queries(
    world: World, run: Run, django_assert_num_queries: Callable[[int], Any]
) -> None:
    money.paid_call(run, 3 * CENT)
    with django_assert_num_queries(2):
        found = current_of([world.project, world.other_project])
    assert set(found) == {(world.project.pk, scope) for scope in ("day", "month", "total")}
    assert all(isinstance(row, Standing) for row in found.values())
    assert current_of([]) == {}


def test_the_calls_of_a_window_add_up_to_its_columns(run: Run) -> None:
    money.paid_call(run, 3 * CENT)
    money.paid_call(run, 2 * CENT)
    money.held_call(run, 7 * CENT)
    money.unconfirmed_call(run, 11 * CENT)
    money.refused_call(run)
    sums = sums_of(window_of(run).pk)
    assert sums.total == sums.columns == Charge(7 * CENT, 16 * CENT, 11 * CENT)
    assert sums.drift is None
    by_state = {line.state: (line.calls, line.source) for line in sums.lines}
    assert by_state == {
        CallState.SETTLED: (2, "metered"),
        CallState.HELD: (1, ""),
        CallState.UNCONFIRMED: (1, "unconfirmed"),
        CallState.RELEASED: (1, ""),
    }


def test_drift_is_seen(run: Run) -> None:
    money.paid_call(run, 3 * CENT)
    window = window_of(run)
    BudgetWindow.objects.filter(pk=window.pk).update(spent_nusd=4 * CENT)
    assert sums_of(window.pk).drift == Charge(0, CENT, 0)


def test_a_window_without_calls(run: Run) -> None:
    sums = sums_of(window_of(run).pk)
    assert (sums.lines, sums.total, sums.drift) == ((), Charge(0, 0, 0), None)
