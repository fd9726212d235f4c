"""Adding up the calls of a node: idempotent, so it can be done again at any time."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from observability.models import CallState, LLMCall, Node, NodeCost


@dataclass(frozen=True, slots=True)
class Account:
    """Whose node it was: a run's, or an extraction's (then `run_id` is None)."""

    project_id: int
    run_id: UUID | None = None
    extraction_id: int | None = None
    subsystem_id: int | None = None


def aggregate(account: Account, node: Node, iteration: int, *, duration_ms: int) -> NodeCost:
    """Write the NodeCost row of (account, node, iteration) anew from its calls.

    A call counts at its cost; one that is still held counts at its hold.
    """
    payer: dict[str, Any] = (
        {"run_id": account.run_id} if account.run_id else {"extraction_id": account.extraction_id}
    )
    calls = LLMCall.objects.filter(**payer, node=node, iteration=iteration)
    calls = calls.exclude(state=CallState.RELEASED)
    sums = calls.aggregate(
        calls=Count("pk"),
        input_tokens=Coalesce(Sum(F("input_fresh") + F("cache_read") + F("cache_write")), 0),
        output_tokens=Coalesce(Sum(F("output") + F("reasoning")), 0),
        cost_nusd=Coalesce(Sum(Coalesce(F("cost_nusd"), F("held_nusd"))), 0),
    )
    sources = calls.order_by().values_list("cost_source", flat=True).distinct()
    whose: dict[str, Any] = {"run_id": account.run_id, "extraction_id": account.extraction_id}
    row, _ = NodeCost.objects.update_or_create(
        **whose,
        node=node,
        iteration=iteration,
        defaults={
            **sums,
            "project_id": account.project_id,
            "subsystem_id": account.subsystem_id,
            "sources": sorted({source or "unconfirmed" for source in sources}),
            "duration_ms": duration_ms,
            "updated_at": timezone.now(),
        },
    )
    return row
