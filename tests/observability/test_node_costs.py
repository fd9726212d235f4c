"""A node's row is the sum of its calls, however often it is added up."""

from typing import Any

import pytest

from observability import budgets, ledger, node_costs
from observability.budgets import Payer
from observability.ledger import Held
from observability.models import CallState, CostSource, LLMCall, Node, NodeCost
from observability.tokens import Usage
from runs.models import Run
from tests import factories
from tests.conftest import World
from tests.observability.conftest import Caller


@pytest.fixture
def account(run: Run) -> node_costs.Account:
    return node_costs.Account(run.project_id, run.pk, None, run.subsystem_id)


def held(call: LLMCall) -> Held:
    answer = ledger.hold(call, budgets.windows_of(Payer(call.project_id, call.run_id)))
    assert isinstance(answer, Held)
    return answer


def settled(call: LLMCall, cost_nusd: int, source: CostSource, **usage: Any) -> LLMCall:
    assert ledger.settle(
        held(call), answer="", usage=Usage(**usage), cost_nusd=cost_nusd, source=source
    )
    return call


def figures(row: NodeCost) -> dict[str, Any]:
    names = ("calls", "input_tokens", "output_tokens", "cost_nusd", "sources", "duration_ms")
    return {name: getattr(row, name) for name in names}


def test_it_adds_up_what_its_calls_cost(call: Caller, account: node_costs.Account) -> None:
    settled(
        call(), 1_000, CostSource.METERED,
        input_fresh=1, cache_read=20, cache_write=300, output=4_000, reasoning=50_000,
    )  # fmt: skip
    settled(call(ordinal=1), 234, CostSource.ESTIMATED, input_fresh=7, output=9)
    settled(call(), 0, CostSource.REPLAYED)
    row = node_costs.aggregate(account, Node.DECOMPOSE, 1, duration_ms=1_234)
    assert figures(row) == {
        "calls": 3,
        "input_tokens": 328,
        "output_tokens": 54_009,
        "cost_nusd": 1_234,
        "sources": ["estimated", "metered", "replayed"],
        "duration_ms": 1_234,
    }
    assert (row.project_id, row.run_id) == (account.project_id, account.run_id)
    assert (row.subsystem_id, row.extraction_id) == (account.subsystem_id, None)


def test_what_is_unknown_counts_at_its_hold(call: Caller, account: node_costs.Account) -> None:
    settled(call(held_nusd=900), 1, CostSource.METERED)
    ledger.leave_unconfirmed(held(call(held_nusd=20)), "lost")
    held(call(held_nusd=300))  # it may still answer
    row = node_costs.aggregate(account, Node.DECOMPOSE, 1, duration_ms=0)
    assert (row.cost_nusd, row.calls) == (321, 3)
    assert row.sources == ["metered", "unconfirmed"]


def test_what_was_released_does_not_count(call: Caller, account: node_costs.Account) -> None:
    ledger.release(held(call()), "refused")
    row = node_costs.aggregate(account, Node.DECOMPOSE, 1, duration_ms=5)
    assert figures(row) | {"duration_ms": 5} == {
        "calls": 0,
        "input_tokens": 0,
        "output_tokens": 0,
        "cost_nusd": 0,
        "sources": [],
        "duration_ms": 5,
    }


def test_adding_up_again_changes_nothing_and_adds_no_row(
    call: Caller, account: node_costs.Account
) -> None:
    settled(call(), 1_000, CostSource.METERED, input_fresh=3)
    first = node_costs.aggregate(account, Node.DECOMPOSE, 1, duration_ms=7)
    again = node_costs.aggregate(account, Node.DECOMPOSE, 1, duration_ms=7)
    assert again.pk == first.pk
    assert figures(again) == figures(first)
    assert NodeCost.objects.count() == 1


def test_adding_up_again_sees_what_was_settled_since(
    call: Caller, account: node_costs.Account
) -> None:
    asked = held(call(held_nusd=5_000))
    node_costs.aggregate(account, Node.DECOMPOSE, 1, duration_ms=7)
    ledger.settle(asked, answer="", usage=Usage(), cost_nusd=40, source=CostSource.METERED)
    node_costs.aggregate(account, Node.DECOMPOSE, 1, duration_ms=7)
    row = NodeCost.objects.get()
    assert (row.cost_nusd, row.sources) == (40, ["metered"])


def test_each_node_iteration_and_run_has_its_own(
    call: Caller, account: node_costs.Account, world: World
) -> None:
    settled(call(), 1, CostSource.METERED)
    settled(call(iteration=2), 20, CostSource.METERED)
    settled(call(node=Node.VALIDATE), 300, CostSource.METERED)
    settled(call(run=factories.run(world.project)), 4_000, CostSource.METERED)
    costs = [
        node_costs.aggregate(account, node, iteration, duration_ms=0).cost_nusd
        for node, iteration in ((Node.DECOMPOSE, 1), (Node.DECOMPOSE, 2), (Node.VALIDATE, 1))
    ]
    assert costs == [1, 20, 300]
    assert NodeCost.objects.count() == 3


def test_an_extraction_pays_for_itself(call: Caller, run: Run) -> None:
    extraction = factories.extraction(run.revision)
    settled(
        call(run=None, extraction=extraction, node=Node.EXTRACT, iteration=0),
        77,
        CostSource.METERED,
    )
    settled(call(node=Node.EXTRACT, iteration=0), 1, CostSource.METERED)  # the run's own
    account = node_costs.Account(run.project_id, None, extraction.pk)
    for _ in range(2):
        node_costs.aggregate(account, Node.EXTRACT, 0, duration_ms=9)
    row = NodeCost.objects.get()
    assert (row.cost_nusd, row.run_id, row.extraction_id) == (77, None, extraction.pk)
    assert LLMCall.objects.filter(state=CallState.SETTLED).count() == 2


def test_a_call_that_is_held_when_its_node_is_added_up_is_added_up_when_it_has_ended(
    call: Caller, account: node_costs.Account
) -> None:
    """Its worker was replaced, and still gets its answer."""
    late = held(call(held_nusd=5_000))
    node_costs.aggregate(account, Node.DECOMPOSE, 1, duration_ms=7)
    assert node_costs.refresh() == 1
    assert NodeCost.objects.get().cost_nusd == 5_000
    ledger.settle(late, answer="", usage=Usage(), cost_nusd=40, source=CostSource.METERED)
    assert node_costs.refresh() == 1
    assert NodeCost.objects.get().cost_nusd == 40
    assert node_costs.refresh() == 0
