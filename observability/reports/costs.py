"""What each node of a run took, added up from its calls: money, tokens, energy, detours.

Time comes from the NodeCost rows, which are written when a node ends. A node that was begun and has
not ended has calls and costs all the same, so it is here as well, without a time.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from observability.models import CallPurpose, CallState, CostSource, LLMCall, Node, NodeCost
from observability.tokens import BUCKETS


@dataclass(frozen=True, slots=True)
class Taken:
    """Sums over calls. Money in nano-USD, tokens in exclusive buckets, energy in watt-hours.

    `calls` and `purposes` leave out what was `released`: attempts that surely cost nothing. A call
    that is still being made counts at its hold and as unconfirmed. Energy is None if no call's is
    known; `energy_unknown_calls` counts those that are missing in it.
    """

    calls: int = 0
    released: int = 0
    purposes: Mapping[str, int] = field(default_factory=dict)
    input_fresh: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    cost_nusd: int = 0
    estimated_nusd: int = 0
    unconfirmed_nusd: int = 0
    sources: tuple[str, ...] = ()
    models: tuple[str, ...] = ()  # provider/model of those that answered
    traced_calls: int = 0
    energy_low_wh: float | None = None
    energy_high_wh: float | None = None
    energy_unknown_calls: int = 0

    @property
    def input_tokens(self) -> int:
        return self.input_fresh + self.cache_read + self.cache_write + self.cache_write_1h

    @property
    def output_tokens(self) -> int:
        return self.output + self.reasoning

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens

    @property
    def is_estimated(self) -> bool:
        """Whether any part of the cost was estimated here, because an answer carried no usage."""
        return CostSource.ESTIMATED in self.sources

    @property
    def is_bound(self) -> bool:
        """Whether the cost is the most that it can have been."""
        return CostSource.UNCONFIRMED in self.sources


@dataclass(frozen=True, slots=True)
class NodeTaken:
    """One node in one iteration; `duration_ms` is None if it has not ended."""

    node: Node
    iteration: int
    duration_ms: int | None
    taken: Taken

    @property
    def label(self) -> str:
        return str(self.node.label)


@dataclass(frozen=True, slots=True)
class RunCosts:
    """A run's own nodes in the order of the graph, and the extraction that its revision paid for
    once, which all runs of the revision share."""

    nodes: tuple[NodeTaken, ...]
    extraction: NodeTaken | None

    @property
    def total(self) -> Taken:
        """Of the run's own nodes."""
        return total(row.taken for row in self.nodes)


def costs_of(run_id: UUID, extraction_id: int | None) -> RunCosts:
    """What a run took; two queries, however many calls there are."""
    rows = list(NodeCost.objects.filter(of_run(run_id, extraction_id)))
    groups: dict[tuple[bool, str, int], list[Taken]] = {}
    for group in _groups(LLMCall.objects.filter(of_run(run_id, extraction_id))):
        key = (group["run"] is None, group["node"], group["iteration"])
        groups.setdefault(key, []).append(_taken(group))
    taken = {key: total(parts) for key, parts in groups.items()}
    ended = {(row.run_id is None, row.node, row.iteration): row for row in rows}
    found = [
        (
            shared,
            NodeTaken(
                node=Node(node),
                iteration=iteration,
                duration_ms=row.duration_ms
                if (row := ended.get((shared, node, iteration)))
                else None,
                taken=taken.get((shared, node, iteration)) or _of_row(row),
            ),
        )
        for shared, node, iteration in ended.keys() | taken.keys()
    ]
    order = list(Node)
    own = sorted(
        (row for shared, row in found if not shared),
        key=lambda row: (row.iteration, order.index(row.node)),
    )
    return RunCosts(tuple(own), next((row for shared, row in found if shared), None))


def total(parts: Iterable[Taken]) -> Taken:
    """The sums of several together."""
    parts = list(parts)
    purposes: Counter[str] = Counter()
    for part in parts:
        purposes.update(part.purposes)
    numbers = {
        name: sum(getattr(part, name) for part in parts)
        for name in (
            "calls",
            "released",
            *BUCKETS,
            "cost_nusd",
            "estimated_nusd",
            "unconfirmed_nusd",
            "traced_calls",
            "energy_unknown_calls",
        )
    }
    return Taken(
        **numbers,
        purposes=dict(purposes),
        sources=tuple(sorted({source for part in parts for source in part.sources})),
        models=tuple(sorted({model for part in parts for model in part.models})),
        energy_low_wh=_known_sum(part.energy_low_wh for part in parts),
        energy_high_wh=_known_sum(part.energy_high_wh for part in parts),
    )


def _known_sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def of_run(run_id: UUID, extraction_id: int | None) -> Q:
    """The rows of calls or node costs that a run is made of: its own, and those of the extraction
    that its revision paid for."""
    mine = Q(run=run_id)
    return mine | Q(run=None, extraction=extraction_id) if extraction_id else mine


def _groups(calls: "QuerySet[LLMCall]") -> Iterable[Mapping[str, Any]]:
    free = Q(cost_source__in=[CostSource.REPLAYED, CostSource.EMBEDDED])
    groups: Any = (
        calls.order_by()
        .values("run", "node", "iteration", "state", "cost_source", "purpose", "provider", "model")
        .annotate(
            number=Count("pk"),
            cost=Coalesce(Sum(Coalesce(F("cost_nusd"), F("held_nusd"))), 0),
            traced_calls=Count("pk", filter=Q(traced=True)),
            low=Sum("energy_low_wh"),
            high=Sum("energy_high_wh"),
            unknown=Count("pk", filter=~free & Q(energy_low_wh=None)),
            **{f"sum_{name}": Sum(name) for name in BUCKETS},
        )
    )
    return groups  # type: ignore[no-any-return]


def _taken(group: Mapping[str, Any]) -> Taken:
    number = group["number"]
    if group["state"] == CallState.RELEASED:
        return Taken(released=number)
    source = group["cost_source"] or CostSource.UNCONFIRMED.value
    cost = group["cost"]
    answered = group["state"] == CallState.SETTLED
    return Taken(
        calls=number,
        purposes={group["purpose"]: number},
        cost_nusd=cost,
        estimated_nusd=cost if source == CostSource.ESTIMATED else 0,
        unconfirmed_nusd=cost if source == CostSource.UNCONFIRMED else 0,
        sources=(source,),
        models=(f"{group['provider']}/{group['model']}",) if answered else (),
        traced_calls=group["traced_calls"],
        energy_low_wh=group["low"],
        energy_high_wh=group["high"],
        energy_unknown_calls=group["unknown"],
        **{name: group[f"sum_{name}"] for name in BUCKETS},
    )


def _of_row(row: NodeCost | None) -> Taken:
    """A node that asked nobody, by its row."""
    if row is None:
        return Taken()
    return Taken(
        calls=row.calls,
        purposes={CallPurpose.ASK.value: row.calls} if row.calls else {},
        input_fresh=row.input_tokens,
        output=row.output_tokens,
        cost_nusd=row.cost_nusd,
        sources=tuple(row.sources),
        energy_low_wh=row.energy_low_wh,
        energy_high_wh=row.energy_high_wh,
        energy_unknown_calls=row.energy_unknown_calls,
    )
