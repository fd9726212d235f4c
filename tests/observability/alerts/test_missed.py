"""What a process had booked and did not live to tell is told all the same."""

import pytest
from django.utils import timezone

from observability import alerts
from observability.alerts import acknowledge, consequences, raise_for_crossed
from observability.alerts.watching import watch
from observability.models import Alert, AlertCause, Budget, BudgetWindow, ModelProfile, Scope
from tests import factories
from tests.conftest import World
from tests.money import CENT, paid_call


class KilledError(BaseException):
    """The process ends here."""


def killed(*args: object, **values: object) -> bool:
    raise KilledError


@pytest.fixture
def crossed(world: World) -> BudgetWindow:
    Budget.objects.filter(project=world.project).update(warn_nusd=None, max_nusd=None)
    Budget.objects.filter(project=world.project, scope=Scope.TOTAL).update(warn_nusd=2 * CENT)
    paid_call(factories.run(world.project), 3 * CENT)
    return BudgetWindow.objects.get(budget__project=world.project, budget__scope=Scope.TOTAL)


def test_a_warning_is_marked_with_its_alert_or_not_at_all(
    crossed: BudgetWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, pytest.raises(KilledError):  # noqa: PT012
        patch.setattr(alerts, "raise_alert", killed)
        raise_for_crossed([crossed.pk], None)
    crossed.refresh_from_db()
    assert crossed.warned_at is None
    assert watch(timezone.now()) == 1
    assert watch(timezone.now()) == 0
    assert "past its warning at $0.0200" in Alert.objects.get().message


def test_an_overrun_that_nobody_told_is_told_by_the_next_look(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    Budget.objects.update(warn_nusd=None, max_nusd=None)
    run = factories.run(world.project)
    with monkeypatch.context() as patch, pytest.raises(KilledError):  # noqa: PT012
        patch.setattr(consequences, "raise_alert", killed)
        paid_call(run, 9 * CENT, held_nusd=5 * CENT)
    profile = ModelProfile.objects.get(name="Writer")
    assert profile.enabled  # neither, so that the next look knows
    assert watch(timezone.now()) == 1
    profile.refresh_from_db()
    assert not profile.enabled
    alert = Alert.objects.get(cause=AlertCause.OVERRUN)
    assert alert.message.startswith("Writer is disabled: a call cost $0.0900")
    ModelProfile.objects.update(enabled=True)
    acknowledge(world.owner, alert)
    assert watch(timezone.now()) == 0  # it was seen to
    assert ModelProfile.objects.get(name="Writer").enabled
