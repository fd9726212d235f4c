"""A server for a test; name this module in `pytest_plugins`."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from langchain_core.messages import AIMessage

from observability.llm import loop, providers
from observability.models import ModelProfile
from tests.wire.profiles import MESSAGES, Asker, Profiler, profile
from tests.wire.server import WireServer


@pytest.fixture(scope="session")
def wire_server() -> Iterator[WireServer]:
    """One server for all tests, because models that are built for its address are kept."""
    with WireServer() as server:
        yield server


@pytest.fixture
def wire(wire_server: WireServer) -> WireServer:
    """The server without a past."""
    wire_server.reset()
    return wire_server


@pytest.fixture
def wired(wire: WireServer, monkeypatch: pytest.MonkeyPatch) -> WireServer:
    """The server, with an environment that leads every provider's SDK to it, and nowhere else."""
    for name in ("OPENAI_API_BASE", "ANTHROPIC_API_URL", "LANGSMITH_GATEWAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in wire.environment.items():
        monkeypatch.setenv(name, value)
    return wire


@pytest.fixture
def wired_profile(wired: WireServer) -> Profiler:
    """Makes profiles that the server answers, not saved."""

    def make(provider: str = "openai", **values: Any) -> ModelProfile:
        if provider == "openai_compatible":
            values.setdefault("base_url", wired.openai_url)
        return profile(provider, **values)

    return make


@pytest.fixture
def ask() -> Asker:
    """Asks a profile's model under the real SDK, on the loop of this process."""

    def ask(
        profile: ModelProfile,
        messages: list[tuple[str, str]] = MESSAGES,
        cancelled: Callable[[], bool] = lambda: False,
        **values: Any,
    ) -> AIMessage:
        model = providers.chat_model(profile, **values)
        return loop.ask(model, messages, {"run_id": uuid4()}, cancelled, profile.timeout_seconds)

    return ask
