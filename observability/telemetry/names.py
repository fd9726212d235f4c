"""Attributes by OpenTelemetry's semantic conventions for generative AI, which are in development.

https://github.com/open-telemetry/semantic-conventions-genai (docs/gen-ai/gen-ai-spans.md). What
they have no name for begins with `reqplatform.`. `gen_ai.system` is what `gen_ai.provider.name` was
called up to version 1.36; some back ends still go by it.
"""

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from observability.models import CallPurpose, LLMCall, ModelProfile, Provider
from observability.money import NUSD_PER_USD
from observability.tokens import Usage

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

Attributes = dict[str, Any]  # str, int, float, bool, or lists of one of them

OPERATION = "chat"

# The convention's own names; a server that speaks OpenAI's format counts as "openai", and
# server.address says which one it is.
_PROVIDERS: dict[str, str] = {
    Provider.OPENAI: "openai",
    Provider.COMPATIBLE: "openai",
    Provider.ANTHROPIC: "anthropic",
    Provider.GOOGLE: "gcp.gemini",
}
_ROLES = {"human": "user", "ai": "assistant"}


def of_call(call: LLMCall) -> Attributes:
    """Who is asked, and what belongs together: the calls of a run, or of an extraction."""
    provider = _PROVIDERS.get(call.provider, call.provider)
    return _given(
        {
            "gen_ai.operation.name": OPERATION,
            "gen_ai.provider.name": provider,
            "gen_ai.system": provider,
            "gen_ai.request.model": call.model,
            "gen_ai.conversation.id": str(call.run_id or f"extraction-{call.extraction_id}"),
        }
    )


def of_request(call: LLMCall, temperature: float, base_url: str) -> Attributes:
    """All that is known of a call before it is made, but for its words."""
    profile: ModelProfile = call.profile
    return of_call(call) | _given(
        {
            "gen_ai.request.max_tokens": profile.max_output_tokens,
            "gen_ai.request.temperature": temperature if profile.sends_temperature else None,
            "gen_ai.output.type": "json",
            **_server(base_url),
            "reqplatform.call.id": str(call.pk),
            "reqplatform.call.purpose": CallPurpose(call.purpose).value,
            "reqplatform.project.id": call.project_id,
            "reqplatform.node": str(call.node),
            "reqplatform.iteration": call.iteration,
            "reqplatform.ordinal": call.ordinal,
            "reqplatform.skill": call.skill,
        }
    )


def of_reply(reply: "AIMessage", usage: Usage | None, cost_nusd: int) -> Attributes:
    """Input tokens are all of the request's, those of a cache too; output with reasoning."""
    metadata = reply.response_metadata
    reason = metadata.get("finish_reason") or metadata.get("stop_reason")
    told: Attributes = {
        "gen_ai.response.model": metadata.get("model_name") or metadata.get("model"),
        "gen_ai.response.id": metadata.get("id"),
        "gen_ai.response.finish_reasons": [str(reason)] if reason else None,
        "reqplatform.cost.dollars": cost_nusd / NUSD_PER_USD,
    }
    if usage is not None:
        told |= {
            "gen_ai.usage.input_tokens": usage.input,
            "gen_ai.usage.output_tokens": usage.output + usage.reasoning,
            "gen_ai.usage.cache_read.input_tokens": usage.cache_read,
            "gen_ai.usage.cache_creation.input_tokens": usage.cache_write + usage.cache_write_1h,
            "gen_ai.usage.reasoning.output_tokens": usage.reasoning,
        }
    return _given(told)


def of_words(prompt: Iterable[Sequence[str]], answer: str) -> Attributes:
    """What was asked and answered, as JSON in the convention's form."""
    asked = [_message(role, content) for role, content in prompt]
    told = {"gen_ai.input.messages": json.dumps(asked)}
    if answer:
        told["gen_ai.output.messages"] = json.dumps([_message("ai", answer)])
    return told


def _message(role: str, content: str) -> dict[str, Any]:
    return {"role": _ROLES.get(role, role), "parts": [{"type": "text", "content": content}]}


def _server(base_url: str) -> Attributes:
    if not base_url:
        return {}
    parts = urlsplit(base_url)
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    return {"server.address": parts.hostname, "server.port": parts.port or usual}


def _given(attributes: Attributes) -> Attributes:
    return {name: value for name, value in attributes.items() if value not in (None, "")}
