"""LangSmith's account stands beside ours, settles what is open, and no lock waits for it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from observability import langsmith, ledger, pricing
from observability.ledger import Held
from observability.models import CallState, CostSource, LLMCall, ModelProfile
from observability.reconciliation import Report, reconcile_run
from observability.tokens import Usage
from runs.models import Run
from tests import factories
from tests.observability.accounts import assert_books_agree
from tests.observability.conftest import Holder
from tests.observability.traced import Model, traced
from tests.wire_langsmith import Behaviour, LangSmithServer

USAGE = Usage(input_fresh=1_000, output=200)  # what `Model` reports
COST = 1_800_000  # what the server charges for it, in nano-USD


@pytest.fixture
def server(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[LangSmithServer]:
    with traced(settings, monkeypatch) as server:
        yield server


@pytest.fixture
def held(hold: Holder) -> Holder:
    """A hold of a traced call that LangSmith was told of; its model did as `model` does."""

    def held(model: Model | None = None, **values: Any) -> Held:
        answer = hold(**{"traced": True, "held_nusd": 5_000_000, **values})
        call = LLMCall.objects.get(pk=answer.call_id)
        try:
            (model or Model()).invoke("Is it?", config=langsmith.tracing_config(call))
        except TimeoutError as error:
            ledger.leave_unconfirmed(answer, str(error))
        assert langsmith.flush()
        return answer

    return held


def settle(held: Held, cost_nusd: int = COST, **more: Any) -> UUID:
    source = more.pop("source", CostSource.METERED)
    ledger.settle(held, answer="{}", usage=USAGE, cost_nusd=cost_nusd, source=source, **more)
    return held.call_id


def left_open(held: Held) -> UUID:
    ledger.leave_unconfirmed(held, "Its process ended before the answer came.")
    return held.call_id


def row(call_id: UUID) -> LLMCall:
    return LLMCall.objects.get(pk=call_id)


def test_both_accounts_side_by_side(server: LangSmithServer, run: Run, held: Holder) -> None:
    alike, dearer = settle(held()), settle(held(), COST - 100)
    before = {row(pk).cost_nusd for pk in (alike, dearer)}
    report = reconcile_run(run.pk)
    assert report == Report(
        matched=2, missing=0, failed=0, settled=0, compared=2, difference_nusd=100
    )
    assert report.is_complete
    for pk in (alike, dearer):
        call = row(pk)
        assert (call.langsmith_tokens_in, call.langsmith_tokens_out) == (1_000, 200)
        assert call.langsmith_cost_nusd == COST
        assert call.reconciled_at is not None
        assert call.cost_source == CostSource.METERED
    assert {row(pk).cost_nusd for pk in (alike, dearer)} == before  # ours is not touched


def test_an_answer_that_was_lost_with_its_process_is_settled(
    server: LangSmithServer, run: Run, held: Holder
) -> None:
    lost = left_open(held())
    assert row(lost).cost_nusd == 5_000_000
    report = reconcile_run(run.pk)
    assert report == Report(
        matched=1, missing=0, failed=0, settled=1, compared=0, difference_nusd=0
    )
    call = row(lost)
    assert (call.state, call.cost_source) == (CallState.SETTLED, CostSource.LANGSMITH)
    assert (call.cost_nusd, call.input_fresh, call.output) == (COST, 1_000, 200)
    assert_books_agree()


def test_without_langsmiths_price_its_tokens_count_at_ours(
    server: LangSmithServer, run: Run, held: Holder
) -> None:
    server.rates = None
    free = ModelProfile(provider="openai_compatible", model="m", input_price=2, output_price=10)
    price = pricing.price_of(free, timezone.now())
    lost = left_open(held(price=price.as_json()))
    assert reconcile_run(run.pk).settled == 1
    call = row(lost)
    assert (call.cost_nusd, call.langsmith_cost_nusd) == (price.cost_nusd(USAGE), None)
    assert call.cost_nusd == 4_000_000


def test_an_error_settles_nothing(server: LangSmithServer, run: Run, held: Holder) -> None:
    """The provider may have computed an answer that was never seen, and charge for it."""
    cut = held(Model(error=TimeoutError("The answer did not come.")))
    report = reconcile_run(run.pk)
    assert (report.failed, report.missing, report.settled) == (1, 0, 0)
    assert report.is_complete
    call = row(cut.call_id)
    assert (call.state, call.cost_nusd) == (CallState.UNCONFIRMED, 5_000_000)
    assert call.reconciled_at is None


def test_what_is_missing_is_found_by_a_later_pass(
    server: LangSmithServer, run: Run, held: Holder
) -> None:
    server.known_after = 1
    first = settle(held(), COST - 7)
    assert reconcile_run(run.pk) == Report(
        matched=0, missing=1, failed=0, settled=0, compared=0, difference_nusd=0
    )
    later = reconcile_run(run.pk)
    assert (later.matched, later.missing, later.difference_nusd) == (1, 0, 7)
    written = row(first).reconciled_at
    server.requests.clear()
    assert reconcile_run(run.pk) == later  # and there is nothing left to ask
    assert server.requests == []
    assert row(first).reconciled_at == written


@pytest.mark.parametrize("behaviour", [Behaviour.UNAUTHORIZED, Behaviour.BROKEN])
def test_an_endpoint_that_does_not_answer_changes_nothing(
    server: LangSmithServer, run: Run, held: Holder, behaviour: Behaviour
) -> None:
    first, lost = settle(held()), left_open(held())
    before = [LLMCall.objects.values().get(pk=pk) for pk in (first, lost)]
    server.behaviour = behaviour
    report = reconcile_run(run.pk)
    assert (report.matched, report.missing, report.is_complete) == (0, 2, False)
    assert report.problem.startswith("LangSmith")
    assert [LLMCall.objects.values().get(pk=pk) for pk in (first, lost)] == before


def test_only_calls_that_have_an_account_are_asked_for(
    server: LangSmithServer, run: Run, held: Holder, hold: Holder
) -> None:
    held()  # still held
    settle(hold(traced=False))
    settle(held(held_nusd=0), 0, source=CostSource.EMBEDDED)
    ledger.release(held(), "Connection refused.")
    replay = row(settle(held()))
    replay.pk = uuid4()
    ledger.journal_replay(replay)
    report = reconcile_run(run.pk)
    assert (report.matched, report.missing, report.compared) == (1, 0, 1)


def test_an_extraction_is_reconciled_with_its_run_if_asked(
    server: LangSmithServer, run: Run, held: Holder
) -> None:
    extraction = factories.extraction(run.revision)
    settle(held())
    apart = held()
    LLMCall.objects.filter(pk=apart.call_id).update(run=None, extraction=extraction)
    settle(apart)
    other = held()
    LLMCall.objects.filter(pk=other.call_id).update(run=factories.run(run.project))
    settle(other)
    assert reconcile_run(run.pk).matched == 1
    assert reconcile_run(run.pk, extraction_id=extraction.pk).matched == 2
    assert row(other.call_id).reconciled_at is None


def test_calls_of_days_ago(server: LangSmithServer, run: Run, held: Holder) -> None:
    old = settle(held())
    then = timezone.now() - timedelta(days=9)
    LLMCall.objects.filter(pk=old).update(created_at=then)
    server.runs[str(old)]["start_time"] = then.isoformat()
    assert reconcile_run(run.pk).matched == 1


@pytest.mark.django_db(transaction=True)
def test_others_write_while_langsmith_is_asked(
    server: LangSmithServer, run: Run, held: Holder
) -> None:
    """On SQLite a transaction that was open then would let nobody write."""
    first = settle(held())

    def write() -> None:
        LLMCall.objects.filter(pk=first).update(error="Written meanwhile.")
        connection.close()

    server.on_query.append(write)
    assert reconcile_run(run.pk).matched == 1
    assert row(first).error == "Written meanwhile."


def test_figures_are_asked_for_once_for_all_calls(
    server: LangSmithServer, run: Run, held: Holder
) -> None:
    for _ in range(5):
        settle(held())
    server.requests.clear()
    assert reconcile_run(run.pk).matched == 5
    assert [request.path.partition("?")[0] for request in server.requests][-1:] == [
        "/api/v2/runs/query"
    ]
    assert len(server.requests) <= 2  # where the project is, and what it knows of the calls
