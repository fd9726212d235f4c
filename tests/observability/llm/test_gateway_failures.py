"""What the gateway does, and books, when a model gives no answer."""

import threading
import time

import pytest

from observability.llm import gateway
from observability.llm.context import Happening, Notice
from observability.llm.errors import (
    CallCancelled,
    Fatal,
    MissingKey,
    Outage,
)
from observability.models import (
    CallPurpose,
    CallState,
    CostSource,
)
from tests.observability.llm.paid import MESSAGES, Asking, Verdict, booked, calls, states
from tests.observability.llm.paid import asking as asking
from tests.observability.llm.paid import quick_retries as quick_retries
from tests.observability.llm.paid import told as told
from tests.wire import WireServer, behaviours
from tests.wire.profiles import PROVIDERS

pytest_plugins = ["tests.wire.fixtures"]
pytestmark = pytest.mark.django_db


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


def test_an_overload_in_the_middle_of_a_stream_is_transient(
    wired: WireServer, asking: Asking
) -> None:
    wired.script(behaviours.overloaded_midway())
    gateway.complete(asking("anthropic", streaming=True), MESSAGES, Verdict)
    assert [call.state for call in calls()] == [CallState.UNCONFIRMED, CallState.SETTLED]


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


def test_a_long_pause_is_not_waited_for(wired: WireServer, asking: Asking) -> None:
    wired.script(behaviours.rate_limited("3600"), model="openai-1")
    assert gateway.complete(asking("openai", "anthropic"), MESSAGES, Verdict).model.startswith("an")
    assert len(wired.requests) == 2
