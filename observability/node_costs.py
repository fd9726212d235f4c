"""Adding up the calls of a node: idempotent, so it can be done again at any time."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from observability.models import CallState, CostSource, LLMCall, Node, NodeCost

_SUMMED = (
    "state", "cost_source", "cost_nusd", "held_nusd", "input_fresh", "cache_read", "cache_write",
    "cache_write_1h", "output", "reasoning", "energy_low_wh", "energy_high_wh",
)  # fmt: skip
_ASKED_NOBODY = (CostSource.REPLAYED, CostSource.EMBEDDED)


@dataclass(frozen=True, slots=True)
class Account:
    """Whose node it was: a run's, or an extraction's (then `run_id` is None)."""

    project_id: int
    run_id: UUID | None = None
    extraction_id: int | None = None
    subsystem_id: int | None = None


def aggregate(account: Account, node: Node, iteration: int, *, duration_ms: int) -> NodeCost:
    """Write the NodeCost row of (account, node, iteration) anew from its calls."""
    whose: dict[str, Any] = {"run_id": account.run_id, "extraction_id": account.extraction_id}
    row, _ = NodeCost.objects.update_or_create(
        **whose,
        node=node,
        iteration=iteration,
        defaults={
            "is_dirty": False,
            **_sums(_calls(account.run_id, account.extraction_id, node, iteration)),
            "project_id": account.project_id,
            "subsystem_id": account.subsystem_id,
            "duration_ms": duration_ms,
        },
    )
    return row


def refresh() -> int:
    """Add up again what changed after it was added up, such as calls that were reconciled; how many
    rows that were."""
    dirty = list(NodeCost.objects.filter(is_dirty=True))
    for row in dirty:
        # Cleared before the calls are read: a call that changes in between makes it due again.
        NodeCost.objects.filter(pk=row.pk).update(is_dirty=False)
        calls = _calls(row.run_id, row.extraction_id, Node(row.node), row.iteration)
        NodeCost.objects.filter(pk=row.pk).update(**_sums(calls))
    return len(dirty)


def _calls(
    run_id: UUID | None, extraction_id: int | None, node: Node, iteration: int
) -> "QuerySet[LLMCall]":
    payer: dict[str, Any] = {"run_id": run_id} if run_id else {"extraction_id": extraction_id}
    rows: QuerySet[LLMCall] = LLMCall.objects.filter(**payer, node=node, iteration=iteration)
    return rows.exclude(state=CallState.RELEASED).order_by()


def _sums(calls: "QuerySet[LLMCall]") -> dict[str, Any]:
    """A call counts at its cost; one that is still held, by a worker that was replaced, counts at
    its hold, and the sum is due again. Summed here, because a node has few calls and a database
    is asked for ten sums in more time than it takes to add them up."""
    rows = list(calls.only(*_SUMMED))
    known = [row for row in rows if row.energy_low_wh is not None]
    asked = [row for row in rows if row.cost_source not in _ASKED_NOBODY]
    sources = {row.cost_source or CostSource.UNCONFIRMED.value for row in rows}
    held = any(row.state == CallState.HELD for row in rows)
    return {
        "calls": len(rows),
        "input_tokens": sum(
            row.input_fresh + row.cache_read + row.cache_write + row.cache_write_1h for row in rows
        ),
        "output_tokens": sum(row.output + row.reasoning for row in rows),
        "cost_nusd": sum(row.held_nusd if row.cost_nusd is None else row.cost_nusd for row in rows),
        "energy_unknown_calls": sum(row.energy_low_wh is None for row in asked),
        "energy_low_wh": sum(row.energy_low_wh for row in known) if known else None,
        "energy_high_wh": sum(row.energy_high_wh or 0 for row in known) if known else None,
        "sources": sorted(sources),
        "updated_at": timezone.now(),
        **({"is_dirty": True} if held else {}),
    }
