"""A span of each model call, sent by OTLP over HTTP.

Told when the call is over and on the books, with the moments it began and ended. The SDK sends in
batches from a thread of its own; a collector that is dead or slow keeps nobody waiting, and what it
was not told is lost to it alone.
"""

import atexit
import logging
import os
import threading
import time
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from django.conf import settings

from observability.llm import providers
from observability.models import LLMCall
from observability.telemetry import names
from observability.tokens import usage_of

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage
    from opentelemetry.sdk.trace import TracerProvider

EXPORT_SECONDS = 3.0
FLUSH_SECONDS = 3.0

log = logging.getLogger(__name__)
_lock = threading.Lock()
_providers: "dict[str, TracerProvider | None]" = {}  # by address, one at most; None: not to be had
_complained: set[type[Exception]] = set()


def is_on() -> bool:
    return bool(settings.OTEL_TRACES_ENDPOINT or settings.OTEL_ENDPOINT)


def tell(
    call: LLMCall,
    began_ns: int,
    *,
    temperature: Decimal,
    reply: "AIMessage | None" = None,
    cost_nusd: int = 0,
    error: BaseException | None = None,
) -> None:
    """Tell of a call that ends now: answered by `reply`, or ended by `error`. Never raises an
    Exception; the first of each kind is logged."""
    if not is_on():
        return
    try:
        near = providers.is_registered(call.provider)
        base_url = "" if near else providers.base_url(call.profile)
        attributes = names.of_request(call, float(temperature), base_url)
        if reply is not None:
            attributes |= names.of_reply(reply, usage_of(reply, call.provider), cost_nusd)
        if settings.OTEL_CONTENT:
            attributes |= names.of_words(call.prompt, str(reply.text) if reply else "")
        _span(f"{names.OPERATION} {call.model}", attributes, began_ns, error)
    except Exception as problem:
        if type(problem) not in _complained:
            _complained.add(type(problem))
            log.warning("A call is not told by OpenTelemetry; runs go on.", exc_info=True)


def _span(
    name: str, attributes: dict[str, Any], began_ns: int, error: BaseException | None
) -> None:
    provider = _provider()
    if provider is None:
        return
    from opentelemetry.context import Context
    from opentelemetry.trace import SpanKind, Status, StatusCode

    tracer = provider.get_tracer("reqplatform.llm", _version())
    span = tracer.start_span(
        name, Context(), SpanKind.CLIENT, attributes=attributes, start_time=began_ns
    )
    if error is not None:  # its message may quote the prompt
        kind = type(error)
        span.set_attribute("error.type", f"{kind.__module__}.{kind.__qualname__}")
        span.set_status(Status(StatusCode.ERROR))
    span.end(time.time_ns())


def flush(timeout: float = FLUSH_SECONDS) -> bool:
    """Send what is left, for `timeout` seconds at most; whether it was all. A worker process ends
    without it, so each run ends with it."""
    provider = _providers.get(_endpoint())
    if provider is None:
        return True
    done = threading.Event()

    def send() -> None:
        provider.force_flush()
        done.set()

    threading.Thread(target=send, name="otel-flush", daemon=True).start()
    return done.wait(timeout)


def _endpoint() -> str:
    """By the rule of OTLP's exporters: that of traces is taken as it is."""
    traces: str = settings.OTEL_TRACES_ENDPOINT
    every: str = settings.OTEL_ENDPOINT
    return traces or f"{every.rstrip('/')}/v1/traces"


def _provider() -> "TracerProvider | None":
    """The provider of this process. Not the process's global one: only our own spans are sent."""
    endpoint = _endpoint()
    with _lock:
        if endpoint not in _providers:
            _providers.clear()
            _providers[endpoint] = _new_provider(endpoint)
        return _providers[endpoint]


def _new_provider(endpoint: str) -> "TracerProvider | None":
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning(
            "Calls are not told by OpenTelemetry: an endpoint is set, but its SDK is not "
            "installed. pip install 'reqplatform[otel]'."
        )
        return None
    service = {"service.version": _version()}
    if not os.environ.get("OTEL_SERVICE_NAME"):
        service["service.name"] = "reqplatform"
    provider = TracerProvider(resource=Resource.create(service), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    atexit.register(flush)
    return provider


def _version() -> str:
    try:
        return version("reqplatform")
    except PackageNotFoundError:
        return "unknown"


def _forget() -> None:
    """A forked process has its parent's provider without the thread that sends."""
    global _lock
    _lock = threading.Lock()
    _providers.clear()


os.register_at_fork(after_in_child=_forget)
