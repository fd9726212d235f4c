"""What the gateway books, beside what the provider bills: under the real SDKs, every provider."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from observability.llm import gateway
from observability.llm.errors import (
    NoPrice,
)
from observability.models import (
    BudgetWindow,
    CallState,
    CostSource,
    Scope,
)
from tests.observability.llm.paid import GOOD, MESSAGES, Asking, Verdict, booked, calls
from tests.observability.llm.paid import asking as asking
from tests.observability.llm.paid import quick_retries as quick_retries
from tests.observability.llm.paid import told as told
from tests.wire import WireServer, behaviours
from tests.wire.behaviours import Cut
from tests.wire.profiles import PROVIDERS

pytest_plugins = ["tests.wire.fixtures"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "behaviour",
    [behaviours.normal(), behaviours.cached(), behaviours.reasoning()],
    ids=lambda behaviour: behaviour.name,
)
def test_what_is_booked_is_what_is_billed_to_the_nano_dollar(
    wired: WireServer, asking: Asking, provider: str, behaviour: behaviours.Behaviour,
    streaming: bool,
) -> None:  # fmt: skip
    if provider == "anthropic" and streaming and behaviour.cache_write_1h:
        # LangChain drops from streams for how long a cache was written. We never ask for an hour.
        behaviour = replace(behaviour, cache_write_1h=0)
    wired.script(behaviour)
    done = gateway.complete(asking(provider, streaming=streaming), MESSAGES, Verdict)
    assert done.answer.score == 0.5
    [call], [line] = calls(), wired.bill.lines
    assert (call.state, call.cost_source) == (CallState.SETTLED, CostSource.METERED)
    assert call.cost_nusd == line.nusd == booked()
    buckets = ("input_fresh", "cache_read", "cache_write", "cache_write_1h", "output", "reasoning")
    ours = {name: getattr(call, name) for name in buckets}
    assert ours == {name: getattr(line.tokens, name) for name in buckets}
    assert call.held_nusd >= line.nusd
    assert call.raw_usage
    assert call.price is not None


def test_a_call_s_patience_is_by_the_database_s_clock(
    wired: WireServer, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now - timedelta(minutes=5))
    gateway.complete(asking("openai"), MESSAGES, Verdict)
    [call] = calls()
    assert call.expires_at is not None
    assert call.expires_at > now


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_answer_without_usage_is_estimated_and_never_free(
    wired: WireServer, asking: Asking, provider: str
) -> None:
    wired.script(behaviours.no_usage())
    gateway.complete(asking(provider), MESSAGES, Verdict)
    [call] = calls()
    assert call.cost_source == CostSource.ESTIMATED
    assert call.input_fresh > 0
    assert call.output > 0
    assert 0 < (call.cost_nusd or 0) <= call.held_nusd


def test_repairs_and_fallbacks_are_paid_for(wired: WireServer, asking: Asking) -> None:
    wired.script(behaviours.not_json(), behaviours.not_json(), model="openai-1")
    done = gateway.complete(asking("openai", "anthropic"), MESSAGES, Verdict)
    assert done.model == "anthropic/anthropic-1"
    assert booked() == wired.bill.nusd
    assert len(wired.bill.lines) == 3


def test_an_answer_that_is_cut_at_the_cap_is_paid_and_the_next_model_asked(
    wired: WireServer, asking: Asking
) -> None:
    wired.script(behaviours.truncated(), model="openai-1")
    assert gateway.complete(asking("openai", "google"), MESSAGES, Verdict).model.startswith("goo")
    assert booked() == wired.bill.nusd


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("how", [Cut.SILENTLY, Cut.TORN, Cut.UNANSWERED])
def test_a_cut_answer_stays_charged_at_its_hold(
    wired: WireServer, asking: Asking, provider: str, how: Cut
) -> None:
    wired.script(behaviours.cut(how))
    gateway.complete(asking(provider, streaming=True), MESSAGES, Verdict)
    lost, whole = calls()
    assert (lost.state, lost.cost_nusd) == (CallState.UNCONFIRMED, lost.held_nusd)
    assert whole.state == CallState.SETTLED
    window = BudgetWindow.objects.get(budget__scope=Scope.TOTAL)
    assert window.unconfirmed_nusd == lost.held_nusd
    assert window.spent_nusd >= wired.bill.nusd  # never less than the provider's own count


def test_a_model_without_a_price_is_never_asked(wired: WireServer, asking: Asking) -> None:
    context = asking()
    del context.routes[0]["price"]
    with pytest.raises(NoPrice):
        gateway.complete(context, MESSAGES, Verdict)
    assert (wired.requests, calls()) == ([], [])


def test_a_local_model_costs_nothing_only_if_an_admin_says_so(
    wired: WireServer, asking: Asking
) -> None:
    context = asking("openai_compatible", input_price=Decimal(0), output_price=Decimal(0),
                     cache_read_price=None, cache_write_price=None,
                     cache_write_1h_price=None)  # fmt: skip
    gateway.complete(context, MESSAGES, Verdict)
    [call] = calls()
    assert (call.cost_nusd, call.held_nusd, call.cost_source) == (0, 0, CostSource.METERED)
    assert call.tokens > 0


def test_what_no_database_keeps_is_booked_all_the_same(wired: WireServer, asking: Asking) -> None:
    wired.script(behaviours.normal("\0 no JSON \0"), behaviours.normal(GOOD))
    gateway.complete(asking(), MESSAGES, Verdict)
    assert booked() == wired.bill.nusd
