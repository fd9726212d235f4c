"""Records of usage as providers send them, each with the buckets of it that are not 0."""

from observability.models import Provider
from tests.observability.provider_answers import (
    Record,
    anthropic,
    anthropic_stream,
    google,
    openai,
    openai_stream,
)

# OpenAI, and those who speak like it

DETAILED = {
    "prompt_tokens": 2_000,
    "completion_tokens": 300,
    "total_tokens": 2_300,
    "prompt_tokens_details": {"cached_tokens": 1_024, "cache_write_tokens": 900},
    "completion_tokens_details": {"reasoning_tokens": 256},
}
OPENAI: dict[str, tuple[Record, dict[str, int]]] = {
    "plain": (
        {"prompt_tokens": 31, "completion_tokens": 5, "total_tokens": 36},
        {"input_fresh": 31, "output": 5},
    ),
    "cached tokens are part of the prompt, reasoning is part of the completion": (
        DETAILED,
        {
            "input_fresh": 76,
            "cache_read": 1_024,
            "cache_write": 900,
            "output": 44,
            "reasoning": 256,
        },
    ),
    "null details": (
        {
            "prompt_tokens": 31,
            "completion_tokens": 5,
            "total_tokens": 36,
            "prompt_tokens_details": None,
            "completion_tokens_details": None,
        },
        {"input_fresh": 31, "output": 5},
    ),
    "null numbers": (
        {
            "prompt_tokens": 31,
            "completion_tokens": 5,
            "total_tokens": None,
            "prompt_tokens_details": {"cached_tokens": None},
            "completion_tokens_details": {"reasoning_tokens": None},
        },
        {"input_fresh": 31, "output": 5},
    ),
    "DeepSeek's names of the cache": (
        {
            "prompt_tokens": 1_200,
            "completion_tokens": 5,
            "total_tokens": 1_205,
            "prompt_cache_hit_tokens": 1_152,
            "prompt_cache_miss_tokens": 48,
        },
        {"input_fresh": 48, "cache_read": 1_152, "output": 5},
    ),
    "DeepSeek's names alone": (
        {
            "completion_tokens": 5,
            "prompt_cache_hit_tokens": 1_152,
            "prompt_cache_miss_tokens": 48,
        },
        {"input_fresh": 48, "cache_read": 1_152, "output": 5},
    ),
    "Moonshot's name of the cache": (
        {"prompt_tokens": 90, "completion_tokens": 5, "total_tokens": 95, "cached_tokens": 64},
        {"input_fresh": 26, "cache_read": 64, "output": 5},
    ),
    "xAI leaves reasoning out of the completion": (
        {
            "prompt_tokens": 32,
            "completion_tokens": 9,
            "total_tokens": 310,
            "completion_tokens_details": {"reasoning_tokens": 269},
        },
        {"input_fresh": 32, "output": 9, "reasoning": 269},
    ),
    "so it does if there was less of it": (
        {
            "prompt_tokens": 32,
            "completion_tokens": 300,
            "total_tokens": 601,
            "completion_tokens_details": {"reasoning_tokens": 269},
        },
        {"input_fresh": 32, "output": 300, "reasoning": 269},
    ),
    "Gemini's OpenAI interface tells of its thoughts in the total only": (
        {"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 519},
        {"input_fresh": 12, "output": 507},
    ),
    "cached tokens that are not part of the prompt": (
        {
            "prompt_tokens": 10,
            "completion_tokens": 5,
            "prompt_tokens_details": {"cached_tokens": 400},
        },
        {"input_fresh": 10, "cache_read": 400, "output": 5},
    ),
    "tokens both read from the cache and written to it count as written": (
        {
            "prompt_tokens": 100,
            "completion_tokens": 5,
            "prompt_tokens_details": {"cached_tokens": 90, "cache_write_tokens": 60},
        },
        {"cache_read": 40, "cache_write": 60, "output": 5},
    ),
    "a total and one side": (
        {"prompt_tokens": 31, "total_tokens": 36},
        {"input_fresh": 31, "output": 5},
    ),
    "a total and the other side": (
        {"completion_tokens": 5, "total_tokens": 36},
        {"input_fresh": 31, "output": 5},
    ),
    "a total alone": ({"total_tokens": 36}, {"input_fresh": 34, "output": 2}),
    "negative numbers": (
        {
            "prompt_tokens": 31,
            "completion_tokens": 5,
            "prompt_tokens_details": {"cached_tokens": -7, "cache_write_tokens": -1},
        },
        {"input_fresh": 31, "output": 5},
    ),
    "words, fractions and truths for numbers": (
        {
            "prompt_tokens": 30.2,
            "completion_tokens": 5,
            "cached_tokens": "many",
            "prompt_cache_hit_tokens": True,
        },
        {"input_fresh": 31, "output": 5},
    ),
}


# Anthropic

PLAIN = {"input_tokens": 40, "output_tokens": 12}
COMPACTION = {
    "type": "compaction",
    "input_tokens": 83_555,
    "output_tokens": 2_100,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 0,
}
ANTHROPIC: dict[str, tuple[Record, dict[str, int]]] = {
    "plain": (PLAIN, {"input_fresh": 40, "output": 12}),
    "input is without the cache": (
        PLAIN | {"cache_read_input_tokens": 1_000, "cache_creation_input_tokens": 200},
        {"input_fresh": 40, "cache_read": 1_000, "cache_write": 200, "output": 12},
    ),
    "writing for an hour and for 5 minutes": (
        PLAIN
        | {
            "cache_creation_input_tokens": 500,
            "cache_creation": {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 300},
        },
        {"input_fresh": 40, "cache_write": 200, "cache_write_1h": 300, "output": 12},
    ),
    "a total above its parts": (
        PLAIN
        | {
            "cache_creation_input_tokens": 500,
            "cache_creation": {"ephemeral_5m_input_tokens": 60, "ephemeral_1h_input_tokens": 300},
        },
        {"input_fresh": 40, "cache_write": 200, "cache_write_1h": 300, "output": 12},
    ),
    "parts above their total": (
        PLAIN
        | {
            "cache_creation_input_tokens": 0,
            "cache_creation": {"ephemeral_5m_input_tokens": 60, "ephemeral_1h_input_tokens": 300},
        },
        {"input_fresh": 40, "cache_write": 60, "cache_write_1h": 300, "output": 12},
    ),
    "thoughts are part of the output": (
        PLAIN | {"output_tokens_details": {"thinking_tokens": 10}},
        {"input_fresh": 40, "output": 2, "reasoning": 10},
    ),
    "a compaction that the totals leave out": (
        {"input_tokens": 0, "output_tokens": 0, "iterations": [COMPACTION]},
        {"input_fresh": 83_555, "output": 2_100},
    ),
    "a compaction and the answer after it": (
        PLAIN
        | {
            "output_tokens_details": {"thinking_tokens": 10},
            "iterations": [COMPACTION, PLAIN | {"type": "message", "cache_read_input_tokens": 9}],
        },
        {"input_fresh": 83_595, "cache_read": 9, "output": 2_102, "reasoning": 10},
    ),
    "an advisor, and its caches": (
        PLAIN
        | {
            "iterations": [
                PLAIN | {"type": "message"},
                {
                    "type": "advisor_message",
                    "model": "claude-opus-5-5",
                    "input_tokens": 823,
                    "output_tokens": 1_612,
                    "cache_read_input_tokens": 5,
                    "cache_creation_input_tokens": 7,
                    "cache_creation": {
                        "ephemeral_5m_input_tokens": 3,
                        "ephemeral_1h_input_tokens": 4,
                    },
                },
            ]
        },
        {
            "input_fresh": 863,
            "cache_read": 5,
            "cache_write": 3,
            "cache_write_1h": 4,
            "output": 1_624,
        },
    ),
    "iterations that say less than the totals": (
        PLAIN | {"iterations": [{"type": "message", "input_tokens": 1, "output_tokens": 1}, None]},
        {"input_fresh": 40, "output": 12},
    ),
}


# Google

THOUGHTFUL = {
    "promptTokenCount": 20,
    "candidatesTokenCount": 198,
    "thoughtsTokenCount": 405,
    "totalTokenCount": 623,
}
GOOGLE: dict[str, tuple[Record, dict[str, int]]] = {
    "plain": (
        {"promptTokenCount": 20, "candidatesTokenCount": 6, "totalTokenCount": 26},
        {"input_fresh": 20, "output": 6},
    ),
    "thoughts are billed beside the candidates": (
        THOUGHTFUL,
        {"input_fresh": 20, "output": 198, "reasoning": 405},
    ),
    "a total that is too small": (
        THOUGHTFUL | {"totalTokenCount": 218},
        {"input_fresh": 20, "output": 198, "reasoning": 405},
    ),
    "cached tokens are part of the prompt": (
        {
            "promptTokenCount": 2_000,
            "cachedContentTokenCount": 1_500,
            "candidatesTokenCount": 6,
            "totalTokenCount": 2_006,
        },
        {"input_fresh": 500, "cache_read": 1_500, "output": 6},
    ),
    "results of tools are part of the input": (
        {
            "promptTokenCount": 500,
            "candidatesTokenCount": 120,
            "toolUsePromptTokenCount": 300,
            "thoughtsTokenCount": 10,
            "totalTokenCount": 930,
        },
        {"input_fresh": 800, "output": 120, "reasoning": 10},
    ),
}


# Answers that say "Hello!" and have no record, or none of the whole call

NO_USAGE: dict[str, tuple[Provider, Record | list[Record]]] = {
    "chat completion without": (Provider.COMPATIBLE, openai(None)),
    "chat completion with null": (Provider.COMPATIBLE, openai(None) | {"usage": None}),
    "chat completion with nothing in it": (Provider.COMPATIBLE, openai({})),
    "chat completion with zeros": (
        Provider.COMPATIBLE,
        openai({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}),
    ),
    "the prompt alone": (Provider.COMPATIBLE, openai({"prompt_tokens": 31})),
    "the answer alone": (Provider.COMPATIBLE, openai({"completion_tokens": 5})),
    "a stream without": (Provider.OPENAI, openai_stream(None)),
    "a stream that was cut": (Provider.OPENAI, openai_stream(None)[:1]),
    "Anthropic's zeros": (
        Provider.ANTHROPIC,
        anthropic({"input_tokens": 0, "output_tokens": 0}),
    ),
    "Anthropic's stream that was cut": (Provider.ANTHROPIC, anthropic_stream(PLAIN, None)),
    "a stream that tells of its input at its start only": (
        Provider.ANTHROPIC,
        anthropic_stream(PLAIN, {"output_tokens": 12}),
    ),
    "Gemini without": (Provider.GOOGLE, google(None)),
    "Gemini with zeros": (Provider.GOOGLE, google({"promptTokenCount": 0, "totalTokenCount": 0})),
}
