"""What a run took, by its calls."""

from collections.abc import Callable
from typing import Any

from observability.models import CallPurpose, CostSource, Node, NodeCost
from observability.reports.costs import NodeTaken, costs_of, total
from runs.models import Run
from tests import factories, money
from tests.conftest import World
from tests.money import CENT


def node(run: Run, which: Node) -> NodeTaken:
    return next(row for row in costs_of(run.pk, run.extraction_id).nodes if row.node == which)


def test_a_node_is_the_sum_of_its_calls(run: Run) -> None:
    money.paid_call(run, 3 * CENT, more={"energy_low_wh": 0.25, "energy_high_wh": 1.0})
    money.paid_call(run, 2 * CENT, source=CostSource.ESTIMATED, purpose=CallPurpose.REPAIR)
    money.unconfirmed_call(run, 11 * CENT, purpose=CallPurpose.RETRY)
    money.refused_call(run)
    money.replayed_call(run)
    money.end_node(run, ms=1_500)
    row = node(run, Node.DECOMPOSE)
    took = row.taken
    assert (row.duration_ms, took.calls, took.released) == (1_500, 4, 1)
    assert took.purposes == {"ask": 1, "repair": 1, "retry": 1, "replay": 1}
    assert (took.cost_nusd, took.estimated_nusd, took.unconfirmed_nusd) == (
        16 * CENT, 2 * CENT, 11 * CENT,
    )  # fmt: skip
    assert (took.input_tokens, took.cache_read, took.output_tokens) == (2_000, 160, 400)
    assert took.sources == ("estimated", "metered", "replayed", "unconfirmed")
    assert took.models == ("openai_compatible/gpt-test",)
    assert (took.energy_low_wh, took.energy_high_wh, took.energy_unknown_calls) == (0.25, 1.0, 2)


def test_the_row_of_a_node_says_the_same(run: Run) -> None:
    """NodeCost is added up elsewhere; both must come to the same."""
    money.paid_call(run, 3 * CENT, more={"energy_low_wh": 0.25, "energy_high_wh": 1.0})
    money.unconfirmed_call(run, 11 * CENT)
    money.refused_call(run)
    money.replayed_call(run)
    money.end_node(run)
    stored, took = NodeCost.objects.get(run=run), node(run, Node.DECOMPOSE).taken
    for field in (
        "calls", "input_tokens", "output_tokens", "cost_nusd", "energy_low_wh", "energy_high_wh",
        "energy_unknown_calls",
    ):  # fmt: skip
        assert getattr(stored, field) == getattr(took, field), field
    assert tuple(stored.sources) == took.sources


def test_a_node_that_has_not_ended_is_paid_for_all_the_same(run: Run) -> None:
    money.paid_call(run, 3 * CENT)
    money.held_call(run, 7 * CENT)
    row = node(run, Node.DECOMPOSE)
    assert row.duration_ms is None
    assert (row.taken.cost_nusd, row.taken.unconfirmed_nusd) == (10 * CENT, 7 * CENT)
    assert row.taken.is_bound


def test_a_node_that_asked_nobody_is_there(run: Run) -> None:
    money.end_node(run, Node.DOCUMENT, ms=5)
    row = node(run, Node.DOCUMENT)
    assert (row.duration_ms, row.taken.calls, row.taken.sources) == (5, 0, ())


def test_the_extraction_stands_apart(world: World) -> None:
    run = factories.completed_run(world.project)
    other = factories.completed_run(world.project)
    money.paid_call(run, 3 * CENT, shared=True)
    money.paid_call(run, 2 * CENT)
    costs = costs_of(run.pk, run.extraction_id)
    assert costs.extraction is not None
    assert costs.extraction.taken.cost_nusd == 3 * CENT
    assert costs.total.cost_nusd == 2 * CENT
    assert costs_of(other.pk, other.extraction_id).extraction is None
    assert costs_of(run.pk, None).extraction is None


def test_nodes_come_in_the_order_of_the_graph(world: World) -> None:
    run = factories.completed_run(world.project)
    money.paid_call(run, iteration=2, node=Node.DECOMPOSE)
    found = [(row.node, row.iteration) for row in costs_of(run.pk, None).nodes]
    assert found == [
        ("extract", 0), ("analyze", 0), ("decompose", 1), ("validate", 1), ("document", 1),
        ("decompose", 2),
    ]  # fmt: skip


def test_nothing_adds_up_to_nothing() -> None:
    nothing = total([])
    assert (nothing.calls, nothing.cost_nusd, nothing.energy_low_wh) == (0, 0, None)


def test_it_takes_two_queries_however_many_calls(
    run: Run, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for iteration in (1, 2, 3):
        money.paid_call(run, iteration=iteration)
        money.end_node(run, iteration=iteration)
    with django_assert_num_queries(2):
        assert len(costs_of(run.pk, run.extraction_id).nodes) == 3
