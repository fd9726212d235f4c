"""Usage as the real SDKs and LangChain hand it on, from a local server that speaks for a provider.

Every record here has the shape of one that a provider sends; the server only sends it.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage
from pydantic import SecretStr

from observability.models import Provider
from observability.tokens import Usage, usage_of
from tests.observability.provider_answers import (
    OneAnswer,
    Record,
    anthropic,
    anthropic_stream,
    asked,
    google,
    openai,
    openai_stream,
    serving,
)
from tests.observability.usage_records import (
    ANTHROPIC,
    DETAILED,
    GOOGLE,
    NO_USAGE,
    OPENAI,
    PLAIN,
    THOUGHTFUL,
)


@pytest.fixture(scope="module")
def server() -> Iterator[OneAnswer]:
    with serving() as one:
        yield one


def buckets(usage: Usage | None) -> dict[str, int]:
    """What is not 0 of a usage."""
    assert usage is not None
    names = ("input_fresh", "cache_read", "cache_write", "cache_write_1h", "output", "reasoning")
    return {name: value for name in names if (value := getattr(usage, name))}


# OpenAI, and those who speak like it


@pytest.mark.parametrize("provider", [Provider.OPENAI, Provider.COMPATIBLE])
@pytest.mark.parametrize("case", OPENAI)
def test_chat_completions(server: OneAnswer, provider: Provider, case: str) -> None:
    record, expected = OPENAI[case]
    usage = usage_of(asked(server, provider, openai(record)), provider)
    assert buckets(usage) == expected
    assert usage is not None
    assert usage.raw is not None
    assert usage.raw["prompt_tokens"] == record.get("prompt_tokens")
    json.dumps(usage.raw)


@pytest.mark.parametrize("tier", [None, "priority", "flex"])
def test_the_cache_of_a_stream_is_found_under_every_service_tier(
    server: OneAnswer, tier: str | None
) -> None:
    """langchain-openai calls it priority_cache_read there, and keeps no record of the provider."""
    more = {"service_tier": tier} if tier else {}
    message = asked(server, Provider.OPENAI, openai_stream(DETAILED, **more))
    assert "token_usage" not in message.response_metadata
    expected = OPENAI["cached tokens are part of the prompt, reasoning is part of the completion"]
    assert buckets(usage_of(message, Provider.OPENAI)) == expected[1]


# Anthropic


@pytest.mark.parametrize("case", ANTHROPIC)
def test_messages(server: OneAnswer, case: str) -> None:
    record, expected = ANTHROPIC[case]
    usage = usage_of(asked(server, Provider.ANTHROPIC, anthropic(record)), Provider.ANTHROPIC)
    assert buckets(usage) == expected
    assert usage is not None
    json.dumps(usage.raw)


def test_langchain_leaves_out_what_the_record_has(server: OneAnswer) -> None:
    """Why the provider's record is read: without it, this call would have cost nothing."""
    record = ANTHROPIC["a compaction that the totals leave out"][0]
    message = asked(server, Provider.ANTHROPIC, anthropic(record))
    assert message.usage_metadata is not None
    assert message.usage_metadata["total_tokens"] == 0


@pytest.mark.parametrize("case", ["plain", "input is without the cache"])
def test_a_stream_of_anthropic_carries_its_usage_at_its_end(server: OneAnswer, case: str) -> None:
    record, expected = ANTHROPIC[case]
    message = asked(server, Provider.ANTHROPIC, anthropic_stream({**PLAIN}, record))
    assert "usage" not in message.response_metadata
    assert buckets(usage_of(message, Provider.ANTHROPIC)) == expected


def test_langchain_splits_what_was_written_to_a_cache_by_time(server: OneAnswer) -> None:
    """A stream's only record; its total of what was written is 0 beside the parts."""
    split = {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 300}
    record = PLAIN | {"cache_creation_input_tokens": 500, "cache_creation": split}
    message = asked(server, Provider.ANTHROPIC, anthropic(record))
    del message.response_metadata["usage"]
    assert message.usage_metadata is not None
    assert message.usage_metadata["input_token_details"]["cache_creation"] == 0
    expected = ANTHROPIC["writing for an hour and for 5 minutes"][1]
    assert buckets(usage_of(message, Provider.ANTHROPIC)) == expected


# Google


@pytest.mark.parametrize("case", GOOGLE)
def test_gemini(server: OneAnswer, case: str) -> None:
    record, expected = GOOGLE[case]
    message = asked(server, Provider.GOOGLE, google(record))
    assert buckets(usage_of(message, Provider.GOOGLE)) == expected


def test_a_stream_of_gemini_counts_up_and_sometimes_down(server: OneAnswer) -> None:
    """Its chunks are running totals, of which LangChain makes differences and adds them up."""
    chunks = [
        google({"promptTokenCount": 25, "thoughtsTokenCount": 300, "totalTokenCount": 325}, "Hel"),
        google(THOUGHTFUL | {"cachedContentTokenCount": 15}, "lo!"),
    ]
    message = asked(server, Provider.GOOGLE, chunks)
    usage = usage_of(message, Provider.GOOGLE)
    assert buckets(usage) == {"input_fresh": 5, "cache_read": 15, "output": 198, "reasoning": 405}


def test_what_a_stream_of_gemini_took_back_is_not_counted(server: OneAnswer) -> None:
    """Of fewer tokens in the last chunk, LangChain's total and cache keep the larger number."""
    first = {"promptTokenCount": 25, "cachedContentTokenCount": 24, "totalTokenCount": 25}
    last = {
        "promptTokenCount": 20,
        "cachedContentTokenCount": 15,
        "candidatesTokenCount": 3,
        "totalTokenCount": 23,
    }
    message = asked(server, Provider.GOOGLE, [google(first, "Hel", None), google(last, "lo!")])
    assert message.usage_metadata is not None
    assert message.usage_metadata["total_tokens"] == 25
    usage = usage_of(message, Provider.GOOGLE)
    assert buckets(usage) == {"cache_read": 20, "output": 3}


def test_a_prompt_that_gemini_refused_has_lost_its_usage(server: OneAnswer) -> None:
    """langchain-google-genai keeps no usage without a candidate; the call is then estimated."""
    refused = google(THOUGHTFUL) | {"candidates": [], "promptFeedback": {"blockReason": "SAFETY"}}
    assert usage_of(asked(server, Provider.GOOGLE, refused), Provider.GOOGLE) is None


# No usage


@pytest.mark.parametrize("case", NO_USAGE)
def test_what_is_not_a_whole_record_is_none(server: OneAnswer, case: str) -> None:
    provider, payload = NO_USAGE[case]
    message = asked(server, provider, payload)
    assert str(message.text).startswith("Hello!")
    assert usage_of(message, provider) is None


def test_a_stream_carries_no_usage_unless_it_is_asked_for(server: OneAnswer) -> None:
    """langchain-openai asks for it by itself only at OpenAI's own address."""
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(model="m", base_url=server.url, api_key=SecretStr("k"), streaming=True)
    assert not model.stream_usage


def test_an_answer_that_says_nothing_may_have_cost_no_output(server: OneAnswer) -> None:
    record = {"prompt_tokens": 31, "completion_tokens": 0, "total_tokens": 31}
    message = asked(server, Provider.OPENAI, openai(record, content=""))
    assert buckets(usage_of(message, Provider.OPENAI)) == {"input_fresh": 31}


def test_a_message_of_our_own_provider_is_read_too() -> None:
    summary: Any = {"input_tokens": 9, "output_tokens": 3, "total_tokens": 12}
    assert buckets(usage_of(AIMessage("Hi", usage_metadata=summary), "scripted")) == {
        "input_fresh": 9,
        "output": 3,
    }
    assert usage_of(AIMessage("Hi"), Provider.EMBEDDED) is None


# Whatever a server writes

numbers = st.one_of(st.none(), st.integers(-10, 10**9), st.floats(), st.booleans(), st.just("many"))
details = st.one_of(
    numbers,
    st.dictionaries(
        st.sampled_from(
            [
                "cached_tokens", "cache_write_tokens", "cache_write_tokens_details",
                "reasoning_tokens", "ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens",
                "thinking_tokens", "ttl_12h_tokens",
            ]
        ),
        st.one_of(numbers, st.dictionaries(st.just("ttl_12h_tokens"), numbers)),
    ),
)  # fmt: skip
flat = st.dictionaries(
    st.sampled_from(
        [
            "prompt_tokens", "completion_tokens", "total_tokens", "cached_tokens",
            "prompt_cache_hit_tokens", "prompt_cache_miss_tokens", "prompt_tokens_details",
            "completion_tokens_details", "input_tokens", "output_tokens", "cache_creation",
            "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens_details",
            "reasoning_tokens",
        ]
    ),
    details,
)  # fmt: skip
records = st.tuples(flat, st.none() | st.lists(st.none() | flat, max_size=3)).map(
    lambda pair: {**pair[0], "iterations": pair[1]}
)


def count(record: Record, name: str) -> int:
    value = record.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


@given(records, st.sampled_from(list(Provider)), st.sampled_from(["", "Hello there!"]))
def test_buckets_are_never_negative_and_hold_what_was_named(
    record: Record, provider: Provider, text: str
) -> None:
    message = AIMessage(text, response_metadata={"usage": record, "token_usage": record})
    usage = usage_of(message, provider)
    if usage is None:
        return
    assert all(value > 0 for value in buckets(usage).values())
    if provider == Provider.ANTHROPIC:
        named = count(record, "input_tokens") + count(record, "output_tokens")
    else:
        sides = count(record, "prompt_tokens") + count(record, "completion_tokens")
        named = max(sides, count(record, "total_tokens"))
    assert usage.total >= named


tokens = st.integers(0, 10**6)
summaries = st.fixed_dictionaries(
    {"input_tokens": tokens, "output_tokens": tokens, "total_tokens": tokens},
    optional={
        "input_token_details": st.dictionaries(
            st.sampled_from(["cache_read", "cache_creation", "ephemeral_1h_input_tokens"]), tokens
        ),
        "output_token_details": st.dictionaries(st.just("reasoning"), tokens),
    },
)


@given(summaries, st.sampled_from(list(Provider)))
def test_so_are_those_of_a_summary(summary: Any, provider: Provider) -> None:
    usage = usage_of(AIMessage("Hello there!", usage_metadata=summary), provider)
    if usage is None:
        return
    assert all(value > 0 for value in buckets(usage).values())
    assert usage.total >= summary["input_tokens"] + summary["output_tokens"]
    if provider != Provider.GOOGLE:
        assert usage.total >= summary["total_tokens"]


@given(st.builds(Usage, *[st.integers(0, 10**6)] * 6), st.builds(Usage, *[st.integers(0, 9)] * 6))
def test_usages_add_up_bucket_by_bucket(one: Usage, other: Usage) -> None:
    both = one + other
    assert both.total == one.total + other.total
    assert both.input == one.input + other.input
    assert both.output - other.output == one.output
