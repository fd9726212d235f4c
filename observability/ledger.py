"""Hold, settle, release: the only code that moves money.

A row of LLMCall is written with its hold before a model is asked, and settled with the answer
after it, each in a short transaction of its own that is never part of another one. So a crash at
any moment leaves a row that says what may be owed, and nothing is asked that is not on record.

The budget rule: a hold of x nano-USD is granted only if, in every window that it is charged to,

    held + spent + x <= max

by one UPDATE of that window's row, all windows in one transaction and in a fixed order, narrowest
first. x is an upper bound of what the call can cost, so for every provider that honours its output
cap, no budget is ever exceeded. What a call costs is booked in full, whatever it is.

At every moment a window's columns are the sums of `charge` over the calls that are charged to it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from observability import alerts
from observability.alerts import consequences
from observability.models import (
    BudgetWindow,
    CallHold,
    CallState,
    CostSource,
    LLMCall,
    NodeCost,
)
from observability.money import format_left, format_usd
from observability.pricing import Price
from observability.tokens import BUCKETS, Usage
from reqplatform.contention import retried

# Written out, because every lock in the ledger lasts as long as they take: the ORM composes one of
# them ten times longer than a database executes it. Only the columns of the one row are named:
# PostgreSQL does not look at joined rows again after it has waited for a lock.
_HOLD = """
    UPDATE observability_budgetwindow
    SET held_nusd = held_nusd + %s
    WHERE id = %s AND (max_nusd IS NULL OR held_nusd + spent_nusd + %s <= max_nusd)
"""
_BOOKED = """
    UPDATE observability_budgetwindow
    SET held_nusd = held_nusd + %s,
        spent_nusd = spent_nusd + %s,
        unconfirmed_nusd = unconfirmed_nusd + %s
    WHERE id = %s
"""


class Charge(NamedTuple):
    """What one call adds to each column of its windows, in nano-USD."""

    held: int
    spent: int
    unconfirmed: int


def charge(state: CallState, hold_nusd: int, cost_nusd: int) -> Charge:
    """What a call in this state weighs. Every movement of money is the difference of two."""
    return {
        CallState.HELD: Charge(hold_nusd, 0, 0),
        CallState.SETTLED: Charge(0, cost_nusd, 0),
        CallState.UNCONFIRMED: Charge(0, hold_nusd, hold_nusd),
        CallState.RELEASED: Charge(0, 0, 0),
    }[state]


@dataclass(frozen=True, slots=True)
class Held:
    """A granted hold: the call may be made."""

    call_id: UUID
    amount_nusd: int
    windows: tuple[int, ...]  # ids, in the order of locking

    @classmethod
    def of(cls, call: LLMCall) -> "Held":
        """The hold of a call that is on record."""
        windows = call.holds.order_by("pk").values_list("window_id", flat=True)
        return cls(call.pk, call.held_nusd, tuple(windows))


@dataclass(frozen=True, slots=True)
class Denied:
    """A hold that does not fit now. `may_wait`: it will, if enough of others' holds are freed."""

    needed_nusd: int
    left_nusd: int  # in the tightest window, with what others hold counted as spent
    max_nusd: int
    window_id: int
    window: str  # "Day 2026-11-26"
    may_wait: bool

    def __str__(self) -> str:
        return (
            f"{self.window} has {format_left(self.left_nusd)} left of {format_usd(self.max_nusd)}, "
            f"and the next call may cost up to {format_usd(self.needed_nusd)}."
        )


class _DoesNotFit(Exception):  # noqa: N818 - leaves the transaction, is never seen outside
    """The window of this id has no room."""


def hold(call: LLMCall, windows: Sequence[int]) -> Held | Denied:
    """Journal a call before it is made, and hold `call.held_nusd`, the upper bound of its cost.

    `windows` are those that `budgets.windows_of` gives, in its order. A call that can cost nothing
    is charged to none. Granted (Held), or Denied: nothing is written then.
    """
    amount = call.held_nusd
    charged = tuple(windows) if amount else ()
    tries = 0

    @retried
    def try_it() -> None:
        nonlocal tries
        tries += 1
        _hold(call, charged)

    try:
        try_it()
    except _DoesNotFit as full:
        return _denied(amount, charged, full.args[0])
    except IntegrityError:  # the try before was committed, and its connection broke
        if tries == 1 or not LLMCall.objects.filter(pk=call.pk, state=CallState.HELD).exists():
            raise
    return Held(call.pk, amount, charged)


def _hold(call: LLMCall, windows: Sequence[int]) -> None:
    amount = call.held_nusd
    with transaction.atomic(durable=True):
        call.state = CallState.HELD
        call.save(force_insert=True)
        CallHold.objects.bulk_create(
            [CallHold(call_id=call.pk, window_id=window) for window in windows]
        )
        with connection.cursor() as cursor:
            for window in windows:  # the contended rows last, so that they are locked for least
                cursor.execute(_HOLD, [amount, window, amount])
                if not cursor.rowcount:
                    raise _DoesNotFit(window)


def _denied(amount: int, windows: Sequence[int], full: int) -> Denied:
    """Why a hold did not fit. Read after the fact: if it would fit by now, it may wait."""
    rows = BudgetWindow.objects.select_related("budget").in_bulk(windows)
    hopeless = [
        row
        for row in rows.values()
        if row.max_nusd is not None and row.spent_nusd + amount > row.max_nusd
    ]
    blocking = min(hopeless, key=lambda row: row.left_nusd or 0) if hopeless else rows[full]
    return Denied(
        needed_nusd=amount,
        left_nusd=blocking.left_nusd or 0,
        max_nusd=blocking.max_nusd or 0,
        window_id=blocking.pk,
        window=blocking.label,
        may_wait=not hopeless,
    )


def settle(
    held: Held,
    *,
    answer: str,
    usage: Usage,
    cost_nusd: int,
    source: CostSource,
    **more: Any,
) -> bool:
    """Book what a call cost, in full, with its answer. False if it was settled or released before.

    An answer that comes after its call was given up (unconfirmed) is booked all the same. A cost
    above the hold is an overrun: the provider ignored the cap, so its profile is disabled.
    `more` are further columns of the call: energy, traced, ...
    """
    overrun = cost_nusd > held.amount_nusd
    columns: dict[str, Any] = {
        **more,
        "answer": storable(answer),
        "cost_source": source,
        "overrun": overrun,
        "raw_usage": _storable_json(usage.raw),
        **_buckets(usage),
    }
    booked = _move(
        held,
        (CallState.HELD, CallState.UNCONFIRMED),
        CallState.SETTLED,
        cost_nusd=cost_nusd,
        **columns,
    )
    if booked and overrun:
        consequences.overrun(held.call_id, held.amount_nusd, cost_nusd)
    return booked


def storable(text: str) -> str:
    """The text without what PostgreSQL keeps out of its own: NUL and lone surrogates. A model may
    write anything, and its bill must be booked all the same."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _storable_json(value: Any) -> Any:
    """The same of a provider's record, which may hold numbers that are none as well."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {storable(str(name)): _storable_json(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_storable_json(part) for part in value]
    return value


def _buckets(usage: Usage) -> dict[str, Any]:
    return {name: getattr(usage, name) for name in BUCKETS}


def release(held: Held, error: str, frm: Iterable[CallState] = (CallState.HELD,)) -> bool:
    """Give back the hold of a call that surely cost nothing. False if it was not held any more."""
    return _move(held, frm, CallState.RELEASED, cost_nusd=0, error=storable(error)[:300])


def leave_unconfirmed(held: Held, error: str) -> bool:
    """Keep a call whose outcome is unknown charged at its hold. False if it was not held any more.

    It stays so until the answer arrives late, LangSmith knows its cost, or a person enters it. If
    it may have cost something, the project gets an alert: one for each run.
    """
    moved = _move(
        held,
        (CallState.HELD,),
        CallState.UNCONFIRMED,
        cost_nusd=held.amount_nusd,
        cost_source=CostSource.UNCONFIRMED,
        error=storable(error)[:300],
    )
    if moved and held.amount_nusd:
        consequences.left_unconfirmed(held.call_id)
    return moved


def confirm(
    held: Held,
    *,
    cost_nusd: int,
    source: CostSource,
    usage: Usage | None = None,
    note: str | None = None,
    may_disable: bool = True,
) -> bool:
    """Book the cost of an unconfirmed call, as LangSmith or a bill says. False if it is not one.

    `note` says who knew it; without one, why it was unconfirmed stays on record. More than was held
    disables the call's profile, if it `may_disable` it.
    """
    tokens = _buckets(usage) if usage is not None else {}
    if note is not None:
        tokens["error"] = storable(note)[:300]
    overrun = cost_nusd > held.amount_nusd
    booked = _move(
        held,
        (CallState.UNCONFIRMED,),
        CallState.SETTLED,
        cost_nusd=cost_nusd,
        cost_source=source,
        overrun=overrun,
        **tokens,
    )
    if booked and overrun:
        consequences.overrun(held.call_id, held.amount_nusd, cost_nusd, disables=may_disable)
        alerts.raise_for_crossed(held.windows, None)
    return booked


def reconcile(call_id: UUID, *, usage: Usage, cost_nusd: int | None) -> bool:
    """Put LangSmith's figures beside ours, and settle the call by them if it is unconfirmed.

    Without a cost of LangSmith's own, its tokens count at the price of the call. True if it was
    settled by this.
    """
    LLMCall.objects.filter(pk=call_id).update(
        langsmith_tokens_in=usage.input,
        langsmith_tokens_out=usage.output + usage.reasoning,
        langsmith_cost_nusd=cost_nusd,
        reconciled_at=timezone.now(),
    )
    call = LLMCall.objects.only("pk", "state", "held_nusd", "price").get(pk=call_id)
    if call.state != CallState.UNCONFIRMED:
        return False
    if cost_nusd is None:
        if call.price is None:
            return False
        cost_nusd = Price.from_json(call.price).cost_nusd(usage)
    return confirm(Held.of(call), cost_nusd=cost_nusd, source=CostSource.LANGSMITH, usage=usage)


def journal_replay(call: LLMCall) -> None:
    """Write down that a stored answer was used again, at no cost."""
    call.state = CallState.SETTLED
    call.cost_source = CostSource.REPLAYED
    call.cost_nusd = call.held_nusd = 0
    call.finished_at = timezone.now()
    with transaction.atomic(durable=True):
        call.save(force_insert=True)


def supersede(request_key: str) -> int:
    """Leave earlier attempts at the same question unconfirmed that are still held: whoever made
    them is gone or was replaced, or it would not be asked again. How many they were.

    Should the answer come after all, it is booked all the same."""
    return _abandon(Q(request_key=request_key), "Its process was replaced before the answer came.")


def expire(now: datetime | None = None) -> int:
    """Leave calls unconfirmed that nobody waits for any more: their process has died.

    By the database's clock, as it was set: a machine whose own is minutes off gives up nobody's.
    """
    return _abandon(Q(expires_at__lt=now or Now()), "Its process ended before the answer came.")


def _abandon(which: Q, error: str) -> int:
    rows = LLMCall.objects.filter(which, state=CallState.HELD).only("pk", "held_nusd", "run_id")
    left = 0
    for call in rows.order_by("pk"):
        held = Held.of(call)
        if leave_unconfirmed(held, error):
            left += 1
            alerts.raise_for_crossed(held.windows, call.run_id)
    return left


def _move(
    held: Held, frm: Iterable[CallState], to: CallState, *, cost_nusd: int, **columns: Any
) -> bool:
    """Take a call from one of the states `frm` to `to`, and its windows with it, at once."""
    tries = 0

    @retried
    def try_it() -> CallState | None:
        nonlocal tries
        tries += 1
        return _book(held, frm, to, cost_nusd, columns)

    was = try_it()
    if was is None and tries > 1 and _stands_at(held, to, cost_nusd):
        was = CallState.UNCONFIRMED  # for all we know: what follows from it is harmless otherwise
    if was == CallState.UNCONFIRMED:
        consequences.settled_late(held.call_id)
    return was is not None


def _stands_at(held: Held, state: CallState, cost_nusd: int) -> bool:
    """Whether a try was committed before its connection broke."""
    return LLMCall.objects.filter(pk=held.call_id, state=state, cost_nusd=cost_nusd).exists()


def _book(
    held: Held, frm: Iterable[CallState], to: CallState, cost_nusd: int, columns: dict[str, Any]
) -> CallState | None:
    """The state that the call was in; None if it was in none of `frm`, and then nothing changed."""
    for state in frm:
        before = charge(state, held.amount_nusd, held.amount_nusd)
        after = charge(to, held.amount_nusd, cost_nusd)
        moves = [b - a for a, b in zip(before, after, strict=True)]
        with transaction.atomic(durable=True):
            moved = LLMCall.objects.filter(pk=held.call_id, state=state).update(
                state=to, cost_nusd=cost_nusd, is_due=True, finished_at=timezone.now(), **columns
            )
            if not moved:
                continue
            with connection.cursor() as cursor:
                for window in held.windows:
                    cursor.execute(_BOOKED, [*moves, window])
            if state != CallState.HELD:
                _mark_dirty(held.call_id)
            return state
    return None


def _mark_dirty(call_id: UUID) -> None:
    """What was added up with the call's old cost is due again."""
    call = LLMCall.objects.only("run_id", "extraction_id", "node", "iteration").get(pk=call_id)
    rows = NodeCost.objects.filter(node=call.node, iteration=call.iteration)
    payer = {"run": call.run_id} if call.run_id else {"extraction": call.extraction_id}
    rows.filter(**payer).update(is_dirty=True)
