"""How many tokens a call used, in exclusive buckets, and how many it can use at most.

Providers report the same thing in different ways, and LangChain's summary loses some of it, so the
provider's own record is read wherever the answer still carries it. Where the sources of a number
disagree, the larger one counts: a call is never booked for less than it may have cost.
"""

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from observability.models.model_profile import Provider

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, BaseMessage

    Message = BaseMessage | tuple[str, str]

Record = Mapping[str, Any]

INPUTS = ("input_fresh", "cache_read", "cache_write", "cache_write_1h")
BUCKETS = (*INPUTS, "output", "reasoning")
"""The names of the buckets, in Usage and in the columns of LLMCall."""

_TIERS = ("", "priority_", "flex_")  # how langchain-openai prefixes details by service tier
_IMPOSSIBLE = 10**9  # tokens of one call
_MESSAGE_OVERHEAD = 64
_CALL_OVERHEAD = 1_024
_SCHEMA_OVERHEAD = 1_024


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens in exclusive buckets, whose sum is all that was billed, and the record they are from.

    `output` is without `reasoning`. `cache_write` was written for 5 minutes or for no time that was
    told, `cache_write_1h` for an hour or longer.
    """

    input_fresh: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    raw: dict[str, Any] | None = field(default=None)

    @property
    def input(self) -> int:
        """Tokens of the request, from whichever bucket."""
        return self.input_fresh + self.cache_read + self.cache_write + self.cache_write_1h

    @property
    def total(self) -> int:
        """All tokens that were billed."""
        return self.input + self.output + self.reasoning

    def __add__(self, other: "Usage") -> "Usage":
        """The buckets of both together, without a record."""
        return Usage(
            input_fresh=self.input_fresh + other.input_fresh,
            cache_read=self.cache_read + other.cache_read,
            cache_write=self.cache_write + other.cache_write,
            cache_write_1h=self.cache_write_1h + other.cache_write_1h,
            output=self.output + other.output,
            reasoning=self.reasoning + other.reasoning,
        )


def usage_of(message: "AIMessage", provider: Provider | str) -> Usage | None:
    """What the answer's provider says it used, or None if it does not say.

    None also for a record of one side only, such as an answer with text and no output tokens: it
    would be booked for less than it cost, so it is better estimated. And for a record that cannot
    be true, of more than 10**9 tokens.
    """
    said = str(message.text)
    spoke = bool(said.strip() or message.tool_calls)
    usage = _usage_in(message, provider, said)
    if usage is None or not usage.input or (spoke and not usage.output + usage.reasoning):
        return None
    if usage.total > _IMPOSSIBLE:
        return None
    return usage


def estimate(prompt: str, answer: str) -> Usage:
    """Tokens by the look of the text, for an answer without usage. Never 0 for text.

    A token is taken to be 7 letters of a Latin word (fewer at its end), 4 letters of another
    alphabet, 1 character of a script without spaces, 2 digits, 3 signs, or a gap that is more than
    one space. This refines OpenAI's rule of thumb of 4 characters a token
    (https://help.openai.com/en/articles/4936856), which counts JSON a quarter too low and numbers
    half too low.

    Against OpenAI's tokenizers o200k_base and cl100k_base and the one published for Claude 2, on
    English, code, JSON and lists of identifiers or numbers it is within -15 % and +25 %: the tests
    hold the counts. Other Latin languages are within ±30 %; in further scripts the tokenizers
    themselves differ by more.
    """
    return Usage(input_fresh=_tokens_in(prompt), output=_tokens_in(answer))


def input_bound(messages: "Iterable[Message]", schema_text: str = "") -> int:
    """An upper bound of the input tokens of a call, whatever its model.

    A byte-level BPE tokenizer, and a SentencePiece one with byte fallback, makes every token of at
    least one byte, so a text has at most as many tokens as UTF-8 bytes, in whichever Unicode
    normalisation it is read. Added to that:

    - 64 a message, for the marks of its role, even if a model spells them out letter by letter;
    - 1,024 a call, for what a chat template says by itself (OpenAI's harmony format takes about
      100 tokens) and for what a provider adds;
    - if a schema is sent: twice its bytes, because providers lay it out anew, and 1,024 for the
      prompt that goes with it (Anthropic's page on tool use: up to 530 tokens).
    """
    total = _CALL_OVERHEAD
    for message in messages:
        total += _MESSAGE_OVERHEAD + sum(_bytes_in(part) for part in _parts_of(message))
    if schema_text:
        total += _SCHEMA_OVERHEAD + 2 * _bytes_in(schema_text)
    return total


def _usage_in(message: "AIMessage", provider: Provider | str, said: str) -> Usage | None:
    """The first record of the answer that has any numbers: the provider's own, or LangChain's."""
    raw = message.response_metadata.get("usage")
    if provider == Provider.ANTHROPIC and isinstance(raw, Mapping):
        return _of_anthropic(raw)
    raw = message.response_metadata.get("token_usage")
    if isinstance(raw, Mapping) and (usage := _of_openai(raw, said)):
        return usage
    summary = message.usage_metadata
    return _of_langchain(summary, provider, said) if summary else None


# Anthropic: input_tokens is without the cache; a request may be several, each billed


def _of_anthropic(raw: Record) -> Usage:
    """The usage of a Messages API answer.

    With compaction or an advisor, one request is several iterations, of which the totals leave some
    out; what is billed is the sum of them all
    (https://platform.claude.com/docs/en/build-with-claude/compaction, "Understanding usage").
    An advisor's tokens are counted at the rates of the model that was asked.
    """
    whole = _anthropic_buckets(raw)
    rounds = [_anthropic_buckets(part) for part in _list(raw, "iterations")]
    summed = sum(rounds, start=Usage())
    if summed.total < whole.total:
        return replace(whole, raw=dict(raw))
    thought = min(whole.reasoning, summed.output)  # only the totals tell of it
    return replace(summed, output=summed.output - thought, reasoning=thought, raw=dict(raw))


def _anthropic_buckets(record: Record) -> Usage:
    by_time = _map(record, "cache_creation")
    hour = _count(by_time, "ephemeral_1h_input_tokens")
    short = _count(by_time, "ephemeral_5m_input_tokens")
    written = _count(record, "cache_creation_input_tokens")
    output = _count(record, "output_tokens")
    thought = min(_count(_map(record, "output_tokens_details"), "thinking_tokens"), output)
    return Usage(
        input_fresh=_count(record, "input_tokens"),
        cache_read=_count(record, "cache_read_input_tokens"),
        cache_write=max(written - hour, short),
        cache_write_1h=hour,
        output=output - thought,
        reasoning=thought,
    )


# OpenAI and those who speak like it: cached tokens are part of the prompt, reasoning of the answer


def _of_openai(raw: Record, said: str) -> Usage | None:
    """The usage of a chat completion, by the names that the servers in use give its parts."""
    read = _map(raw, "prompt_tokens_details")
    given = _map(raw, "completion_tokens_details")
    hit = _count(raw, "prompt_cache_hit_tokens")  # DeepSeek
    return _exclusive(
        raw,
        said,
        prompt=_count(raw, "prompt_tokens") or hit + _count(raw, "prompt_cache_miss_tokens"),
        answer=_count(raw, "completion_tokens"),
        total=_count(raw, "total_tokens"),
        cached=max(hit, _count(read, "cached_tokens"), _count(raw, "cached_tokens")),  # Moonshot
        written=max(_count(read, "cache_write_tokens"), _count(raw, "cache_creation_input_tokens")),
        long=_count(_map(read, "cache_write_tokens_details"), "ttl_12h_tokens"),
        thought=max(_count(given, "reasoning_tokens"), _count(raw, "reasoning_tokens")),
    )


def _of_langchain(summary: Any, provider: Provider | str, said: str) -> Usage | None:
    """LangChain's usage_metadata: all there is of Gemini, of streams and of the Responses API.

    Gemini's total is not used: in a stream, LangChain adds up totals that went down in between.
    """
    read, given = _map(summary, "input_token_details"), _map(summary, "output_token_details")
    prompt = _count(summary, "input_tokens")
    cached = sum(_count(read, f"{tier}cache_read") for tier in _TIERS)
    written = sum(_count(read, f"{tier}cache_creation") for tier in _TIERS)
    hour = _count(read, "ephemeral_1h_input_tokens")
    google = provider == Provider.GOOGLE
    return _exclusive(
        summary,
        said,
        prompt=prompt,
        answer=_count(summary, "output_tokens"),
        total=0 if google else _count(summary, "total_tokens"),
        cached=min(cached, prompt) if google else cached,
        written=max(written, _count(read, "ephemeral_5m_input_tokens") + hour),
        long=hour,
        thought=sum(_count(given, f"{tier}reasoning") for tier in _TIERS),
    )


def _exclusive(
    raw: Record,
    said: str,
    *,
    prompt: int,
    answer: int,
    total: int,
    cached: int,
    written: int,
    long: int,
    thought: int,
) -> Usage | None:
    """Buckets from counts that contain one another.

    Some servers leave reasoning out of the answer's tokens (xAI, Gemini's OpenAI interface) or
    cached tokens out of the prompt's; it shows where a part is more than its whole, or the total
    more than both sides.
    """
    if thought > answer:
        answer += thought
    if not prompt and not answer:  # a total only: split as the answer's text suggests
        answer = min(total, _tokens_in(said))
    if not prompt:
        prompt = max(total - answer, 0)
    written = max(written, long)
    if max(cached, written) > prompt:
        prompt += cached + written
    answer = max(answer, total - prompt)
    if not prompt and not answer:
        return None
    cached = min(cached, prompt - written)  # what was both is counted as written, the dearer
    return Usage(
        input_fresh=prompt - cached - written,
        cache_read=cached,
        cache_write=written - long,
        cache_write_1h=long,
        output=answer - thought,
        reasoning=thought,
        raw=dict(raw),
    )


def _count(record: Record, name: str) -> int:
    """A number of tokens, rounded up; 0 for null, for what is no number and for less than none."""
    value = record.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0
    return max(math.ceil(value), 0)


def _map(record: Record, name: str) -> Record:
    value = record.get(name)
    return value if isinstance(value, Mapping) else {}


def _list(record: Record, name: str) -> list[Record]:
    value = record.get(name)
    return [part for part in value if isinstance(part, Mapping)] if isinstance(value, list) else []


# Text


_PIECES = re.compile(r"(?P<word>[^\W\d_]+)|(?P<number>\d+)|(?P<gap>\s+)|(?P<signs>[^\w\s]+|_+)")
_WIDE = "\u0800"  # letters from here on take 3 bytes or more, and are mostly written without spaces


def _tokens_in(text: str) -> int:
    return sum(_tokens_of(piece[0], piece.lastgroup) for piece in _PIECES.finditer(text))


def _tokens_of(piece: str, kind: str | None) -> int:
    if kind == "gap":
        return int(piece != " ")
    if kind == "word" and max(piece) >= _WIDE:
        return len(piece)
    size = {"number": 2, "signs": 3}.get(str(kind), 7 if piece.isascii() else 4)
    return math.ceil(len(piece) / size)


def _parts_of(message: "Message") -> list[str]:
    """Everything of a message that is sent as words."""
    if isinstance(message, tuple):
        return [message[1]]
    content = message.content
    parts = [content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)]
    parts += [message.name] if message.name else []
    calls = getattr(message, "tool_calls", None)
    return parts + ([json.dumps(calls, ensure_ascii=False)] if calls else [])


def _bytes_in(text: str) -> int:
    """UTF-8 bytes of the longest form that a tokenizer's normaliser may make of the text."""
    if text.isascii():
        return len(text)
    forms = (text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFKC", text))
    return max(len(form.encode("utf-8", "surrogatepass")) for form in forms)
