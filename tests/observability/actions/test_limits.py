"""Changing limits, and which alerts that answers."""

import pytest

from observability import alerts
from observability.actions.limits import change_limits, change_run_limits
from observability.budgets import Payer, window_of_run, windows_of
from observability.models import Alert, AlertCause, Budget, BudgetWindow, Scope
from observability.money import MOST_NUSD
from reqplatform.errors import InvalidInput, NotAllowed, NotFound
from runs.models import Run, RunStatus
from tests import factories
from tests.conftest import World
from tests.money import DOLLAR


def stopped_by(run: Run, scope: Scope = Scope.RUN) -> BudgetWindow:
    """The window of the run, with an alert that it stopped it."""
    opened = windows_of(Payer(run.project_id, run.pk))
    window = BudgetWindow.objects.select_related("project", "budget__project").get(
        pk__in=opened, budget__scope=scope
    )
    alerts.raise_alert(
        run.project_id,
        AlertCause.BUDGET_STOP,
        alerts.window_subject(window.pk),
        "Stopped.",
        run_id=run.pk,
    )
    return window


def still_open() -> set[str]:
    return set(Alert.objects.filter(acknowledged_at=None).values_list("subject", flat=True))


def test_raising_one_window_answers_its_alert_alone(world: World, run: Run) -> None:
    window, other = stopped_by(run), stopped_by(factories.run(world.project))
    change_limits(world.owner, window, warn_nusd=None, max_nusd=6 * DOLLAR)
    assert still_open() == {alerts.window_subject(other.pk)}
    other.refresh_from_db()
    assert other.max_nusd == 5 * DOLLAR


def test_raising_a_budget_answers_those_of_all_its_windows(world: World, run: Run) -> None:
    first, second = stopped_by(run), stopped_by(factories.run(world.project))
    of_another = stopped_by(factories.run(world.other_project))
    change_limits(world.owner, first.budget, warn_nusd=None, max_nusd=None)
    assert still_open() == {alerts.window_subject(of_another.pk)}
    second.refresh_from_db()
    assert second.max_nusd is None


@pytest.mark.parametrize("stop", [5, 4, 0])
def test_lowering_answers_nothing(world: World, run: Run, stop: int) -> None:
    window = stopped_by(run)
    change_limits(world.owner, window, warn_nusd=None, max_nusd=stop * DOLLAR)
    assert still_open() == {alerts.window_subject(window.pk)}


def test_other_alerts_stay(world: World, run: Run) -> None:
    window = stopped_by(run)
    alerts.raise_alert(run.project_id, AlertCause.OVERRUN, "model 1", "Above its cap.")
    change_limits(world.owner, window, warn_nusd=None, max_nusd=9 * DOLLAR)
    assert still_open() == {"model 1"}


def test_owners_only(world: World, run: Run) -> None:
    window = stopped_by(run)
    for person in (world.editor, world.reviewer, world.viewer):
        with pytest.raises(NotAllowed):
            change_limits(person, window, warn_nusd=None, max_nusd=9 * DOLLAR)
    with pytest.raises(NotFound):
        change_limits(world.stranger, window, warn_nusd=None, max_nusd=9 * DOLLAR)
    window.refresh_from_db()
    assert window.max_nusd == 5 * DOLLAR
    assert still_open() == {alerts.window_subject(window.pk)}


def test_a_budget_without_windows(world: World) -> None:
    budget = Budget.objects.select_related("project").get(project=world.project, scope=Scope.MONTH)
    change_limits(world.owner, budget, warn_nusd=1, max_nusd=2)
    budget.refresh_from_db()
    assert (budget.warn_nusd, budget.max_nusd) == (1, 2)


def of_run(run: Run) -> BudgetWindow:
    """The run's own account, opened."""
    return window_of_run(run.project_id, run.pk)


def test_a_budget_leaves_runs_that_are_over_and_those_that_were_set_alone(
    world: World, run: Run
) -> None:
    stopped = factories.run(world.project, status=RunStatus.OUT_OF_BUDGET)
    over = factories.run(world.project, status=RunStatus.COMPLETED)
    alone = factories.run(world.project)
    windows = {one: of_run(one) for one in (run, stopped, over, alone)}
    change_limits(world.owner, windows[alone], warn_nusd=None, max_nusd=8 * DOLLAR)
    change_limits(world.owner, windows[run].budget, warn_nusd=None, max_nusd=2 * DOLLAR)
    stops = {one: of_run(one).max_nusd for one in windows}
    assert stops == {run: 2 * DOLLAR, stopped: 2 * DOLLAR, over: 5 * DOLLAR, alone: 8 * DOLLAR}


def test_an_account_that_is_given_the_budgets_limits_follows_it_again(
    world: World, run: Run
) -> None:
    change_limits(world.owner, of_run(run), warn_nusd=None, max_nusd=8 * DOLLAR)
    assert of_run(run).set_alone
    change_limits(world.owner, of_run(run), warn_nusd=DOLLAR, max_nusd=5 * DOLLAR)
    assert not of_run(run).set_alone
    change_limits(world.owner, of_run(run).budget, warn_nusd=None, max_nusd=2 * DOLLAR)
    assert of_run(run).max_nusd == 2 * DOLLAR


def test_the_total_is_one_with_its_budget(world: World, run: Run) -> None:
    total = stopped_by(run, Scope.TOTAL)
    change_limits(world.owner, total, warn_nusd=None, max_nusd=8 * DOLLAR)
    assert Budget.objects.get(project=world.project, scope=Scope.TOTAL).max_nusd == 8 * DOLLAR
    change_limits(world.owner, total.budget, warn_nusd=None, max_nusd=9 * DOLLAR)
    total.refresh_from_db()
    assert (total.max_nusd, total.set_alone) == (9 * DOLLAR, False)


@pytest.mark.parametrize("limits", [(None, MOST_NUSD + 1), (MOST_NUSD + 1, None), (None, -1)])
def test_amounts_that_nobody_means(
    world: World, run: Run, limits: tuple[int | None, int | None]
) -> None:
    warn, stop = limits
    for row in (of_run(run), of_run(run).budget):
        with pytest.raises(InvalidInput, match=r"A limit is \$0.00 to \$1,000,000.00"):
            change_limits(world.owner, row, warn_nusd=warn, max_nusd=stop)


def test_the_limits_of_a_run_that_has_no_account_yet(world: World, run: Run) -> None:
    with pytest.raises(NotAllowed):
        change_run_limits(world.editor, world.project, run.pk, warn_nusd=None, max_nusd=DOLLAR)
    assert not BudgetWindow.objects.exists()
    window = change_run_limits(
        world.owner, world.project, run.pk, warn_nusd=None, max_nusd=8 * DOLLAR
    )
    window.refresh_from_db()
    assert (window.key, window.max_nusd, window.set_alone) == (str(run.pk), 8 * DOLLAR, True)
