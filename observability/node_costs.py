"""Adding up the calls of a node: idempotent, so it can be done again at any time."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from observability.models import CallState, CostSource, LLMCall, Node, NodeCost


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
    its hold, and the sum is due again."""
    asked = ~Q(cost_source__in=[CostSource.REPLAYED, CostSource.EMBEDDED])
    sums = calls.aggregate(
        calls=Count("pk"),
        held=Count("pk", filter=Q(state=CallState.HELD)),
        input_tokens=Coalesce(
            Sum(F("input_fresh") + F("cache_read") + F("cache_write") + F("cache_write_1h")), 0
        ),
        output_tokens=Coalesce(Sum(F("output") + F("reasoning")), 0),
        cost_nusd=Coalesce(Sum(Coalesce(F("cost_nusd"), F("held_nusd"))), 0),
        energy_unknown_calls=Count("pk", filter=asked & Q(energy_low_wh__isnull=True)),
        energy_low_wh=Sum("energy_low_wh"),
        energy_high_wh=Sum("energy_high_wh"),
    )
    sources = calls.values_list("cost_source", flat=True).distinct()
    held = {"is_dirty": True} if sums.pop("held") else {}
    return {
        **sums,
        **held,
        "sources": sorted({source or CostSource.UNCONFIRMED.value for source in sources}),
        "updated_at": timezone.now(),
    }
