"""OpenTelemetry is told of every call by the names of its convention, and no call waits for it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from observability import langsmith, telemetry
from observability.llm import gateway
from observability.llm.errors import ModelError
from observability.models import CallState
from observability.telemetry import names, spans
from tests.observability.llm.paid import MESSAGES, Asking, Verdict, calls
from tests.observability.llm.paid import asking as asking
from tests.observability.llm.paid import quick_retries as quick_retries
from tests.observability.llm.paid import told as told
from tests.otlp import Collector, attributes
from tests.wire import WireServer, behaviours
from tests.wire_langsmith import dead_endpoint

pytest_plugins = ["tests.wire.fixtures"]
pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _as_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "_providers", {})
    monkeypatch.setattr(spans, "_complained", set())


@pytest.fixture
def memory(settings: LazySettings) -> Iterator[InMemorySpanExporter]:
    """What would be sent, kept here."""
    settings.OTEL_ENDPOINT = "http://127.0.0.1:9"
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    spans._providers[spans._endpoint()] = provider
    yield exporter
    provider.shutdown()


def told_of(memory: InMemorySpanExporter) -> tuple[ReadableSpan, dict[str, Any]]:
    [span] = memory.get_finished_spans()
    return span, dict(span.attributes or {})


@pytest.mark.parametrize(
    ("provider", "called"),
    [
        ("openai", "openai"),
        ("openai_compatible", "openai"),
        ("anthropic", "anthropic"),
        ("google", "gcp.gemini"),
    ],
)
def test_a_call_is_a_span_with_the_names_of_the_convention(
    wired: WireServer, asking: Asking, memory: InMemorySpanExporter, provider: str, called: str
) -> None:
    wired.script(behaviours.cached())
    before = time.time_ns()
    gateway.complete(asking(provider), MESSAGES, Verdict)
    [call] = calls()
    span, found = told_of(memory)
    assert (span.name, span.kind) == (f"chat {provider}-1", SpanKind.CLIENT)
    assert span.start_time is not None
    assert span.end_time is not None
    assert before <= span.start_time < span.end_time <= time.time_ns()
    assert span.status.status_code == StatusCode.UNSET
    assert call.cost_nusd
    expected = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": called,
        "gen_ai.system": called,
        "gen_ai.request.model": f"{provider}-1",
        "gen_ai.request.max_tokens": 500,
        "gen_ai.output.type": "json",
        "gen_ai.conversation.id": str(call.run_id),
        "gen_ai.usage.input_tokens": call.input_fresh
        + call.cache_read
        + call.cache_write
        + call.cache_write_1h,
        "gen_ai.usage.output_tokens": call.output + call.reasoning,
        "gen_ai.usage.cache_read.input_tokens": call.cache_read,
        "server.address": "127.0.0.1",
        "reqplatform.call.id": str(call.pk),
        "reqplatform.call.purpose": "ask",
        "reqplatform.node": "validate",
        "reqplatform.cost.dollars": call.cost_nusd / 10**9,
    }
    assert {name: found.get(name) for name in expected} == expected
    assert call.cache_read > 0
    assert found["gen_ai.response.finish_reasons"]
    assert found["gen_ai.response.model"]
    assert isinstance(found["server.port"], int)


def test_every_name_is_the_convention_s_own() -> None:
    """The package that the SDK brings lists them."""
    from opentelemetry.semconv._incubating.attributes import gen_ai_attributes

    known = {value for value in vars(gen_ai_attributes).values() if isinstance(value, str)}
    used = set()
    for line in Path(names.__file__).read_text().splitlines():
        used |= {part for part in line.split('"') if part.startswith("gen_ai.")}
    assert len(used) > 14
    assert used <= known


def test_neither_prompt_nor_answer_is_sent(
    wired: WireServer, asking: Asking, memory: InMemorySpanExporter
) -> None:
    gateway.complete(asking(), MESSAGES, Verdict)
    span, _ = told_of(memory)
    assert "250 ms" not in span.to_json()
    assert "score" not in span.to_json()


def test_both_are_sent_if_the_setting_says_so(
    wired: WireServer, asking: Asking, memory: InMemorySpanExporter, settings: LazySettings
) -> None:
    settings.OTEL_CONTENT = True
    gateway.complete(asking(), MESSAGES, Verdict)
    _, found = told_of(memory)
    assert '"role": "user"' in found["gen_ai.input.messages"]
    assert "250 ms" in found["gen_ai.input.messages"]
    assert '"role": "assistant"' in found["gen_ai.output.messages"]


def test_each_attempt_is_a_span_and_a_failed_one_says_why(
    wired: WireServer, asking: Asking, memory: InMemorySpanExporter
) -> None:
    wired.script(behaviours.error(503), behaviours.normal())
    gateway.complete(asking(), MESSAGES, Verdict)
    first, second = memory.get_finished_spans()
    assert first.status.status_code == StatusCode.ERROR
    assert "APIError" in str((first.attributes or {})["error.type"])
    assert second.status.status_code == StatusCode.UNSET
    assert (second.attributes or {})["reqplatform.call.purpose"] == "retry"


def test_a_replay_asks_nobody_and_is_no_span(
    wired: WireServer, asking: Asking, memory: InMemorySpanExporter
) -> None:
    context = asking()
    for _ in range(2):
        gateway.complete(context, MESSAGES, Verdict)
    assert len(memory.get_finished_spans()) == 1


def test_it_arrives_at_a_collector(
    wired: WireServer, asking: Asking, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20abc")
    with Collector() as collector:
        settings.OTEL_ENDPOINT = f"{collector.url}/"
        gateway.complete(asking(), MESSAGES, Verdict)
        assert telemetry.flush()
        [span] = collector.spans
        assert collector.paths == ["/v1/traces"]
        assert collector.headers[0]["authorization"] == "Bearer abc"
        assert collector.resource["service.name"] == "reqplatform"
        assert span.name == "chat openai-1"
        assert attributes(span)["gen_ai.provider.name"] == "openai"
        assert attributes(span)["gen_ai.response.finish_reasons"] == ["stop"]
        settings.OTEL_TRACES_ENDPOINT = f"{collector.url}/only/traces"
        gateway.complete(asking(max_output_tokens=400), [("human", "Again.")], Verdict)
        assert telemetry.flush()
        assert collector.paths[1:] == ["/only/traces"]


def test_a_dead_collector_delays_no_call(
    wired: WireServer, asking: Asking, settings: LazySettings
) -> None:
    with dead_endpoint() as url:
        settings.OTEL_ENDPOINT = url
        began = time.monotonic()
        done = gateway.complete(asking(), MESSAGES, Verdict)
        assert time.monotonic() - began < 2
        assert done.answer.score == 0.5
        began = time.monotonic()
        telemetry.flush(timeout=0.3)
        assert time.monotonic() - began < 1


@pytest.mark.parametrize("broken", ["of_request", "of_reply", "of_call"])
def test_an_error_of_ours_fails_no_call(
    wired: WireServer, asking: Asking, memory: InMemorySpanExporter,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, broken: str,
) -> None:  # fmt: skip
    def fail(*args: Any) -> Any:
        raise RuntimeError("It is broken.")

    monkeypatch.setattr(names, broken, fail)
    for text in ("One.", "Two."):
        gateway.complete(asking(), [("human", text)], Verdict)
    assert [call.state for call in calls()] == [CallState.SETTLED] * 2
    assert memory.get_finished_spans() == ()
    assert caplog.text.count("is not told by OpenTelemetry") == 1


def test_nor_does_a_missing_package(
    wired: WireServer, asking: Asking, settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    settings.OTEL_ENDPOINT = "http://127.0.0.1:9"
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    for text in ("One.", "Two."):
        gateway.complete(asking(), [("human", text)], Verdict)
    assert caplog.text.count("pip install 'reqplatform[otel]'") == 1
    assert telemetry.flush()


def test_a_call_that_was_refused_for_good_is_told_too(
    wired: WireServer, asking: Asking, memory: InMemorySpanExporter
) -> None:
    wired.script(behaviours.error(401))
    with pytest.raises(ModelError):
        gateway.complete(asking(), MESSAGES, Verdict)
    span, found = told_of(memory)
    assert span.status.status_code == StatusCode.ERROR
    assert "AuthenticationError" in found["error.type"]


def test_langsmith_gets_the_same_names() -> None:
    from uuid import uuid4

    from observability.models import LLMCall, Node

    call = LLMCall(run_id=uuid4(), node=Node.ANALYZE, provider="google", model="g-1")
    metadata = langsmith._metadata(call)
    assert metadata["gen_ai.provider.name"] == "gcp.gemini"
    assert metadata["gen_ai.request.model"] == "g-1"
    assert metadata["gen_ai.operation.name"] == "chat"
    assert metadata["gen_ai.conversation.id"] == metadata["thread_id"]


OFF = """
import sys, django
django.setup()
from observability import telemetry
from observability.llm import attempt
from runs.actions import execute
telemetry.tell(None, 0, temperature=0)
telemetry.flush()
print(telemetry.is_on(), sorted(name for name in sys.modules if name.startswith("opentelemetry")))
"""


def test_off_it_loads_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OFF], cwd=ROOT, check=True, capture_output=True, text=True,
        timeout=60,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "reqplatform.settings",
             "REQPLATFORM_DATA_DIR": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout == "False []\n"
