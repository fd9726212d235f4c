"""Changing limits, and which alerts that answers."""

import pytest

from observability import alerts
from observability.actions.limits import change_limits
from observability.budgets import Payer, windows_of
from observability.models import Alert, AlertCause, Budget, BudgetWindow, Scope
from observability.reports.windows import stop_subject
from reqplatform.errors import NotAllowed, NotFound
from runs.models import Run
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
        run.project_id, AlertCause.BUDGET_STOP, stop_subject(window.pk), "Stopped.", run_id=run.pk
    )
    return window


def still_open() -> set[str]:
    return set(Alert.objects.filter(acknowledged_at=None).values_list("subject", flat=True))


def test_raising_one_window_answers_its_alert_alone(world: World, run: Run) -> None:
    window, other = stopped_by(run), stopped_by(factories.run(world.project))
    change_limits(world.owner, window, warn_nusd=None, max_nusd=6 * DOLLAR)
    assert still_open() == {stop_subject(other.pk)}
    other.refresh_from_db()
    assert other.max_nusd == 5 * DOLLAR


def test_raising_a_budget_answers_those_of_all_its_windows(world: World, run: Run) -> None:
    first, second = stopped_by(run), stopped_by(factories.run(world.project))
    of_another = stopped_by(factories.run(world.other_project))
    change_limits(world.owner, first.budget, warn_nusd=None, max_nusd=None)
    assert still_open() == {stop_subject(of_another.pk)}
    second.refresh_from_db()
    assert second.max_nusd is None


@pytest.mark.parametrize("stop", [5, 4, 0])
def test_lowering_answers_nothing(world: World, run: Run, stop: int) -> None:
    window = stopped_by(run)
    change_limits(world.owner, window, warn_nusd=None, max_nusd=stop * DOLLAR)
    assert still_open() == {stop_subject(window.pk)}


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
    assert still_open() == {stop_subject(window.pk)}


def test_a_budget_without_windows(world: World) -> None:
    budget = Budget.objects.select_related("project").get(project=world.project, scope=Scope.MONTH)
    change_limits(world.owner, budget, warn_nusd=1, max_nusd=2)
    budget.refresh_from_db()
    assert (budget.warn_nusd, budget.max_nusd) == (1, 2)
