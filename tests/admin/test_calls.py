"""The journal in the admin: what a call cost and why, and what a person settles by hand."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from observability import alerts
from observability.models import Alert, AlertCause, CallState, LLMCall, NodeCost
from reqplatform.teams.models import User
from runs.models import Run
from tests import factories, money
from tests.admin.test_people import act
from tests.conftest import World
from tests.money import CENT
from tests.observability.accounts import assert_books_agree

CALLS = "admin:observability_llmcall_changelist"


def staff(world: World, person: User) -> Client:
    User.objects.filter(pk=person.pk).update(is_staff=True)
    return world.client(User.objects.get(pk=person.pk))


@pytest.fixture
def owner(world: World) -> Client:
    return staff(world, world.owner)


@pytest.fixture
def run(world: World) -> Run:
    return factories.run(world.project)


def choose(client: Client, action: str, *calls: LLMCall, **typed: Any) -> Any:
    chosen = [str(call.pk) for call in calls]
    data = {"action": action, "_selected_action": chosen, **typed}
    return client.post(reverse(CALLS), data, follow=True)


def told(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def detail(client: Client, call: LLMCall) -> str:
    return str(client.get(reverse("admin:observability_llmcall_change", args=[call.pk])).text)


def test_nothing_is_given_back_before_it_is_confirmed(owner: Client, run: Run) -> None:
    call = money.unconfirmed_call(run, 5 * CENT)
    response = choose(owner, "say_not_billed", call)
    assert "Were these really not billed?" in response.text
    assert "It was not billed: give $0.0500 back" in response.text
    assert "The connection was cut." in response.text
    call.refresh_from_db()
    assert call.state == CallState.UNCONFIRMED


def test_what_was_not_billed_is_given_back(owner: Client, run: Run) -> None:
    calls = [money.unconfirmed_call(run), money.unconfirmed_call(run)]
    money.end_node(run)
    response = choose(owner, "say_not_billed", *calls, confirmed="yes")
    assert told(response) == ["2 given back."]
    assert {call.state for call in LLMCall.objects.all()} == {CallState.RELEASED}
    assert NodeCost.objects.get(run=run).cost_nusd == 0
    assert "says owner" in detail(owner, calls[0])
    assert_books_agree()


def test_a_bill_is_entered_call_by_call(owner: Client, run: Run) -> None:
    first, second = money.unconfirmed_call(run), money.unconfirmed_call(run)
    form = choose(owner, "enter_bill", first, second)
    assert form.text.count('name="amount_') == 2
    amounts = {f"amount_{first.pk}": "0.015", f"amount_{second.pk}": "0"}
    response = choose(owner, "enter_bill", first, second, confirmed="yes", **amounts)
    assert told(response) == ["2 settled."]
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.cost_nusd, second.cost_nusd) == (15_000_000, 0)
    assert first.cost_source == "invoice"
    assert "Entered from the provider&#x27;s bill" in detail(owner, first)
    assert_books_agree()


def test_more_than_was_held_is_asked_for_twice(owner: Client, run: Run) -> None:
    call, other = money.unconfirmed_call(run, 5 * CENT), money.unconfirmed_call(run)
    typed = {f"amount_{call.pk}": "0.09", f"amount_{other.pk}": "0.01"}
    form = choose(owner, "enter_bill", call, other, confirmed="yes", **typed)
    assert "It cannot be undone." in form.text
    assert "$0.0900 is more than the $0.0500 that was held" in form.text
    key = f"{call.pk} 90000000"
    assert form.text.count('name="sure"') == 1
    assert f'name="sure" value="{key}"' in form.text
    more = {**typed, f"amount_{call.pk}": "0.5"}
    form = choose(owner, "enter_bill", call, other, confirmed="yes", sure=key, **more)
    assert "$0.5000 is more" in form.text  # another amount is another question
    assert LLMCall.objects.filter(state=CallState.UNCONFIRMED).count() == 2
    response = choose(owner, "enter_bill", call, other, confirmed="yes", sure=key, **typed)
    assert told(response) == ["2 settled."]
    call.refresh_from_db()
    assert (call.cost_nusd, call.overrun) == (9 * CENT, True)
    assert_books_agree()


@pytest.mark.parametrize("amount", ["", "-1", "NaN", "1e9", "a lot", "0.0000000001"])
def test_a_bill_without_a_sensible_amount_is_asked_for_again(
    owner: Client, run: Run, amount: str
) -> None:
    call = money.unconfirmed_call(run)
    typed = {f"amount_{call.pk}": amount}
    response = choose(owner, "enter_bill", call, confirmed="yes", **typed)
    assert response.context["form"].errors
    call.refresh_from_db()
    assert call.state == CallState.UNCONFIRMED


@pytest.mark.parametrize("action", ["say_not_billed", "enter_bill"])
def test_only_unconfirmed_calls(owner: Client, run: Run, action: str) -> None:
    calls = [money.paid_call(run), money.held_call(run)]
    response = choose(owner, action, *calls, confirmed="yes")
    assert told(response) == ["2 of the chosen calls are not unconfirmed: their cost is known."]
    assert_books_agree()
    assert {call.state for call in LLMCall.objects.all()} == {CallState.SETTLED, CallState.HELD}


@pytest.mark.parametrize("action", ["say_not_billed", "enter_bill"])
@pytest.mark.parametrize("who", ["editor", "reviewer", "viewer", "stranger"])
def test_owners_only(world: World, run: Run, who: str, action: str) -> None:
    """Also by whoever owns another project: the stranger does, and so may choose the action."""
    call = money.unconfirmed_call(run)
    client = staff(world, getattr(world, who))
    choose(client, action, call, confirmed="yes", **{f"amount_{call.pk}": "0"})
    call.refresh_from_db()
    assert call.state == CallState.UNCONFIRMED


def test_an_owner_elsewhere_is_told_why_not(world: World, run: Run) -> None:
    world.other_project.memberships.create(user=world.viewer, role="owner")
    call = money.unconfirmed_call(run)
    response = choose(staff(world, world.viewer), "say_not_billed", call, confirmed="yes")
    assert "This needs the role Owner" in told(response)[0]
    call.refresh_from_db()
    assert call.state == CallState.UNCONFIRMED


def test_an_editor_is_not_offered_them(world: World, run: Run) -> None:
    money.unconfirmed_call(run)
    page = staff(world, world.editor).get(reverse(CALLS)).text
    assert "the provider did not bill it" not in page


def test_too_many_at_once_are_refused(owner: Client, run: Run, world: World) -> None:
    calls = [money.unconfirmed_call(run, 1) for _ in range(101)]
    response = choose(owner, "say_not_billed", *calls, confirmed="yes", select_across="1")
    assert told(response) == ["Choose 100 calls at most at a time."]
    assert LLMCall.objects.filter(state=CallState.UNCONFIRMED).count() == 101


def test_the_price_that_was_used_is_told(owner: Client, run: Run) -> None:
    price = {
        "source": "genai-prices 0.2.3", "listed_as": "openai/x", "dated": "2026-11-26",
        "per_request": "0", "input_fresh": {"base": "3", "above": {"200000": "6"}},
        "cache_read": "0.3", "cache_write": "3.75", "cache_write_1h": "6", "output": "15",
        "reasoning": "15",
    }  # fmt: skip
    text = detail(owner, money.paid_call(run, price=price))
    assert "Input $3.00 ($6.00 above 200,000 tokens), output $15.00" in text
    assert "genai-prices 0.2.3, as openai/x. Prices of 26 Nov 2026." in text
    assert "None is recorded." in detail(owner, money.paid_call(run))


def test_windows_overrun_energy_and_reprice_are_told(owner: Client, run: Run) -> None:
    more = {"energy_low_wh": 0.25, "energy_high_wh": 1.0}
    call = money.paid_call(run, 9 * CENT, held_nusd=5 * CENT, more=more)
    LLMCall.objects.filter(pk=call.pk).update(repriced_nusd=8 * CENT, repriced_at=timezone.now())
    text = detail(owner, call)
    assert "the provider ignored the cap" in text
    assert "0.25 to 1 Wh" in text
    assert "$0.0800 at those of" in text
    assert f"Run {run.short_id}</a>" in text
    assert "Project in total</a>" in text


@pytest.mark.parametrize(
    ("theirs", "shown"),
    [(None, "–"), (CENT, "nothing"), (CENT + CENT // 10, "+$0.0010 (+10.0%)"),
     (CENT // 2, "−$0.0050 (−50.0%)")],
)  # fmt: skip
def test_langsmiths_figures_stand_beside_ours(
    owner: Client, run: Run, theirs: int | None, shown: str
) -> None:
    call = money.paid_call(run, CENT)
    LLMCall.objects.filter(pk=call.pk).update(
        langsmith_cost_nusd=theirs, langsmith_tokens_in=1010, langsmith_tokens_out=200
    )
    assert shown in owner.get(reverse(CALLS)).text
    text = detail(owner, call)
    assert "1,010 and 200 (ours: 1,000 and 200)" in text


def test_a_trace_that_cannot_be_found_is_told(owner: Client, run: Run, world: World) -> None:
    """Tracing is off in tests, so nothing is asked of any network."""
    call = money.paid_call(run)
    page = reverse("admin:observability_llmcall_open_trace", args=[call.pk])
    response = owner.get(page, follow=True)
    assert response.redirect_chain[-1][0].endswith(f"/{call.pk}/change/")
    assert len(told(response)) == 1
    assert staff(world, world.stranger).get(page).status_code == 404


def test_alerts_are_acknowledged_by_editors(world: World, run: Run) -> None:
    page = "admin:observability_alert_changelist"
    alerts.raise_alert(run.project_id, AlertCause.OVERRUN, "model 1", "Above its cap.")
    alert = Alert.objects.get()
    viewer = staff(world, world.viewer)
    assert "This needs the role Editor" in act(viewer, page, "see_to", alert)[0]
    act(staff(world, world.stranger), page, "see_to", alert)
    alert.refresh_from_db()
    assert alert.acknowledged_at is None
    editor = staff(world, world.editor)
    assert list(editor.get(reverse(page), {"seen": "no"}).context["cl"].result_list) == [alert]
    assert act(editor, page, "see_to", alert) == ["1 acknowledged."]
    assert list(editor.get(reverse(page), {"seen": "no"}).context["cl"].result_list) == []
    assert list(editor.get(reverse(page), {"seen": "yes"}).context["cl"].result_list) == [alert]
