"""A call is held once and ends once, whoever tries, and no transaction takes a hold with it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from observability import budgets, ledger
from observability.budgets import Payer
from observability.ledger import Denied, Held
from observability.models import (
    Alert,
    AlertCause,
    Budget,
    BudgetWindow,
    CallState,
    CostSource,
    LLMCall,
    ModelProfile,
    NodeCost,
    Scope,
)
from observability.money import format_left
from observability.tokens import Usage
from runs.models import Run
from tests.observability.accounts import assert_books_agree
from tests.observability.conftest import Caller, Holder

USAGE = Usage(
    input_fresh=11, cache_read=22, cache_write=33, cache_write_1h=3, output=44, reasoning=55,
    raw={"total": 165},
)  # fmt: skip
End = Callable[[Held], bool]


def settle(held: Held, cost_nusd: int = 3_000) -> bool:
    return ledger.settle(
        held, answer="{}", usage=USAGE, cost_nusd=cost_nusd, source=CostSource.METERED
    )


def release(held: Held) -> bool:
    return ledger.release(held, "No route to the host.")


def leave_unconfirmed(held: Held) -> bool:
    return ledger.leave_unconfirmed(held, "TimeoutError: the answer did not come")


def confirm(held: Held) -> bool:
    return ledger.confirm(held, cost_nusd=700, source=CostSource.LANGSMITH)


ENDS: list[End] = [settle, release, leave_unconfirmed]


def row_of(held: Held) -> dict[str, Any]:
    return dict(LLMCall.objects.values().get(pk=held.call_id))


def amounts(held: Held) -> set[tuple[int, int, int]]:
    """held, spent, unconfirmed of all windows that the call is charged to: they must be alike."""
    rows = BudgetWindow.objects.filter(pk__in=held.windows)
    return set(rows.values_list("held_nusd", "spent_nusd", "unconfirmed_nusd"))


def test_a_hold_is_on_record_before_anything_is_known(hold: Holder) -> None:
    held = hold(held_nusd=5_000)
    row = row_of(held)
    assert (row["state"], row["held_nusd"], row["cost_nusd"]) == (CallState.HELD, 5_000, None)
    assert (row["cost_source"], row["answer"], row["finished_at"]) == ("", "", None)
    assert amounts(held) == {(5_000, 0, 0)}


def test_a_hold_is_charged_to_every_scope_narrowest_first(hold: Holder) -> None:
    held = hold()
    rows = BudgetWindow.objects.in_bulk(held.windows)
    scopes = [rows[pk].budget.scope for pk in held.windows]
    assert scopes == [Scope.RUN, Scope.DAY, Scope.MONTH, Scope.TOTAL]
    assert Held.of(LLMCall.objects.get()) == held


def test_a_call_that_can_cost_nothing_is_charged_to_none(hold: Holder) -> None:
    held = hold(held_nusd=0)
    assert held.windows == ()
    assert settle(held, 0)


def test_a_hold_is_a_row_of_its_own(call: Caller, hold: Holder) -> None:
    first = hold()
    with pytest.raises(IntegrityError):
        ledger.hold(call(pk=first.call_id, held_nusd=1), first.windows)
    assert LLMCall.objects.get().held_nusd == 5_000
    assert amounts(first) == {(5_000, 0, 0)}


def test_settling_books_cost_answer_and_tokens(hold: Holder) -> None:
    held = hold()
    assert settle(held) is True
    call = LLMCall.objects.get()
    assert (call.state, call.cost_nusd, call.cost_source) == (
        CallState.SETTLED,
        3_000,
        CostSource.METERED,
    )
    assert (call.answer, call.raw_usage, call.tokens) == ("{}", {"total": 165}, 168)
    buckets = (call.input_fresh, call.cache_read, call.cache_write, call.cache_write_1h)
    assert (*buckets, call.output, call.reasoning) == (11, 22, 33, 3, 44, 55)
    assert call.finished_at is not None
    assert not call.overrun
    assert amounts(held) == {(0, 3_000, 0)}


def test_a_cost_above_the_hold_is_booked_in_full_and_disables_the_model(
    hold: Holder, profile: ModelProfile
) -> None:
    held = hold(held_nusd=10)
    assert settle(held)
    row = row_of(held)
    assert (row["cost_nusd"], row["overrun"]) == (3_000, True)
    assert amounts(held) == {(0, 3_000, 0)}
    profile.refresh_from_db()
    assert not profile.enabled
    assert "ignored the cap" in profile.disabled_reason


def test_releasing_gives_the_hold_back(hold: Holder) -> None:
    held = hold()
    assert release(held) is True
    row = row_of(held)
    assert (row["state"], row["cost_nusd"]) == (CallState.RELEASED, 0)
    assert row["error"] == "No route to the host."
    assert row["finished_at"] is not None
    assert amounts(held) == {(0, 0, 0)}


def test_what_is_unknown_stays_charged_at_its_hold(hold: Holder) -> None:
    held = hold()
    assert leave_unconfirmed(held) is True
    row = row_of(held)
    assert (row["state"], row["held_nusd"], row["cost_nusd"]) == (
        CallState.UNCONFIRMED,
        5_000,
        5_000,
    )
    assert row["cost_source"] == CostSource.UNCONFIRMED
    assert row["error"].startswith("TimeoutError")
    assert row["finished_at"] is not None
    assert amounts(held) == {(0, 5_000, 5_000)}


@pytest.mark.parametrize("first", ENDS)
@pytest.mark.parametrize("second", ENDS)
def test_a_call_ends_once(hold: Holder, first: End, second: End) -> None:
    """The one exception: what was given up is settled when its answer comes after all."""
    held, other = hold(), hold()
    assert first(held) is True
    before = row_of(held)
    late = first is leave_unconfirmed and second is settle
    assert second(held) is late
    assert late or row_of(held) == before
    assert row_of(other)["state"] == CallState.HELD  # a neighbour is untouched
    assert_books_agree()


@pytest.mark.parametrize(
    ("end", "after"),
    [
        (settle, (0, 3_000, 0)),
        (confirm, (0, 700, 0)),
        (lambda held: ledger.release(held, "Not billed.", (CallState.UNCONFIRMED,)), (0, 0, 0)),
    ],
    ids=["the answer came late", "LangSmith knew", "it was not billed"],
)
def test_what_was_unconfirmed_gets_its_cost(
    hold: Holder, end: End, after: tuple[int, int, int]
) -> None:
    held = hold()
    leave_unconfirmed(held)
    node = NodeCost.objects.create(
        project_id=LLMCall.objects.get().project_id, run_id=LLMCall.objects.get().run_id,
        node="decompose", iteration=1,
    )  # fmt: skip
    assert end(held) is True
    assert amounts(held) == {after}
    node.refresh_from_db()
    assert node.is_dirty  # what was added up before is due again
    assert end(held) is False


def test_only_what_is_unconfirmed_is_confirmed(hold: Holder) -> None:
    held = hold()
    assert confirm(held) is False
    settle(held)
    assert confirm(held) is False
    assert row_of(held)["cost_nusd"] == 3_000


@pytest.mark.parametrize("end", ENDS)
def test_a_call_that_was_never_held_does_not_end(call: Caller, end: End) -> None:
    assert end(Held(call().pk, 5_000, ())) is False
    assert not LLMCall.objects.exists()


@pytest.mark.parametrize("end", [ledger.release, ledger.leave_unconfirmed])
def test_a_long_error_is_cut_to_its_column(hold: Holder, end: Callable[[Held, str], bool]) -> None:
    held = hold()
    assert end(held, "x" * 5_000)
    assert row_of(held)["error"] == "x" * 300


@pytest.mark.parametrize("end", ENDS)
def test_money_never_moves_inside_another_transaction(call: Caller, hold: Holder, end: End) -> None:
    """What fails outside could take the record of a call with it: it is refused at once."""
    held = hold()
    before = row_of(held)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        ledger.hold(call(), held.windows)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        end(held)
    assert row_of(held) == before
    assert LLMCall.objects.count() == 1


def limit(scope: Scope, max_nusd: int) -> None:
    budget = Budget.objects.get(project__slug="survey", scope=scope)
    budgets.set_limits(None, budget, warn_nusd=None, max_nusd=max_nusd)


@pytest.mark.parametrize("scope", [Scope.RUN, Scope.DAY, Scope.MONTH, Scope.TOTAL])
def test_a_hold_that_does_not_fit_any_one_scope_is_refused(
    call: Caller, hold: Holder, run: Run, scope: Scope
) -> None:
    limit(scope, 9_999)
    settle(hold())
    limit(scope, 7_999)
    windows = budgets.windows_of(Payer(run.project_id, run.pk))
    answer = ledger.hold(call(), windows)
    assert isinstance(answer, Denied)
    assert (answer.needed_nusd, answer.left_nusd, answer.max_nusd) == (5_000, 4_999, 7_999)
    assert answer.may_wait is False
    assert LLMCall.objects.count() == 1  # nothing was written
    assert_books_agree()
    limit(scope, 8_000)
    assert isinstance(ledger.hold(call(), windows), Held)  # to the last nano-dollar


def test_a_hold_waits_for_what_others_hold(call: Caller, hold: Holder, run: Run) -> None:
    limit(Scope.RUN, 9_000)
    other = hold()
    answer = ledger.hold(call(), other.windows)
    assert isinstance(answer, Denied)
    assert answer.may_wait is True
    settle(other, 4_000)
    assert isinstance(ledger.hold(call(), other.windows), Held)


def test_a_hold_does_not_wait_in_vain(call: Caller, hold: Holder) -> None:
    """One window has room as soon as others settle, another never will: that one decides."""
    limit(Scope.RUN, 9_000)
    limit(Scope.TOTAL, 3_000)
    windows = budgets.windows_of(Payer(call().project_id, call().run_id))
    answer = ledger.hold(call(), windows)
    assert isinstance(answer, Denied)
    assert (answer.window, answer.may_wait) == ("Project in total", False)
    assert str(answer) == (
        "Project in total has $0.000003 left of $0.000003, and the next call may cost up to "
        "$0.000005."
    )


def test_calls_of_the_dead_are_left_unconfirmed_once_their_time_is_up(hold: Holder) -> None:
    now, hour = timezone.now(), timedelta(hours=1)
    dead, alive, forever = hold(expires_at=now), hold(expires_at=now + hour), hold()
    assert ledger.expire(now + hour / 2) == 1
    assert ledger.expire(now + hour / 2) == 0
    states = [row_of(held)["state"] for held in (dead, alive, forever)]
    assert states == [CallState.UNCONFIRMED, CallState.HELD, CallState.HELD]
    assert_books_agree()


def test_a_machine_whose_clock_is_off_gives_up_no_call_of_others(
    hold: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive = hold(expires_at=timezone.now() + timedelta(minutes=2))
    fast = timezone.now() + timedelta(minutes=5)
    monkeypatch.setattr(timezone, "now", lambda: fast)
    assert ledger.expire() == 0
    assert row_of(alive)["state"] == CallState.HELD


def test_an_earlier_attempt_at_a_question_is_superseded(hold: Holder) -> None:
    mine, other = hold(request_key="a"), hold(request_key="b")
    assert ledger.supersede("a") == 1
    assert [row_of(held)["state"] for held in (mine, other)] == [
        CallState.UNCONFIRMED,
        CallState.HELD,
    ]


@pytest.mark.django_db(transaction=True)
def test_of_many_who_settle_at_once_one_books(transactional_db: None, hold: Holder) -> None:
    held = hold()
    barrier = Barrier(6)

    def end(number: int) -> bool:
        barrier.wait(timeout=10)
        try:
            return settle(held, number)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        booked = list(pool.map(end, range(6)))
    assert booked.count(True) == 1
    assert row_of(held)["cost_nusd"] == booked.index(True)
    assert_books_agree()


@pytest.mark.django_db(transaction=True)
def test_many_who_hold_at_once_never_go_over(
    transactional_db: None, call: Caller, run: Run
) -> None:
    """8 threads, 80 holds of 5,000 against 100,000 nano-USD, each settled at what it held."""
    limit(Scope.TOTAL, 100_000)
    windows = budgets.windows_of(Payer(run.project_id, run.pk))
    barrier = Barrier(8)

    def spend(number: int) -> int:
        barrier.wait(timeout=10)
        granted = 0
        try:
            for _ in range(10):
                answer = ledger.hold(call(), windows)
                if isinstance(answer, Held):
                    granted += settle(answer, 5_000)
        finally:
            connection.close()
        return granted

    with ThreadPoolExecutor(8) as pool:
        granted = sum(pool.map(spend, range(8)))
    total = BudgetWindow.objects.get(budget__scope=Scope.TOTAL)
    assert total.spent_nusd == granted * 5_000 <= 100_000
    assert granted >= 18  # others' holds may refuse the last few, not many
    assert_books_agree()


def test_a_bill_above_the_hold_is_an_overrun_like_any(hold: Holder, profile: ModelProfile) -> None:
    held = hold()
    leave_unconfirmed(held)
    assert ledger.confirm(held, cost_nusd=5_001, source=CostSource.INVOICE)
    profile.refresh_from_db()
    assert not profile.enabled
    assert Alert.objects.filter(cause=AlertCause.OVERRUN, acknowledged_at=None).count() == 1
    assert row_of(held)["overrun"]


def test_the_alert_of_unconfirmed_calls_tells_what_is_left_and_ends_with_the_last(
    hold: Holder,
) -> None:
    first, second = hold(), hold()
    leave_unconfirmed(first)
    leave_unconfirmed(second)
    alert = Alert.objects.get(cause=AlertCause.UNCONFIRMED)
    assert "The outcome of 2 calls is unknown: $0.00001, the most" in alert.message
    confirm(first)
    alert.refresh_from_db()
    assert "The outcome of a call is unknown: $0.000005, the most" in alert.message
    assert alert.acknowledged_at is None
    settle(second)
    alert.refresh_from_db()
    assert alert.acknowledged_at is not None


def test_what_is_left_is_never_rounded_up() -> None:
    assert format_left(999_999_999) == "$0.9999"
    assert (format_left(12_745_000_000), format_left(0)) == ("$12.74", "$0.00")


def test_whatever_a_provider_says_of_its_usage_the_bill_is_booked(hold: Holder) -> None:
    made = hold()
    odd = Usage(
        input_fresh=1, raw={"a\0b": float("nan"), "c": ["\ud800", 10**30], "d": {"e": None}}
    )
    assert ledger.settle(made, answer="{}", usage=odd, cost_nusd=10, source=CostSource.METERED)
    row = LLMCall.objects.get(pk=made.call_id)
    assert row.raw_usage == {"a\ufffdb": "nan", "c": ["?", 10**30], "d": {"e": None}}


def test_a_warning_that_is_crossed_by_a_call_that_is_given_up_is_told(hold: Holder) -> None:
    made = hold()
    LLMCall.objects.update(expires_at=timezone.now())
    BudgetWindow.objects.filter(pk__in=made.windows).update(warn_nusd=1)
    assert ledger.expire() == 1
    told = Alert.objects.filter(cause=AlertCause.BUDGET_WARNING)
    assert told.count() == len(made.windows)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["hold", "settle"])
def test_what_was_committed_before_the_connection_broke_counts_once(
    transactional_db: None, call: Caller, run: Run, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The database has it, and whoever asked for it was told of an error."""
    row, windows = call(), budgets.windows_of(Payer(run.project_id, run.pk))
    cut, commit = [step == "hold"], connection._commit  # type: ignore[attr-defined]

    def then_break() -> None:
        commit()
        if cut.pop():
            error = OperationalError("the connection is lost")
            error.__cause__ = psycopg.errors.AdminShutdown("terminating connection")
            raise error

    with monkeypatch.context() as patch:
        patch.setattr(connection, "_commit", lambda: then_break() if cut else commit())
        made = ledger.hold(row, windows)
    assert isinstance(made, Held)
    assert_books_agree()
    with monkeypatch.context() as patch:
        cut[:] = [step == "settle"]
        patch.setattr(connection, "_commit", lambda: then_break() if cut else commit())
        assert settle(made)  # and what follows from it is not forgotten
    call_ = LLMCall.objects.get()
    assert (call_.state, call_.cost_nusd) == (CallState.SETTLED, 3_000)
    assert_books_agree()
