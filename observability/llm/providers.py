"""Which class speaks to which provider, and how it is set up. Loaded when first asked.

Web processes never call a model, so they never load a provider's SDK.

Every model is built so that one call is one request that has a cap: the SDK's own retries are off,
the cap goes by the name that the profile gives it, streams are asked for their usage, LangChain's
cache is off, and nothing but the profile and the provider's usual base URL variable says where a
request goes.
"""

import json
import os
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from observability.llm.errors import Fatal, MissingKey, NoSuchProvider
from observability.models.model_profile import AnswerFormat, ModelProfile, OutputCap, Provider

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

Schema = dict[str, Any]
Builder = Callable[[ModelProfile, float | None, Schema | None, str], "BaseChatModel"]

NO_KEY = "none"
"""Sent to servers that want no key, because the SDK does."""

# Where each provider is, and the variables that its SDK and LangChain read before. Google's:
# https://googleapis.github.io/python-genai/#custom-base-url
HOMES: dict[str, tuple[tuple[str, ...], str]] = {
    Provider.OPENAI: (("OPENAI_API_BASE", "OPENAI_BASE_URL"), "https://api.openai.com/v1"),
    Provider.ANTHROPIC: (
        ("ANTHROPIC_API_URL", "ANTHROPIC_BASE_URL"),
        "https://api.anthropic.com",
    ),
    Provider.GOOGLE: (
        ("GOOGLE_GEMINI_BASE_URL",),
        "https://generativelanguage.googleapis.com",
    ),
}
GOOGLE_KEYWORDS = {
    "$id", "$ref", "$anchor", "type", "format", "title", "description", "enum", "items",
    "prefixItems", "minItems", "maxItems", "minimum", "maximum", "anyOf", "oneOf",
    "additionalProperties", "required",
}  # fmt: skip
KEPT = 64  # models, in each process

_KEY_NAME = re.compile(r"[A-Z][A-Z0-9_]*_API_KEY")

_paths: dict[str, str] = {}
_models: OrderedDict[tuple[object, ...], "BaseChatModel"] = OrderedDict()
_lock = threading.Lock()


def _unlock() -> None:
    """Whoever held the lock when the process was forked is not there to let it go."""
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_unlock)


def register(provider: str, path: str) -> None:
    """Let `provider` be spoken to by the chat model class at `path` ("module:Class").

    Such a provider is asked in this process, without network, key or price.
    """
    _paths[provider] = path


def is_registered(provider: str) -> bool:
    """Whether a provider is asked in this process, so that no call of it can cost anything."""
    return provider in _paths


def chat_model(
    profile: ModelProfile, *, temperature: float | None = None, schema: Schema | None = None
) -> "BaseChatModel":
    """The LangChain chat model of a profile, to be asked on the loop of `observability.llm.loop`.

    `schema` is the answer's JSON schema; it is sent where the profile's answer format says so. A
    temperature is sent unless it is None or the model is known to refuse one. A model is kept and
    given again to who asks for the same: its client belongs to the one event loop of its process.

    Raises NoSuchProvider, MissingKey for a key that the environment lacks, and Fatal for a profile
    that cannot be asked until somebody corrects it.
    """
    if profile.provider in _paths:
        return _registered(profile.provider)
    build = _BUILDERS.get(profile.provider)
    if build is None:
        known = ", ".join(sorted({*_paths, *_BUILDERS}))
        raise NoSuchProvider(f"No provider '{profile.provider}' is registered; there are {known}.")
    key = api_key(profile)
    warmth = temperature if profile.sends_temperature else None
    wanted = (
        os.getpid(), profile.provider, profile.model, base_url(profile), key, profile.cap_name,
        profile.max_output_tokens, profile.answer_format, profile.streaming,
        profile.timeout_seconds, warmth, json.dumps(schema, sort_keys=True),
    )  # fmt: skip
    with _lock:
        if wanted not in _models:
            _models[wanted] = _accepted(build, profile, warmth, schema, key)
        _models.move_to_end(wanted)
        while len(_models) > KEPT:
            _models.popitem(last=False)
        return _models[wanted]


def base_url(profile: ModelProfile) -> str:
    """Where the profile's requests go: its own URL, the environment's, or the provider's.

    Never LangSmith's gateway, which LangChain would take from LANGSMITH_GATEWAY.
    Raises Fatal for a compatible server without an address.
    """
    if profile.base_url:
        return profile.base_url
    if profile.provider not in HOMES:
        raise Fatal(
            f"{profile.name} has no base URL. Give it one under Model profiles in the admin, such "
            "as http://127.0.0.1:8080/v1."
        )
    names, home = HOMES[profile.provider]
    return next((value for name in names if (value := os.environ.get(name, "").strip())), home)


def api_key(profile: ModelProfile) -> str:
    """The key from the environment. Raises MissingKey, which says what to set."""
    name = profile.key_name
    if not name:
        return NO_KEY
    if not _KEY_NAME.fullmatch(name):
        raise MissingKey(
            f"{profile.name} takes its key from {name}, but a key's variable ends in _API_KEY. "
            "Correct it under Model profiles in the admin."
        )
    key = os.environ.get(name, "").strip()
    if not key:
        raise MissingKey(
            f"{profile.name} needs a key. Set the environment variable {name} (or its line in "
            ".env), restart the workers and resume the run, or start one on another route."
        )
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise MissingKey(f"What {name} holds is no key: it has characters that no key has.")
    return key


def _registered(provider: str) -> "BaseChatModel":
    module, _, name = _paths[provider].partition(":")
    model: BaseChatModel = getattr(import_module(module), name)()
    return model


def _accepted(
    build: Builder,
    profile: ModelProfile,
    temperature: float | None,
    schema: Schema | None,
    key: str,
) -> "BaseChatModel":
    """The model; without a temperature if LangChain's data say that it refuses one."""
    model = build(profile, temperature, schema, key)
    if temperature is not None and (model.profile or {}).get("temperature") is False:
        return build(profile, None, schema, key)
    return model


def _timeout(profile: ModelProfile) -> float:
    """Seconds. LangChain shares one HTTP client between all models of a base URL and timeout, and
    a forked process must not write to its parent's connections: each gets a timeout of its own.
    """
    return float(profile.timeout_seconds) + os.getpid() / 1e9


def _cap(profile: ModelProfile, only: OutputCap) -> int:
    """The cap, where the provider knows it by one name only. Raises Fatal for another."""
    if profile.cap_name != only:
        raise Fatal(
            f"{profile.name} sends its cap as {profile.cap_name}, which its provider does not "
            f"know: under Model profiles in the admin, call it {only.value}."
        )
    return profile.max_output_tokens


def _is_at_home(profile: ModelProfile) -> bool:
    """Whether the provider itself is asked. It is told to serve at its standard rates then, which
    are the ones in the price list: an account's own default may be a dearer service.
    """
    home = HOMES.get(profile.provider)
    return home is not None and base_url(profile) == home[1]


def _openai(
    profile: ModelProfile, temperature: float | None, schema: Schema | None, key: str
) -> "BaseChatModel":
    """Chat completions. Cap and format travel in `extra_body`, word for word: LangChain renames
    `max_tokens`, and a `response_format` of its own makes the SDK parse the answer, which throws a
    truncated one away together with its usage.
    """
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    return ChatOpenAI(
        model=profile.model,
        api_key=SecretStr(key),
        base_url=base_url(profile),
        temperature=temperature,
        timeout=_timeout(profile),
        stream_chunk_timeout=_timeout(profile),
        max_retries=0,
        use_responses_api=False,
        output_version="v0",
        stream_usage=profile.streaming,
        cache=False,
        streaming=profile.streaming,
        extra_body={
            profile.cap_name: profile.max_output_tokens,
            **_openai_format(profile, schema),
            **({"service_tier": "default"} if _is_at_home(profile) else {}),
        },
    )


def _anthropic(
    profile: ModelProfile, temperature: float | None, schema: Schema | None, key: str
) -> "BaseChatModel":
    from langchain_anthropic import ChatAnthropic
    from pydantic import SecretStr

    return ChatAnthropic(
        model=profile.model,
        api_key=SecretStr(key),
        base_url=base_url(profile),
        temperature=temperature,
        timeout=_timeout(profile),
        max_retries=0,
        max_tokens=_cap(profile, OutputCap.MAX_TOKENS),
        model_kwargs={"service_tier": "standard_only"} if _is_at_home(profile) else {},
        stream_usage=True,
        streaming=profile.streaming,
        cache=False,
        output_version="v0",
    )


def _google(
    profile: ModelProfile, temperature: float | None, schema: Schema | None, key: str
) -> "BaseChatModel":
    """Gemini's own API, never Vertex AI. One attempt is how its SDK calls no retries.

    Raises Fatal where the environment makes the SDK choose Vertex AI, which it does against
    `vertexai=False`: no price here is Vertex AI's.
    """
    from langchain_google_genai import ChatGoogleGenerativeAI
    from pydantic import SecretStr

    model = ChatGoogleGenerativeAI(
        model=profile.model,
        api_key=SecretStr(key),
        base_url=base_url(profile),
        vertexai=False,
        temperature=temperature,
        timeout=_timeout(profile),
        max_retries=1,
        max_output_tokens=_cap(profile, OutputCap.MAX_OUTPUT_TOKENS),
        streaming=profile.streaming,
        cache=False,
        output_version="v0",
        **_google_format(profile, schema),
    )
    if model.client is None or model.client.vertexai:
        raise Fatal(
            f"{profile.name} would be asked on Vertex AI, because GOOGLE_GENAI_USE_VERTEXAI or "
            "GOOGLE_GENAI_USE_ENTERPRISE is set. Unset it and restart the workers."
        )
    return model


def _openai_format(profile: ModelProfile, schema: Schema | None) -> dict[str, Any]:
    """Not strict: our schemas have optional fields, which strict mode does not know.

    https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
    """
    if profile.answer_format == AnswerFormat.JSON_OBJECT:
        return {"response_format": {"type": "json_object"}}
    if profile.answer_format == AnswerFormat.JSON_SCHEMA and schema is not None:
        name = re.sub(r"[^A-Za-z0-9_-]", "_", str(schema.get("title") or "answer"))[:64]
        form = {"name": name, "schema": schema, "strict": False}
        return {"response_format": {"type": "json_schema", "json_schema": form}}
    return {}


def _google_format(profile: ModelProfile, schema: Schema | None) -> dict[str, Any]:
    if profile.answer_format == AnswerFormat.TEXT:
        return {}
    form: dict[str, Any] = {"response_mime_type": "application/json"}
    if profile.answer_format == AnswerFormat.JSON_SCHEMA and schema is not None:
        form["response_schema"] = _for_google(schema)
    return form


def _for_google(schema: Any) -> Any:
    """The schema without the keywords that Gemini does not list, which bound what it may say but
    are checked here anyhow: https://ai.google.dev/api/generate-content#GenerationConfig
    """
    if isinstance(schema, list):
        return [_for_google(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key in {"properties", "$defs"}:
            kept[key] = {name: _for_google(part) for name, part in value.items()}
        elif key in GOOGLE_KEYWORDS:
            kept[key] = value if key in {"enum", "required"} else _for_google(value)
        elif key == "const":
            kept["enum"] = [value]
    return kept


_BUILDERS: dict[str, Builder] = {
    Provider.OPENAI: _openai,
    Provider.COMPATIBLE: _openai,
    Provider.ANTHROPIC: _anthropic,
    Provider.GOOGLE: _google,
}
