"""A project whose agents ask models of the local provider, and its bill node by node."""

import json
from collections import defaultdict
from typing import Any

from observability.models import ModelProfile, Node, NodeCost, Route
from reqplatform.teams.models import Project
from runs.models import Run
from tests.wire import Prices, WireServer
from tests.wire.answers import by_analyst

LIST = Prices()


def model(provider: str, **values: Any) -> ModelProfile:
    """A model of the wire server, at the prices that it charges."""
    defaults: dict[str, Any] = {
        "name": f"Paid {provider}",
        "context_window": 200_000,
        "max_output_tokens": 8_000,
        "timeout_seconds": 10,
        "input_price": LIST.input,
        "output_price": LIST.output,
        "cache_read_price": LIST.cache_read,
        "cache_write_price": LIST.cache_write,
        "cache_write_1h_price": LIST.cache_write_1h,
    }
    return ModelProfile.objects.create(
        provider=provider, model=f"{provider}-1", **{**defaults, **values}
    )


def route(project: Project, *profiles: ModelProfile) -> None:
    """Let every node of the project ask these models, in this order."""
    for node in Node:
        for position, profile in enumerate(profiles, start=1):
            Route.objects.create(project=project, node=node, position=position, profile=profile)


def answer_as_analyst(wire: WireServer) -> None:
    wire.answers = by_analyst


def billed_by_node(wire: WireServer, *, delivered: bool = False) -> dict[str, int]:
    """What the provider bills for each node, in nano-USD, as the requests themselves say."""
    nodes = {f"wire-{asked.number}": task_of(asked.messages) for asked in wire.requests}
    bill: dict[str, int] = defaultdict(int)
    for line in wire.bill.lines:
        if line.delivered or not delivered:
            bill[nodes[line.id]] += line.nusd
    return dict(bill)


def task_of(messages: list[tuple[str, str]]) -> str:
    first = next(text for role, text in messages if role == "human")
    return str(json.loads(first)["task"])


def booked_by_node(run: Run) -> dict[str, int]:
    """What our books say, over all iterations; the extraction is the revision's."""
    run.refresh_from_db()
    rows = [*run.node_costs.all(), *NodeCost.objects.filter(extraction=run.extraction, run=None)]
    booked: dict[str, int] = defaultdict(int)
    for row in rows:
        booked[row.node] += row.cost_nusd
    return {node: nusd for node, nusd in booked.items() if nusd}
