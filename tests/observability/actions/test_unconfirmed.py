"""What a person says of a call whose outcome was unknown."""

from collections.abc import Callable

import pytest

from observability.actions.unconfirmed import AboveHold, billed, not_billed
from observability.models import (
    Alert,
    AlertCause,
    CallState,
    CostSource,
    LLMCall,
    ModelProfile,
    NodeCost,
)
from observability.money import MOST_NUSD
from reqplatform.errors import Conflict, InvalidInput, NotAllowed, NotFound
from reqplatform.teams.models import User
from runs.models import Run
from tests import factories, money
from tests.conftest import World
from tests.money import CENT
from tests.observability.accounts import assert_books_agree

Act = Callable[[User | None, LLMCall], None]


def enter_bill(user: User | None, call: LLMCall) -> None:
    billed(user, call, 2 * CENT)


ACTS: tuple[Act, ...] = (not_billed, enter_bill)


def test_what_was_not_billed_is_given_back(world: World, run: Run) -> None:
    call = money.unconfirmed_call(run)
    money.end_node(run)
    not_billed(world.owner, call)
    assert (call.state, call.cost_nusd) == (CallState.RELEASED, 0)
    assert call.error == "Not billed by the provider, says owner."
    assert NodeCost.objects.get(run=run).cost_nusd == 0
    assert_books_agree()


def test_what_the_bill_says_is_booked(world: World, run: Run) -> None:
    call = money.unconfirmed_call(run, 5 * CENT)
    money.paid_call(run, CENT)
    money.end_node(run)
    billed(world.owner, call, 2 * CENT)
    assert (call.state, call.cost_nusd) == (CallState.SETTLED, 2 * CENT)
    assert (call.cost_source, call.overrun) == (CostSource.INVOICE, False)
    assert call.error == (
        "$0.0200 by the provider's bill, says owner. Before: The connection was cut."
    )
    row = NodeCost.objects.get(run=run)
    assert (row.cost_nusd, row.sources, row.is_dirty) == (3 * CENT, ["invoice", "metered"], False)
    assert_books_agree()


def test_a_bill_above_the_hold_is_booked_in_full(world: World, run: Run) -> None:
    administrator = factories.user("root", is_superuser=True)
    call = money.unconfirmed_call(run, 5 * CENT)
    with pytest.raises(AboveHold, match="is switched off for all projects"):
        billed(administrator, call, 9 * CENT)
    call.refresh_from_db()
    assert call.state == CallState.UNCONFIRMED
    billed(administrator, call, 9 * CENT, sure=True)
    assert (call.cost_nusd, call.overrun) == (9 * CENT, True)
    assert_books_agree()
    reason = ModelProfile.objects.get(pk=call.profile_id).disabled_reason
    assert "ignored the cap" in reason
    assert "$" not in reason  # other projects read it, and the figures are this one's
    assert "$0.0900" in Alert.objects.get(cause=AlertCause.OVERRUN).message


def test_an_owner_s_bill_disables_no_model_of_others(world: World, run: Run) -> None:
    call = money.unconfirmed_call(run, 5 * CENT)
    with pytest.raises(AboveHold, match="owners are told"):
        billed(world.owner, call, 9 * CENT)
    billed(world.owner, call, 9 * CENT, sure=True)
    assert (call.cost_nusd, call.overrun) == (9 * CENT, True)
    assert ModelProfile.objects.get(pk=call.profile_id).enabled
    assert "by the bill, a call cost $0.0900" in Alert.objects.get(cause=AlertCause.OVERRUN).message
    assert_books_agree()


def test_a_call_that_no_budget_was_charged_with_takes_no_bill(world: World, run: Run) -> None:
    """It would be money that no budget's sums bear out."""
    call = money.unconfirmed_call(run, 0)
    with pytest.raises(InvalidInput, match="corrects the price"):
        billed(world.owner, call, CENT, sure=True)
    billed(world.owner, call, 0)
    assert call.state == CallState.SETTLED
    assert_books_agree()


def test_a_bill_of_nothing_is_settled(world: World, run: Run) -> None:
    call = money.unconfirmed_call(run)
    billed(world.owner, call, 0)
    assert (call.state, call.cost_nusd) == (CallState.SETTLED, 0)


@pytest.mark.parametrize("amount", [-1, MOST_NUSD + 1])
def test_amounts_that_no_call_costs_are_refused(world: World, run: Run, amount: int) -> None:
    call = money.unconfirmed_call(run)
    with pytest.raises(InvalidInput):
        billed(world.owner, call, amount, sure=True)
    call.refresh_from_db()
    assert call.state == CallState.UNCONFIRMED


@pytest.mark.parametrize("act", ACTS)
def test_owners_only(world: World, run: Run, act: Act) -> None:
    call = money.unconfirmed_call(run)
    for person in (world.editor, world.reviewer, world.viewer):
        with pytest.raises(NotAllowed):
            act(person, call)
    with pytest.raises(NotFound):
        act(world.stranger, call)
    call.refresh_from_db()
    assert call.state == CallState.UNCONFIRMED


@pytest.mark.parametrize("act", ACTS)
def test_only_what_is_unconfirmed(world: World, run: Run, act: Act) -> None:
    for call in (money.paid_call(run), money.held_call(run), money.refused_call(run)):
        before = (call.state, call.cost_nusd, call.error)
        with pytest.raises(Conflict, match=call.get_state_display().lower()):
            act(world.owner, call)
        call.refresh_from_db()
        assert (call.state, call.cost_nusd, call.error) == before
    assert_books_agree()


@pytest.mark.parametrize("act", ACTS)
def test_once(world: World, run: Run, act: Act) -> None:
    call = money.unconfirmed_call(run)
    act(world.owner, call)
    with pytest.raises(Conflict):
        act(world.owner, call)
    assert_books_agree()
