"""Hold, settle, release: the only code that moves money.

A row of LLMCall is written with its hold before a model is asked, and settled with the answer
after it, each in a short transaction of its own that is never part of another one. So a crash at
any moment leaves a row that says what may be owed, and nothing is asked that is not on record.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from observability.models import CallState, CostSource, LLMCall


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens in exclusive buckets, and the provider's own record of them."""

    input_fresh: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0
    reasoning: int = 0
    raw: dict[str, Any] | None = field(default=None)


def hold(call: LLMCall) -> LLMCall:
    """Journal a call before it is made, with the upper bound of its cost in `held_nusd`."""
    with transaction.atomic(durable=True):
        call.state = CallState.HELD
        call.save(force_insert=True)
    return call


def settle(call_id: UUID, *, answer: str, usage: Usage, cost_nusd: int, source: CostSource) -> bool:
    """Book what a held call cost, with its answer. False if it was not held any more."""
    with transaction.atomic(durable=True):
        changed = LLMCall.objects.filter(pk=call_id, state=CallState.HELD).update(
            state=CallState.SETTLED,
            answer=answer,
            cost_nusd=cost_nusd,
            cost_source=source,
            input_fresh=usage.input_fresh,
            cache_read=usage.cache_read,
            cache_write=usage.cache_write,
            output=usage.output,
            reasoning=usage.reasoning,
            raw_usage=usage.raw,
            finished_at=timezone.now(),
        )
    return bool(changed)


def release(call_id: UUID, error: str) -> bool:
    """Give back the hold of a call that surely cost nothing. False if it was not held any more."""
    with transaction.atomic(durable=True):
        changed = LLMCall.objects.filter(pk=call_id, state=CallState.HELD).update(
            state=CallState.RELEASED,
            error=error[:300],
            cost_nusd=0,
            held_nusd=0,
            finished_at=timezone.now(),
        )
    return bool(changed)


def leave_unconfirmed(call_id: UUID, error: str) -> bool:
    """Keep a call whose outcome is unknown charged at its hold."""
    with transaction.atomic(durable=True):
        row = LLMCall.objects.select_for_update().filter(pk=call_id, state=CallState.HELD).first()
        if row is None:
            return False
        row.state = CallState.UNCONFIRMED
        row.cost_source = CostSource.UNCONFIRMED
        row.cost_nusd = row.held_nusd
        row.error = error[:300]
        row.finished_at = timezone.now()
        row.save(update_fields=["state", "cost_source", "cost_nusd", "error", "finished_at"])
    return True
