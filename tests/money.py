"""Calls that cost money, made as the gateway makes them: through the ledger."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.utils import timezone

from observability import budgets, ledger, node_costs
from observability.budgets import Payer
from observability.ledger import Held
from observability.models import CallPurpose, CostSource, LLMCall, ModelProfile, Node, Provider
from observability.node_costs import Account
from observability.tokens import Usage
from runs.models import Run

DOLLAR = 10**9
CENT = 10**7
USAGE = Usage(input_fresh=900, cache_read=80, cache_write=20, output=150, reasoning=50)


def paid_model(name: str = "Writer", model: str = "gpt-test", **values: Any) -> ModelProfile:
    found, _ = ModelProfile.objects.get_or_create(
        provider=Provider.COMPATIBLE,
        model=model,
        base_url="http://127.0.0.1:9/v1",
        defaults={
            "name": name,
            "context_window": 10_000,
            "max_output_tokens": 1_000,
            "input_price": 3,
            "output_price": 15,
            **values,
        },
    )
    return found


def held_call(
    run: Run,
    held_nusd: int = 5 * CENT,
    *,
    node: Node = Node.DECOMPOSE,
    iteration: int = 1,
    shared: bool = False,
    at: datetime | None = None,
    **values: Any,
) -> LLMCall:
    """A call that is being made, charged to the windows of its run. `shared`: the revision pays."""
    at = at or timezone.now()
    profile = values.pop("profile", None) or paid_model()
    call = LLMCall(
        project=run.project,
        run=None if shared else run,
        extraction=run.extraction if shared else None,
        node=Node.EXTRACT if shared else node,
        iteration=0 if shared else iteration,
        group=run.group,
        profile=profile,
        provider=profile.provider,
        model=profile.model,
        request_key=uuid4().hex,
        held_nusd=held_nusd,
        created_at=at,
        **values,
    )
    answer = ledger.hold(call, budgets.windows_of(Payer(run.project_id, run.pk, run.group), at))
    assert isinstance(answer, Held), answer
    return call


def paid_call(
    run: Run,
    cost_nusd: int = CENT,
    *,
    source: CostSource = CostSource.METERED,
    usage: Usage = USAGE,
    more: dict[str, Any] | None = None,
    **values: Any,
) -> LLMCall:
    """A call that was answered and settled. `more`: columns that are set with the answer."""
    call = held_call(run, **values)
    held = Held.of(call)
    ledger.settle(
        held, answer="{}", usage=usage, cost_nusd=cost_nusd, source=source, **(more or {})
    )
    call.refresh_from_db()
    return call


def unconfirmed_call(run: Run, held_nusd: int = 5 * CENT, **values: Any) -> LLMCall:
    """A call whose outcome nobody knows."""
    call = held_call(run, held_nusd, **values)
    ledger.leave_unconfirmed(Held.of(call), "The connection was cut.")
    call.refresh_from_db()
    return call


def refused_call(run: Run, **values: Any) -> LLMCall:
    """A call that was given back: it surely cost nothing."""
    call = held_call(run, **values)
    ledger.release(Held.of(call), "Too many requests (429).")
    call.refresh_from_db()
    return call


def replayed_call(run: Run, **values: Any) -> LLMCall:
    """An answer that was taken from the journal."""
    profile = paid_model()
    call = LLMCall(
        project=run.project,
        run=run,
        node=values.pop("node", Node.DECOMPOSE),
        iteration=values.pop("iteration", 1),
        profile=profile,
        provider=profile.provider,
        model=profile.model,
        request_key=uuid4().hex,
        purpose=CallPurpose.REPLAY,
        **values,
    )
    ledger.journal_replay(call)
    return call


def end_node(run: Run, node: Node = Node.DECOMPOSE, iteration: int = 1, ms: int = 1_200) -> None:
    """Write down what a node took, as when it ends."""
    account = Account(run.project_id, run.pk, None, run.subsystem_id)
    node_costs.aggregate(account, node, iteration, duration_ms=ms)


def spend_on(run: Run, days: dict[datetime, int]) -> None:
    """Calls of `run` at these moments that cost so much, in nano-USD."""
    for at, cost in days.items():
        paid_call(run, cost, held_nusd=cost, at=at)
