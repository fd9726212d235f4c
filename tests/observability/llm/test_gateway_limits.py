"""Where budgets and caps stop the gateway, and how it goes on without paying twice."""

from dataclasses import replace
from typing import Any

import pytest

from observability import budgets, ledger
from observability.ledger import Held
from observability.llm import gateway
from observability.llm.context import Happening, Notice
from observability.llm.errors import (
    NoSuchProvider,
    Outage,
    OutOfBudget,
)
from observability.models import (
    Alert,
    AlertCause,
    Budget,
    CostSource,
    ModelProfile,
    Scope,
)
from tests.observability.llm.paid import MESSAGES, Asking, Verdict, booked, calls
from tests.observability.llm.paid import asking as asking
from tests.observability.llm.paid import quick_retries as quick_retries
from tests.observability.llm.paid import told as told
from tests.wire import WireServer, behaviours

pytest_plugins = ["tests.wire.fixtures"]
pytestmark = pytest.mark.django_db


def test_a_provider_that_ignores_the_cap_is_booked_in_full_and_asked_no_more(
    wired: WireServer, asking: Asking, told: list[Notice]
) -> None:
    # The input's bound leaves room for output beyond the cap: go far past it.
    wired.script(behaviours.ignores_cap(100_000))
    context = asking("openai")
    gateway.complete(context, MESSAGES, Verdict)
    [call] = calls()
    assert call.overrun
    assert call.cost_nusd == wired.bill.nusd == booked()
    assert call.cost_nusd > call.held_nusd
    assert not ModelProfile.objects.get(provider="openai").enabled
    assert Alert.objects.get().cause == AlertCause.OVERRUN
    assert Happening.OVERRUN in {notice.kind for notice in told}
    with pytest.raises(NoSuchProvider, match="ignored the cap"):
        gateway.complete(context, [*MESSAGES, ("human", "Again.")], Verdict)
    assert len(wired.requests) == 1


def limit(scope: Scope, **limits: Any) -> None:
    budget = Budget.objects.get(project__slug="survey", scope=scope)
    budgets.set_limits(None, budget, **{"warn_nusd": None, "max_nusd": None, **limits})


def test_a_call_that_does_not_fit_is_not_made(wired: WireServer, asking: Asking) -> None:
    limit(Scope.DAY, max_nusd=1_000)
    with pytest.raises(OutOfBudget, match="Raise the limit under Budgets") as stop:
        gateway.complete(asking(), MESSAGES, Verdict)
    assert stop.value.denied.left_nusd == 1_000
    assert (wired.requests, calls()) == ([], [])
    alert = Alert.objects.get()
    assert (alert.cause, alert.run_id) == (AlertCause.BUDGET_STOP, asking().run_id)


def test_raising_the_limit_goes_on_without_paying_again(wired: WireServer, asking: Asking) -> None:
    context = asking()
    gateway.complete(context, MESSAGES, Verdict)
    spent = booked()
    limit(Scope.RUN, max_nusd=spent + 1)
    again = [*MESSAGES, ("human", "More.")]
    with pytest.raises(OutOfBudget):
        gateway.complete(context, again, Verdict)
    limit(Scope.RUN, max_nusd=10**9)
    gateway.complete(context, MESSAGES, Verdict)  # replayed
    gateway.complete(context, again, Verdict)
    assert len(wired.requests) == 2
    assert booked() == wired.bill.nusd


def test_a_warning_is_told_once(asking: Asking, told: list[Notice]) -> None:
    limit(Scope.RUN, warn_nusd=1, max_nusd=10**9)
    context = asking()
    for number in range(3):
        gateway.complete(context, [*MESSAGES, ("human", str(number))], Verdict)
    warnings = [notice for notice in told if notice.kind == Happening.BUDGET_WARNING]
    assert len(warnings) == 1
    assert "past its warning at $0.000000001" in warnings[0].message
    assert Alert.objects.get().cause == AlertCause.BUDGET_WARNING


@pytest.mark.parametrize(
    "failing", [behaviours.error(503), behaviours.truncated(), behaviours.not_json()],
    ids=lambda behaviour: behaviour.name,
)  # fmt: skip
def test_what_another_model_answered_is_replayed_as_well(
    wired: WireServer, asking: Asking, failing: behaviours.Behaviour
) -> None:
    wired.script(*[failing] * 3, model="openai-1")
    context = asking("openai", "anthropic")
    gateway.complete(context, MESSAGES, Verdict)
    asked = len(wired.requests)
    assert gateway.complete(context, MESSAGES, Verdict).model == "anthropic/anthropic-1"
    assert len(wired.requests) == asked


def test_a_call_of_which_only_the_cost_is_known_is_asked_anew(
    wired: WireServer, asking: Asking
) -> None:
    wired.script(*[behaviours.error(500)] * 3)
    with pytest.raises(Outage):
        gateway.complete(asking(), MESSAGES, Verdict)
    for call in calls():
        ledger.confirm(Held.of(call), cost_nusd=5, source=CostSource.INVOICE)
    gateway.complete(asking(), MESSAGES, Verdict)
    assert [role for role, _ in wired.requests[-1].messages] == ["system", "human"]


def test_a_model_that_ignored_its_cap_is_not_asked_to_repair(
    wired: WireServer, asking: Asking
) -> None:
    wired.script(replace(behaviours.ignores_cap(100_000), text="no JSON"))
    with pytest.raises(NoSuchProvider, match="ignored the cap"):
        gateway.complete(asking(), MESSAGES, Verdict)
    assert len(wired.requests) == 1
