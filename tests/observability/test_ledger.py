"""A call is held once and ends once, whoever tries, and no transaction takes a hold with it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from observability import ledger
from observability.models import CallState, CostSource, LLMCall
from tests.observability.conftest import Caller

USAGE = ledger.Usage(
    input_fresh=11, cache_read=22, cache_write=33, output=44, reasoning=55, raw={"total": 165}
)
End = Callable[[UUID], bool]


def settle(call_id: UUID) -> bool:
    return ledger.settle(
        call_id, answer="{}", usage=USAGE, cost_nusd=3_000, source=CostSource.METERED
    )


def release(call_id: UUID) -> bool:
    return ledger.release(call_id, "No route to the host.")


def leave_unconfirmed(call_id: UUID) -> bool:
    return ledger.leave_unconfirmed(call_id, "TimeoutError: the answer did not come")


ENDS: list[End] = [settle, release, leave_unconfirmed]


def row_of(call: LLMCall) -> dict[str, Any]:
    return dict(LLMCall.objects.values().get(pk=call.pk))


def test_a_hold_is_on_record_before_anything_is_known(call: Caller) -> None:
    held = LLMCall.objects.get(pk=ledger.hold(call(held_nusd=5_000)).pk)
    assert (held.state, held.held_nusd, held.cost_nusd) == (CallState.HELD, 5_000, None)
    assert (held.cost_source, held.answer, held.finished_at) == ("", "", None)


def test_a_hold_is_a_row_of_its_own(call: Caller) -> None:
    first = ledger.hold(call())
    with pytest.raises(IntegrityError):
        ledger.hold(call(pk=first.pk, held_nusd=1))
    assert LLMCall.objects.get().held_nusd == 5_000


def test_settling_books_cost_answer_and_tokens(call: Caller) -> None:
    held = ledger.hold(call())
    assert settle(held.pk) is True
    held.refresh_from_db()
    assert (held.state, held.cost_nusd, held.cost_source) == (
        CallState.SETTLED,
        3_000,
        CostSource.METERED,
    )
    assert (held.answer, held.raw_usage, held.tokens) == ("{}", {"total": 165}, 165)
    buckets = (held.input_fresh, held.cache_read, held.cache_write, held.output, held.reasoning)
    assert buckets == (11, 22, 33, 44, 55)
    assert held.finished_at is not None


def test_settling_books_the_full_cost_even_above_the_hold(call: Caller) -> None:
    held = ledger.hold(call(held_nusd=10))
    assert settle(held.pk)
    assert row_of(held)["cost_nusd"] == 3_000


def test_releasing_gives_the_hold_back(call: Caller) -> None:
    held = ledger.hold(call())
    assert release(held.pk) is True
    row = row_of(held)
    assert (row["state"], row["held_nusd"], row["cost_nusd"]) == (CallState.RELEASED, 0, 0)
    assert row["error"] == "No route to the host."
    assert row["finished_at"] is not None


def test_what_is_unknown_stays_charged_at_its_hold(call: Caller) -> None:
    held = ledger.hold(call())
    assert leave_unconfirmed(held.pk) is True
    row = row_of(held)
    assert (row["state"], row["held_nusd"], row["cost_nusd"]) == (
        CallState.UNCONFIRMED,
        5_000,
        5_000,
    )
    assert row["cost_source"] == CostSource.UNCONFIRMED
    assert row["error"].startswith("TimeoutError")
    assert row["finished_at"] is not None


@pytest.mark.parametrize("first", ENDS)
@pytest.mark.parametrize("second", ENDS)
def test_a_call_ends_once(call: Caller, first: End, second: End) -> None:
    held, other = ledger.hold(call()), ledger.hold(call())
    assert first(held.pk) is True
    before = row_of(held)
    assert second(held.pk) is False
    assert row_of(held) == before
    assert row_of(other)["state"] == CallState.HELD  # a neighbour is untouched


@pytest.mark.parametrize("end", ENDS)
def test_a_call_that_was_never_held_does_not_end(call: Caller, end: End) -> None:
    assert end(call().pk) is False
    assert not LLMCall.objects.exists()


@pytest.mark.parametrize("end", [ledger.release, ledger.leave_unconfirmed])
def test_a_long_error_is_cut_to_its_column(call: Caller, end: Callable[[UUID, str], bool]) -> None:
    held = ledger.hold(call())
    assert end(held.pk, "x" * 5_000)
    assert row_of(held)["error"] == "x" * 300


@pytest.mark.parametrize("end", ENDS)
def test_money_never_moves_inside_another_transaction(call: Caller, end: End) -> None:
    """What fails outside could take the record of a call with it: it is refused at once."""
    held = ledger.hold(call())
    before = row_of(held)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        ledger.hold(call())
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        end(held.pk)
    assert row_of(held) == before
    assert LLMCall.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_who_settle_at_once_one_books(transactional_db: None, call: Caller) -> None:
    held = ledger.hold(call())
    barrier = Barrier(6)

    def end(number: int) -> bool:
        barrier.wait(timeout=10)
        try:
            if number == 0:
                return ledger.leave_unconfirmed(held.pk, "lost")
            return ledger.settle(
                held.pk,
                answer=str(number),
                usage=ledger.Usage(),
                cost_nusd=number,
                source=CostSource.METERED,
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        booked = list(pool.map(end, range(6)))
    assert booked.count(True) == 1
    winner = booked.index(True)
    row = row_of(held)
    assert (row["cost_nusd"], row["answer"]) == ((winner, str(winner)) if winner else (5_000, ""))
