"""What the gateway books, beside what the provider bills: under the real SDKs, every provider."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from pydantic import BaseModel, Field

from observability import budgets, ledger
from observability.ledger import Held
from observability.llm import attempt, gateway, routes
from observability.llm.context import CallContext, Happening, Notice
from observability.llm.errors import (
    CallCancelled,
    Fatal,
    MissingKey,
    NoPrice,
    NoSuchProvider,
    Outage,
    OutOfBudget,
)
from observability.models import (
    Alert,
    AlertCause,
    Budget,
    BudgetWindow,
    CallPurpose,
    CallState,
    CostSource,
    LLMCall,
    ModelProfile,
    Node,
    Scope,
)
from observability.pricing import price_of
from runs.models import Run
from tests.observability.accounts import assert_books_agree
from tests.wire import Prices, WireServer, behaviours
from tests.wire.behaviours import Cut
from tests.wire.profiles import PROVIDERS

pytest_plugins = ["tests.wire.fixtures"]
pytestmark = pytest.mark.django_db

MESSAGES = [("system", "Judge it."), ("human", "The unit shall report its state within 250 ms.")]
GOOD = '{"score": 0.5}'
LIST = Prices()


class Verdict(BaseModel):
    score: float = Field(ge=0, le=1)


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt, "BACKOFF_SECONDS", 0.01)


@pytest.fixture
def told() -> list[Notice]:
    return []


Asking = Callable[..., CallContext]


@pytest.fixture
def asking(run: Run, wired: WireServer, told: list[Notice]) -> Iterator[Asking]:
    """Who asks models of these providers, in this order, each priced as the server prices it."""
    wired.answers = GOOD

    def asking(
        *providers: str, cancelled: Callable[[], bool] = lambda: False, **values: Any
    ) -> Any:
        steps = [step(provider, **values) for provider in providers or ("openai",)]
        return CallContext(
            project_id=run.project_id, node=Node.VALIDATE, routes=steps, run_id=run.pk,
            iteration=1, cancelled=cancelled, tell=told.append,
        )  # fmt: skip

    def step(provider: str, **values: Any) -> routes.Step:
        defaults: dict[str, Any] = {
            "context_window": 100_000, "max_output_tokens": 500, "timeout_seconds": 5,
            "input_price": LIST.input, "output_price": LIST.output,
            "cache_read_price": LIST.cache_read, "cache_write_price": LIST.cache_write,
            "cache_write_1h_price": LIST.cache_write_1h,
        }  # fmt: skip
        if provider == "openai_compatible":
            defaults["base_url"] = wired.openai_url
        made, _ = ModelProfile.objects.update_or_create(
            provider=provider, model=f"{provider}-1", base_url=defaults.pop("base_url", ""),
            defaults={"name": provider.capitalize(), **defaults, **values},
        )  # fmt: skip
        price = price_of(made, timezone.now()).as_json()
        return {"model": made.key, "profile": made.pk, "temperature": "0.00", "price": price}

    yield asking
    assert_books_agree()


def calls() -> list[LLMCall]:
    return list(LLMCall.objects.order_by("id"))


def states() -> list[tuple[str, str]]:
    return [(call.state, call.cost_source) for call in calls()]


def booked() -> int:
    """All that the project has spent, in nano-USD."""
    return BudgetWindow.objects.get(budget__scope=Scope.TOTAL).spent_nusd


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


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [500, 503, 529])
def test_an_outage_is_tried_three_times_and_then_another_model_is_asked(
    wired: WireServer, asking: Asking, told: list[Notice], provider: str, status: int
) -> None:
    other = "anthropic" if provider != "anthropic" else "openai"
    wired.script(*[behaviours.error(status)] * 3, model=f"{provider}-1")
    done = gateway.complete(asking(provider, other), MESSAGES, Verdict)
    assert done.model == f"{other}/{other}-1"
    assert [call.purpose for call in calls()] == [
        CallPurpose.ASK, CallPurpose.RETRY, CallPurpose.RETRY, CallPurpose.FALLBACK,
    ]  # fmt: skip
    # Whether a server that failed after the request was sent bills it, nobody knows.
    assert [call.state for call in calls()] == [CallState.UNCONFIRMED] * 3 + [CallState.SETTLED]
    assert booked() == sum(call.cost_nusd or 0 for call in calls())
    assert [notice.kind for notice in told] == [
        Happening.RETRY, Happening.RETRY, Happening.FALLBACK,
    ]  # fmt: skip
    assert len(wired.requests) == 4  # the SDK retried nothing by itself


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_pause_that_is_asked_for_is_kept_and_costs_nothing(
    wired: WireServer, asking: Asking, provider: str
) -> None:
    wired.script(behaviours.error(429, retry_after="1"))
    began = time.monotonic()
    gateway.complete(asking(provider), MESSAGES, Verdict)
    assert time.monotonic() - began >= 1
    assert states() == [
        (CallState.RELEASED, ""),
        (CallState.SETTLED, CostSource.METERED),
    ]
    assert booked() == wired.bill.nusd


FATAL = [
    ("openai", behaviours.error(401)),
    ("openai", behaviours.error(404)),
    ("openai", behaviours.insufficient_quota()),
    ("anthropic", behaviours.low_credit()),
    ("anthropic", behaviours.error(403)),
    ("google", behaviours.error(400)),
]


@pytest.mark.parametrize(
    ("provider", "behaviour"), FATAL, ids=[f"{one}-{two.name}" for one, two in FATAL]
)
def test_what_only_a_person_can_mend_stops_at_once_and_costs_nothing(
    wired: WireServer, asking: Asking, provider: str, behaviour: behaviours.Behaviour
) -> None:
    wired.script(behaviour)
    other = "openai_compatible"
    with pytest.raises(Fatal) as stop:
        gateway.complete(asking(provider, other), MESSAGES, Verdict)
    assert len(wired.requests) == 1
    assert states() == [(CallState.RELEASED, "")]
    assert booked() == 0
    assert "wire-key" not in str(stop.value)


def test_the_word_authenticate_in_an_answer_makes_it_no_fatal_error(
    wired: WireServer, asking: Asking
) -> None:
    wired.script(behaviours.authenticate())
    assert gateway.complete(asking(), MESSAGES, Verdict).answer.score == 0.5
    assert [call.purpose for call in calls()] == [CallPurpose.ASK, CallPurpose.REPAIR]
    assert booked() == wired.bill.nusd


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


def test_an_overload_in_the_middle_of_a_stream_is_transient(
    wired: WireServer, asking: Asking
) -> None:
    wired.script(behaviours.overloaded_midway())
    gateway.complete(asking("anthropic", streaming=True), MESSAGES, Verdict)
    assert [call.state for call in calls()] == [CallState.UNCONFIRMED, CallState.SETTLED]


def test_a_provider_that_ignores_the_cap_is_booked_in_full_and_asked_no_more(
    wired: WireServer, asking: Asking, told: list[Notice]
) -> None:
    # The input's bound leaves room for output beyond the cap: go far past it.
    wired.script(behaviours.ignores_cap(100_000))
    context = asking("openai")
    gateway.complete(context, MESSAGES, Verdict)
    [call] = calls()
    assert call.overrun
    assert call.cost_nusd == wired.bill.nusd == booked()
    assert call.cost_nusd > call.held_nusd
    assert not ModelProfile.objects.get(provider="openai").enabled
    assert Alert.objects.get().cause == AlertCause.OVERRUN
    assert Happening.OVERRUN in {notice.kind for notice in told}
    with pytest.raises(NoSuchProvider, match="ignored the cap"):
        gateway.complete(context, [*MESSAGES, ("human", "Again.")], Verdict)
    assert len(wired.requests) == 1


def limit(scope: Scope, **limits: Any) -> None:
    budget = Budget.objects.get(project__slug="survey", scope=scope)
    budgets.set_limits(None, budget, **{"warn_nusd": None, "max_nusd": None, **limits})


def test_a_call_that_does_not_fit_is_not_made(wired: WireServer, asking: Asking) -> None:
    limit(Scope.DAY, max_nusd=1_000)
    with pytest.raises(OutOfBudget, match="Raise the limit under Budgets") as stop:
        gateway.complete(asking(), MESSAGES, Verdict)
    assert stop.value.denied.left_nusd == 1_000
    assert (wired.requests, calls()) == ([], [])
    alert = Alert.objects.get()
    assert (alert.cause, alert.run_id) == (AlertCause.BUDGET_STOP, asking().run_id)


def test_raising_the_limit_goes_on_without_paying_again(wired: WireServer, asking: Asking) -> None:
    context = asking()
    gateway.complete(context, MESSAGES, Verdict)
    spent = booked()
    limit(Scope.RUN, max_nusd=spent + 1)
    again = [*MESSAGES, ("human", "More.")]
    with pytest.raises(OutOfBudget):
        gateway.complete(context, again, Verdict)
    limit(Scope.RUN, max_nusd=10**9)
    gateway.complete(context, MESSAGES, Verdict)  # replayed
    gateway.complete(context, again, Verdict)
    assert len(wired.requests) == 2
    assert booked() == wired.bill.nusd


def test_a_warning_is_told_once(asking: Asking, told: list[Notice]) -> None:
    limit(Scope.RUN, warn_nusd=1, max_nusd=10**9)
    context = asking()
    for number in range(3):
        gateway.complete(context, [*MESSAGES, ("human", str(number))], Verdict)
    warnings = [notice for notice in told if notice.kind == Happening.BUDGET_WARNING]
    assert len(warnings) == 1
    assert "past its warning at $0.000000001" in warnings[0].message
    assert Alert.objects.get().cause == AlertCause.BUDGET_WARNING


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


def test_a_missing_key_names_its_variable_and_asks_nobody(
    wired: WireServer, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(MissingKey, match="OPENAI_API_KEY"):
        gateway.complete(asking("openai", "anthropic"), MESSAGES, Verdict)
    assert (wired.requests, calls()) == ([], [])


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_cancelled_run_hangs_up_at_once(wired: WireServer, asking: Asking, provider: str) -> None:
    wired.script(behaviours.slow(4))
    stop = threading.Event()
    threading.Timer(0.4, stop.set).start()
    began = time.monotonic()
    with pytest.raises(CallCancelled):
        gateway.complete(asking(provider, cancelled=stop.is_set), MESSAGES, Verdict)
    assert time.monotonic() - began < 3
    [call] = calls()
    assert (call.state, call.cost_nusd) == (CallState.UNCONFIRMED, call.held_nusd)


def test_a_server_that_is_not_there_costs_nothing(
    wired: WireServer, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(Outage, match="It was tried 3 times"):
        gateway.complete(asking(), MESSAGES, Verdict)
    assert states() == [(CallState.RELEASED, "")] * 3
    assert booked() == 0


@pytest.mark.parametrize(
    "failing", [behaviours.error(503), behaviours.truncated(), behaviours.not_json()],
    ids=lambda behaviour: behaviour.name,
)  # fmt: skip
def test_what_another_model_answered_is_replayed_as_well(
    wired: WireServer, asking: Asking, failing: behaviours.Behaviour
) -> None:
    wired.script(*[failing] * 3, model="openai-1")
    context = asking("openai", "anthropic")
    gateway.complete(context, MESSAGES, Verdict)
    asked = len(wired.requests)
    assert gateway.complete(context, MESSAGES, Verdict).model == "anthropic/anthropic-1"
    assert len(wired.requests) == asked


def test_a_call_of_which_only_the_cost_is_known_is_asked_anew(
    wired: WireServer, asking: Asking
) -> None:
    wired.script(*[behaviours.error(500)] * 3)
    with pytest.raises(Outage):
        gateway.complete(asking(), MESSAGES, Verdict)
    for call in calls():
        ledger.confirm(Held.of(call), cost_nusd=5, source=CostSource.INVOICE)
    gateway.complete(asking(), MESSAGES, Verdict)
    assert [role for role, _ in wired.requests[-1].messages] == ["system", "human"]


def test_a_model_that_ignored_its_cap_is_not_asked_to_repair(
    wired: WireServer, asking: Asking
) -> None:
    wired.script(replace(behaviours.ignores_cap(100_000), text="no JSON"))
    with pytest.raises(NoSuchProvider, match="ignored the cap"):
        gateway.complete(asking(), MESSAGES, Verdict)
    assert len(wired.requests) == 1


def test_a_long_pause_is_not_waited_for(wired: WireServer, asking: Asking) -> None:
    wired.script(behaviours.rate_limited("3600"), model="openai-1")
    assert gateway.complete(asking("openai", "anthropic"), MESSAGES, Verdict).model.startswith("an")
    assert len(wired.requests) == 2


def test_what_no_database_keeps_is_booked_all_the_same(wired: WireServer, asking: Asking) -> None:
    wired.script(behaviours.normal("\0 no JSON \0"), behaviours.normal(GOOD))
    gateway.complete(asking(), MESSAGES, Verdict)
    assert booked() == wired.bill.nusd
