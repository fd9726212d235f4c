"""Answers under the real SDKs: every behaviour, and usage that equals the provider's own count."""

import pytest
from langchain_core.messages import AIMessage

from observability.llm import failures
from observability.llm.failures import Kind
from tests.wire import Buckets, WireServer, behaviours
from tests.wire.behaviours import Cut
from tests.wire.profiles import PROVIDERS, Asker, Profiler

pytest_plugins = ["tests.wire.fixtures"]

TEXT = '{"children": [{"text": "The unit shall report its state within 2 s.", "parents": [0, 1]}]}'
LONG = [("system", "Decompose. " * 20), ("human", "The unit shall report its state. " * 20)]

every_provider = pytest.mark.parametrize("provider", PROVIDERS)
either_way = pytest.mark.parametrize("streaming", [False, True], ids=["whole", "streamed"])


def billed(wire: WireServer) -> Buckets:
    [line] = wire.bill.lines
    return line.tokens


def counted(answer: AIMessage) -> tuple[int, int]:
    """Input and output tokens as LangChain reports them."""
    assert answer.usage_metadata is not None
    return answer.usage_metadata["input_tokens"], answer.usage_metadata["output_tokens"]


@every_provider
@either_way
def test_an_answer_arrives_whole_with_the_usage_that_is_billed(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str, streaming: bool
) -> None:
    wired.answers = TEXT
    profile = wired_profile(provider, streaming=streaming)
    answer = ask(profile, LONG)
    assert type(answer) is AIMessage
    assert str(answer.text) == TEXT
    tokens = billed(wired)
    assert counted(answer) == (tokens.input, tokens.output)
    assert failures.incomplete(answer, profile) is None
    assert [line.delivered for line in wired.bill.lines] == [True]


@every_provider
@either_way
def test_what_a_cache_took_part_in_is_told_apart(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str, streaming: bool
) -> None:
    wired.script(behaviours.cached())
    answer = ask(wired_profile(provider, streaming=streaming), LONG)
    tokens = billed(wired)
    assert tokens.cache_read > 0
    assert (tokens.cache_write > 0) is (tokens.cache_write_1h > 0) is (provider == "anthropic")
    assert counted(answer)[0] == tokens.input
    assert answer.usage_metadata is not None
    details = answer.usage_metadata["input_token_details"]
    assert details["cache_read"] == tokens.cache_read
    if provider == "anthropic":
        written = tokens.cache_write + tokens.cache_write_1h
        split = {
            "cache_creation": 0,
            "ephemeral_5m_input_tokens": tokens.cache_write,
            "ephemeral_1h_input_tokens": tokens.cache_write_1h,
        }
        # How long a write is kept stands at the beginning of a stream, where LangChain drops it.
        seen = {name: details.get(name) for name in split}
        assert seen == ({**dict.fromkeys(split), "cache_creation": written} if streaming else split)


@every_provider
@either_way
def test_reasoning_is_output_and_told_apart(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str, streaming: bool
) -> None:
    wired.answers = TEXT
    wired.script(behaviours.reasoning(64))
    profile = wired_profile(provider, streaming=streaming)
    answer = ask(profile)
    tokens = billed(wired)
    assert tokens.reasoning == 64
    assert counted(answer) == (tokens.input, tokens.output + 64)
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["output_token_details"]["reasoning"] == 64
    assert str(answer.text) == TEXT
    assert failures.incomplete(answer, profile) is None


@every_provider
@either_way
def test_an_answer_may_say_nothing_of_its_usage(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str, streaming: bool
) -> None:
    wired.answers = TEXT
    wired.script(behaviours.no_usage())
    profile = wired_profile(provider, streaming=streaming)
    answer = ask(profile)
    assert str(answer.text) == TEXT
    if provider == "anthropic":
        assert counted(answer) == (0, 0)  # LangChain's zeros, which are no count
    else:
        assert answer.usage_metadata is None
    assert billed(wired).output > 0
    assert failures.incomplete(answer, profile) is None


@every_provider
@either_way
@pytest.mark.filterwarnings("ignore:Received unexpected tool content block")
def test_a_tool_call_is_an_answer_without_text(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str, streaming: bool
) -> None:
    wired.script(behaviours.tool_call())
    answer = ask(wired_profile(provider, streaming=streaming))
    assert str(answer.text) == ""
    assert [call["name"] for call in answer.tool_calls] == ["look_up"]
    assert counted(answer) == (billed(wired).input, billed(wired).output)


@every_provider
@either_way
@pytest.mark.parametrize("trouble", [behaviours.not_json(), behaviours.authenticate()], ids=str)
def test_a_bad_text_is_no_error_of_the_provider(
    wired: WireServer,
    wired_profile: Profiler,
    ask: Asker,
    provider: str,
    streaming: bool,
    trouble: behaviours.Behaviour,
) -> None:
    wired.script(trouble)
    profile = wired_profile(provider, streaming=streaming)
    answer = ask(profile)
    assert str(answer.text) == trouble.text
    assert failures.incomplete(answer, profile) is None


@every_provider
@either_way
def test_an_answer_that_reached_its_cap_is_a_content_failure(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str, streaming: bool
) -> None:
    wired.answers = TEXT
    wired.script(behaviours.truncated())
    profile = wired_profile(provider, streaming=streaming, max_output_tokens=123)
    answer = ask(profile)
    assert TEXT.startswith(str(answer.text))
    assert counted(answer)[1] == billed(wired).output == 123
    failure = failures.incomplete(answer, profile)
    assert failure is not None
    assert (failure.kind, failure.free) == (Kind.CONTENT, False)
    assert "cap of 123 tokens" in failure.message


@every_provider
def test_the_server_honours_the_cap_that_is_sent(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str
) -> None:
    wired.answers = "word " * 400
    profile = wired_profile(provider, max_output_tokens=50)
    answer = ask(profile)
    assert counted(answer)[1] == billed(wired).output == 50
    assert failures.incomplete(answer, profile) is not None


@every_provider
@either_way
def test_a_provider_that_ignores_the_cap_tells_on_itself(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str, streaming: bool
) -> None:
    wired.answers = TEXT
    wired.script(behaviours.ignores_cap(1_000))
    profile = wired_profile(provider, streaming=streaming)
    answer = ask(profile)
    assert counted(answer)[1] == billed(wired).output == profile.max_output_tokens + 1_000
    assert failures.incomplete(answer, profile) is None


@every_provider
def test_a_stream_that_ends_silently_in_the_middle_is_noticed(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str
) -> None:
    wired.answers = TEXT
    wired.script(behaviours.cut(Cut.SILENTLY))
    profile = wired_profile(provider, streaming=True)
    answer = ask(profile)
    assert str(answer.text) != TEXT
    if provider == "google":  # it tells the tokens so far, which are too few
        assert counted(answer)[1] < billed(wired).output
    else:
        assert answer.usage_metadata is None
    failure = failures.incomplete(answer, profile)
    assert failure is not None
    assert (failure.kind, failure.free) == (Kind.TRANSIENT, False)
    assert "cut off" in failure.message
    assert [line.delivered for line in wired.bill.lines] == [False]


@pytest.mark.parametrize("provider", ["openai", "openai_compatible"])
def test_a_stream_that_lacks_only_its_usage_is_whole(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str
) -> None:
    wired.answers = TEXT
    wired.script(behaviours.cut(Cut.BEFORE_USAGE))
    profile = wired_profile(provider, streaming=True)
    answer = ask(profile)
    assert str(answer.text) == TEXT
    assert answer.usage_metadata is None
    assert failures.incomplete(answer, profile) is None


@pytest.mark.parametrize("provider", ["anthropic", "google"])
def test_others_say_the_end_and_the_usage_at_once(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str
) -> None:
    wired.answers = TEXT
    wired.script(behaviours.cut(Cut.BEFORE_USAGE))
    profile = wired_profile(provider, streaming=True)
    assert failures.incomplete(ask(profile), profile) is not None


@pytest.mark.parametrize(
    ("provider", "metadata"),
    [
        ("openai", {"finish_reason": "content_filter"}),
        ("anthropic", {"stop_reason": "refusal"}),
        ("google", {"finish_reason": "SAFETY"}),
        ("google", {"prompt_feedback": {"block_reason": "OTHER"}}),
    ],
)
def test_a_refusal_is_a_content_failure(
    wired_profile: Profiler, provider: str, metadata: dict[str, object]
) -> None:
    answer = AIMessage(content="", response_metadata=metadata)
    failure = failures.incomplete(answer, wired_profile(provider))
    assert failure is not None
    assert failure.kind == Kind.CONTENT
    assert "declined" in failure.message


def test_a_compatible_server_need_not_say_why_it_ends(wired_profile: Profiler) -> None:
    answer = AIMessage(content="{}")
    assert failures.incomplete(answer, wired_profile("openai_compatible")) is None
    streamed = wired_profile("openai_compatible", streaming=True)
    assert failures.incomplete(answer, streamed) is not None
    assert failures.incomplete(answer, wired_profile("openai")) is not None


def test_an_answer_that_its_router_broke_off_is_not_whole(wired_profile: Profiler) -> None:
    answer = AIMessage(content="{", response_metadata={"finish_reason": "error"})
    failure = failures.incomplete(answer, wired_profile("openai_compatible"))
    assert failure is not None
    assert failure.kind == Kind.TRANSIENT


@every_provider
def test_the_words_of_a_request_stay_as_they_are(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str
) -> None:
    """A repair is a longer conversation; a text may hold anything that JSON and UTF-8 can."""
    strange = 'Quote " backslash \\ tab \t line \n emoji 🛰 zero \u200b end'
    messages = [("system", "Method."), ("human", strange), ("ai", "{bad"), ("human", "Again.")]
    ask(wired_profile(provider), messages)
    assert wired.requests[0].messages == messages
