"""Settling an unconfirmed call on a page of the team."""

import pytest
from django.conf import LazySettings
from django.utils import timezone

from observability.models import CallState, CostSource, LLMCall
from reqplatform.teams.models import Project
from runs.models import Run
from tests import factories, money
from tests.audience import check_page
from tests.conftest import World
from tests.money import CENT
from tests.observability.accounts import assert_books_agree


@pytest.fixture
def run(world: World) -> Run:
    return factories.run(world.project)


@pytest.fixture
def call(run: Run) -> LLMCall:
    return money.unconfirmed_call(run, 5 * CENT)


def page(call: LLMCall) -> str:
    return f"/calls/{call.pk}/settle"


def test_owners_only(world: World, call: LLMCall) -> None:
    check_page(world, page(call), least="owner")
    budgets = "/projects/survey/budgets/"
    assert page(call) in world.client(world.owner).get(budgets).text
    text = world.client(world.editor).get(budgets).text
    assert "The connection was cut." in text
    assert page(call) not in text
    for person, status in ((world.editor, 403), (world.stranger, 404)):
        data = {"said": "not_billed"}
        assert world.client(person).post(page(call), data).status_code == status
    call.refresh_from_db()
    assert call.state == CallState.UNCONFIRMED


def test_what_the_bill_says(world: World, call: LLMCall) -> None:
    client = world.client(world.owner)
    assert "It cannot be undone." in client.get(page(call)).text
    answer = client.post(page(call), {"said": "billed", "amount": "0.02"}, follow=True)
    assert "The call is settled at $0.0200." in answer.text
    call.refresh_from_db()
    assert (call.state, call.cost_nusd) == (CallState.SETTLED, 2 * CENT)
    assert call.cost_source == CostSource.INVOICE
    assert_books_agree()
    assert "nothing left to settle" in client.get(page(call)).text
    assert client.post(page(call), {"said": "billed", "amount": "0.01"}).status_code == 409


def test_what_was_not_billed(world: World, call: LLMCall) -> None:
    answer = world.client(world.owner).post(page(call), {"said": "not_billed"}, follow=True)
    assert "$0.0500 are given back to the budgets." in answer.text
    call.refresh_from_db()
    assert call.state == CallState.RELEASED
    assert_books_agree()


def test_more_than_was_held_is_asked_for_twice(world: World, call: LLMCall) -> None:
    client = world.client(world.owner)
    bill = {"said": "billed", "amount": "0.09"}
    text = client.post(page(call), bill).text
    assert "Is it really that much?" in text
    assert "$0.0900 is more than the $0.0500 that was held" in text
    assert 'name="sure" value="90000000"' in text
    answer = client.post(page(call), {**bill, "amount": "0.9", "sure": "90000000"})
    assert "$0.9000 is more" in answer.text  # another amount is another question
    call.refresh_from_db()
    assert call.state == CallState.UNCONFIRMED
    assert client.post(page(call), {**bill, "sure": "90000000"}).status_code == 302
    call.refresh_from_db()
    assert (call.cost_nusd, call.overrun) == (9 * CENT, True)
    assert_books_agree()


@pytest.mark.parametrize(
    "typed",
    [{}, {"said": "billed"}, {"said": "billed", "amount": "-1"}, {"said": "x", "amount": "1"}],
)
def test_what_makes_no_sense_settles_nothing(
    world: World, call: LLMCall, typed: dict[str, str]
) -> None:
    answer = world.client(world.owner).post(page(call), {"amount": "", **typed})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    call.refresh_from_db()
    assert call.state == CallState.UNCONFIRMED


def test_what_was_billed_is_true_in_an_archive_as_well(world: World, call: LLMCall) -> None:
    Project.objects.filter(pk=world.project.pk).update(archived_at=timezone.now())
    client = world.client(world.owner)
    assert page(call) in client.get("/projects/survey/budgets/").text
    assert client.post(page(call), {"said": "not_billed"}).status_code == 302


def test_hidden_costs_hide_it(world: World, call: LLMCall, settings: LazySettings) -> None:
    settings.COST_TRACKING_ENABLED = False
    assert world.client(world.owner).get(page(call)).status_code == 404
