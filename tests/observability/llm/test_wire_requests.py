"""What goes over the wire under the real SDKs: one request per call, with the right cap and key."""

from typing import Any

import pytest
from langchain_core.caches import InMemoryCache
from langchain_core.globals import set_llm_cache

from observability.llm import providers
from observability.llm.errors import Fatal, ModelError
from runs import requests
from tests.wire import Asked, WireServer, behaviours
from tests.wire.profiles import PROVIDERS, SDKS, Asker, Profiler
from tests.wire.server import KEY

pytest_plugins = ["tests.wire.fixtures"]

ANSWERS = [
    requests.ExtractAnswer, requests.AnalyzeAnswer, requests.DecomposeAnswer,
    requests.ValidateAnswer,
]  # fmt: skip
every_provider = pytest.mark.parametrize("provider", PROVIDERS)
each_sdk = pytest.mark.parametrize("provider", SDKS)
either_way = pytest.mark.parametrize("streaming", [False, True], ids=["whole", "streamed"])


def sent(wire: WireServer) -> Asked:
    [asked] = wire.requests
    return asked


@each_sdk
@either_way
@pytest.mark.parametrize(
    "trouble",
    [
        behaviours.error(500), behaviours.error(503), behaviours.error(529),
        behaviours.rate_limited("0"), behaviours.error(408), behaviours.error(409),
        behaviours.cut(behaviours.Cut.UNANSWERED), behaviours.cut(behaviours.Cut.TORN),
    ],
    ids=lambda trouble: trouble.name,
)  # fmt: skip
def test_the_sdks_do_not_try_again(
    wired: WireServer,
    wired_profile: Profiler,
    ask: Asker,
    provider: str,
    streaming: bool,
    trouble: behaviours.Behaviour,
) -> None:
    wired.script(trouble)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever class the SDK has for it
        ask(wired_profile(provider, streaming=streaming))
    assert not isinstance(caught.value, ModelError)
    assert [asked.behaviour for asked in wired.requests] == [trouble.name]


CAPS = [
    ("openai", "", "max_completion_tokens"),
    ("openai", "max_completion_tokens", "max_completion_tokens"),
    ("openai", "max_tokens", "max_tokens"),
    ("openai_compatible", "", "max_tokens"),
    ("openai_compatible", "max_tokens", "max_tokens"),
    ("openai_compatible", "max_completion_tokens", "max_completion_tokens"),
    ("openai_compatible", "max_output_tokens", "max_output_tokens"),
    ("anthropic", "", "max_tokens"),
    ("google", "", "maxOutputTokens"),
]


@pytest.mark.parametrize(("provider", "named", "wanted"), CAPS)
@either_way
def test_the_cap_goes_by_its_name_and_by_no_other(
    wired: WireServer,
    wired_profile: Profiler,
    ask: Asker,
    provider: str,
    named: str,
    wanted: str,
    streaming: bool,
) -> None:
    ask(wired_profile(provider, output_cap=named, max_output_tokens=321, streaming=streaming))
    body = sent(wired).body
    fields = body["generationConfig"] if provider == "google" else body
    names = {"max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens"}
    assert {name: fields[name] for name in names & set(fields)} == {wanted: 321}


@pytest.mark.parametrize("provider", ["anthropic", "google"])
def test_a_cap_that_a_provider_does_not_know_is_refused(
    wired: WireServer, wired_profile: Profiler, provider: str
) -> None:
    with pytest.raises(Fatal, match="max_completion_tokens"):
        providers.chat_model(wired_profile(provider, output_cap="max_completion_tokens"))


@every_provider
def test_a_long_answer_needs_no_stream(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str
) -> None:
    """Anthropic's SDK refuses a cap that could take more than 10 minutes, unless it is timed."""
    ask(wired_profile(provider, max_output_tokens=64_000, timeout_seconds=600))
    assert not sent(wired).streams


@every_provider
@either_way
def test_it_streams_as_the_profile_says(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str, streaming: bool
) -> None:
    ask(wired_profile(provider, streaming=streaming))
    asked = sent(wired)
    assert asked.streams is streaming
    if asked.provider == "openai":
        wanted = {"include_usage": True} if streaming else None
        assert asked.body.get("stream_options") == wanted


@every_provider
@pytest.mark.parametrize("temperature", [0.0, 0.7, None])
def test_a_temperature_is_sent_unless_there_is_none(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str, temperature: float | None
) -> None:
    ask(wired_profile(provider), temperature=temperature)
    body = sent(wired).body
    fields = body["generationConfig"] if provider == "google" else body
    assert fields.get("temperature") == temperature


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "o3"), ("openai", "o1"), ("openai", "gpt-5"),
        ("anthropic", "claude-opus-4-7"), ("anthropic", "claude-sonnet-5-5"),
        ("anthropic", "claude-fable-5"),
    ],
)  # fmt: skip
def test_models_that_refuse_a_temperature_get_none(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str, model: str
) -> None:
    ask(wired_profile(provider, model=model), temperature=0.3)
    assert "temperature" not in sent(wired).body


@every_provider
def test_a_profile_can_switch_the_temperature_off(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str
) -> None:
    ask(wired_profile(provider, sends_temperature=False), temperature=0.3)
    body = sent(wired).body
    assert "temperature" not in {**body, **body.get("generationConfig", {})}


@pytest.mark.parametrize("model", ["gpt-5-codex", "gpt-5-pro", "gpt-5.5-pro-2026", "o3"])
def test_openai_is_asked_by_chat_completions_only(
    wired: WireServer, wired_profile: Profiler, ask: Asker, model: str
) -> None:
    ask(wired_profile(model=model))
    assert sent(wired).path == "/v1/chat/completions"


@pytest.mark.parametrize("provider", ["openai", "openai_compatible"])
@either_way
@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.__name__)
def test_a_json_schema_travels_as_it_is_and_not_strict(
    wired: WireServer,
    wired_profile: Profiler,
    ask: Asker,
    provider: str,
    streaming: bool,
    answer: type[requests.Frozen],
) -> None:
    schema = answer.model_json_schema()
    ask(wired_profile(provider, answer_format="json_schema", streaming=streaming), schema=schema)
    form = {"name": answer.__name__, "schema": schema, "strict": False}
    assert sent(wired).body["response_format"] == {"type": "json_schema", "json_schema": form}


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.__name__)
def test_gemini_gets_the_schema_in_the_words_it_knows(
    wired: WireServer, wired_profile: Profiler, ask: Asker, answer: type[requests.Frozen]
) -> None:
    schema = answer.model_json_schema()
    ask(wired_profile("google", answer_format="json_schema"), schema=schema)
    config = sent(wired).body["generationConfig"]
    assert config["responseMimeType"] == "application/json"
    received = config["responseJsonSchema"]
    assert set(received["properties"]) == set(schema["properties"])
    assert set(received["$defs"]) == set(schema["$defs"])
    assert received["required"] == schema["required"]
    words = {"minLength", "default", "pattern", "const"}
    assert words & set(_keywords(schema))
    assert not words & set(_keywords(received))


def _keywords(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [word for part in schema for word in _keywords(part)]
    if not isinstance(schema, dict):
        return []
    found = list(schema)
    for key, part in schema.items():
        inner = part.values() if key in {"properties", "$defs"} else [part]
        found += [word for one in inner for word in _keywords(one)]
    return found


@pytest.mark.parametrize("provider", ["openai", "openai_compatible", "google"])
def test_json_mode_needs_no_schema(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str
) -> None:
    ask(wired_profile(provider, answer_format="json_object"), schema={"type": "object"})
    body = sent(wired).body
    if provider == "google":
        config = body["generationConfig"]
        assert config["responseMimeType"] == "application/json"
        assert "responseJsonSchema" not in config
    else:
        assert body["response_format"] == {"type": "json_object"}


@every_provider
@pytest.mark.parametrize("answer_format", ["text", "json_schema"])
def test_without_a_schema_nothing_is_said_about_it(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str, answer_format: str
) -> None:
    ask(wired_profile(provider, answer_format=answer_format), schema=None)
    body = sent(wired).body
    assert "response_format" not in body
    assert "responseJsonSchema" not in body.get("generationConfig", {})


def test_anthropic_is_asked_for_json_in_words_only(
    wired: WireServer, wired_profile: Profiler, ask: Asker
) -> None:
    for answer_format in ("text", "json_object", "json_schema"):
        ask(wired_profile("anthropic", answer_format=answer_format), schema={"type": "object"})
    assert {frozenset(asked.body) for asked in wired.requests} == {
        frozenset({"model", "max_tokens", "messages", "system"})
    }


@pytest.mark.parametrize("provider", ["openai", "anthropic", "google"])
def test_the_key_comes_from_the_providers_usual_variable(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str
) -> None:
    ask(wired_profile(provider))
    assert sent(wired).key == KEY


@every_provider
def test_the_key_comes_from_the_variable_that_the_profile_names(
    wired: WireServer,
    wired_profile: Profiler,
    ask: Asker,
    provider: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTHER_API_KEY", "another-key")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "a-token-of-something-else")
    ask(wired_profile(provider, api_key_env="OTHER_API_KEY"))
    asked = sent(wired)
    assert asked.key == "another-key"
    assert KEY not in str(asked.headers)
    assert "something-else" not in str(asked.headers)


def test_a_compatible_server_never_gets_openais_key(
    wired: WireServer, wired_profile: Profiler, ask: Asker
) -> None:
    ask(wired_profile("openai_compatible"))
    assert sent(wired).key == providers.NO_KEY


@pytest.mark.parametrize(
    ("provider", "variable", "home"),
    [
        ("openai", "OPENAI_BASE_URL", "openai_url"),
        ("openai", "OPENAI_API_BASE", "openai_url"),
        ("anthropic", "ANTHROPIC_BASE_URL", "url"),
        ("anthropic", "ANTHROPIC_API_URL", "url"),
        ("google", "GOOGLE_GEMINI_BASE_URL", "url"),
    ],
)
def test_the_usual_base_url_variables_count(
    wired: WireServer,
    wired_profile: Profiler,
    ask: Asker,
    provider: str,
    variable: str,
    home: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in wired.environment:
        if name.endswith("_URL"):
            monkeypatch.delenv(name)
    monkeypatch.setenv(variable, getattr(wired, home))
    ask(wired_profile(provider))
    assert sent(wired).model == "wired-1"


@every_provider
def test_the_profiles_base_url_wins_over_the_environments(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str
) -> None:
    with WireServer("from the other one") as other:
        home = other.openai_url if provider.startswith("openai") else other.url
        assert ask(wired_profile(provider, base_url=home)).text == "from the other one"
    assert wired.requests == []


@every_provider
def test_nothing_in_the_environment_leads_elsewhere(
    wired: WireServer,
    wired_profile: Profiler,
    ask: Asker,
    provider: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """LangSmith's gateway would take every provider's requests."""
    monkeypatch.setenv("LANGSMITH_GATEWAY", "http://127.0.0.1:9")
    monkeypatch.setenv("LANGSMITH_GATEWAY_API_KEY", "lsv2_gateway")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "a-project")
    monkeypatch.setenv("LC_OUTPUT_VERSION", "v1")
    answer = ask(wired_profile(provider, model="not-built-before"))
    assert sent(wired).key in {KEY, providers.NO_KEY}
    assert answer.content == "{}"


@pytest.mark.parametrize("variable", ["GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_ENTERPRISE"])
def test_gemini_is_not_asked_on_vertex_ai(
    wired: WireServer, wired_profile: Profiler, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "true")
    with pytest.raises(Fatal, match="VERTEXAI"):
        providers.chat_model(wired_profile("google", model=f"not-built-before-{variable}"))


@every_provider
def test_langchains_cache_never_answers(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str
) -> None:
    set_llm_cache(InMemoryCache())
    try:
        for _ in range(2):
            ask(wired_profile(provider))
    finally:
        set_llm_cache(None)
    assert len(wired.requests) == 2
