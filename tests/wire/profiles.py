"""Model profiles for the server, not saved: what leads them there is the environment."""

from collections.abc import Callable
from typing import Any

from langchain_core.messages import AIMessage

from observability.models import ModelProfile

Asker = Callable[..., AIMessage]
Profiler = Callable[..., ModelProfile]

MESSAGES = [("system", "Decompose."), ("human", "The unit shall report its state.")]
SDKS = ("openai", "anthropic", "google")
PROVIDERS = (*SDKS, "openai_compatible")


def profile(provider: str = "openai", **values: Any) -> ModelProfile:
    """A profile without a base URL, except for a compatible server, which needs one here."""
    defaults: dict[str, Any] = {
        "name": "Wired",
        "provider": provider,
        "model": "wired-1",
        "context_window": 100_000,
        "max_output_tokens": 500,
        "timeout_seconds": 5,
    }
    return ModelProfile(**{**defaults, **values})
