"""What is answered and what it costs, before it is written down in a provider's format."""

import json
from dataclasses import dataclass

from tests.wire.asked import Asked
from tests.wire.behaviours import Behaviour, Text
from tests.wire.billing import Buckets, count, first_tokens

PIECES = 16  # of a streamed text, at the most
TOOL_NAME = "look_up"
TOOL_ARGUMENTS = {"term": "requirement"}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. Its tokens are counted from its real text, and bounded by the cap."""

    id: str
    model: str
    text: str
    tokens: Buckets
    usage: bool
    capped: bool = False
    tool: bool = False
    thoughts: str = ""

    @property
    def pieces(self) -> list[str]:
        size = max(8, -(-len(self.text) // PIECES))
        return [self.text[start : start + size] for start in range(0, len(self.text), size)]


def make(asked: Asked, behaviour: Behaviour, answers: Text) -> Reply:
    wanted = behaviour.text if behaviour.text is not None else answers
    text = wanted if isinstance(wanted, str) else wanted(asked)
    text, output, thinking, capped = _within_cap(text, asked.cap, behaviour)
    spent = count(json.dumps(TOOL_ARGUMENTS)) if behaviour.tool else output
    return Reply(
        id=f"wire-{asked.number}",
        model=asked.model,
        text=text,
        tokens=_tokens(asked, behaviour, spent, thinking),
        usage=behaviour.usage,
        capped=capped,
        tool=behaviour.tool,
        thoughts="Let me think about that." if thinking else "",
    )


def _within_cap(text: str, cap: int | None, behaviour: Behaviour) -> tuple[str, int, int, bool]:
    """(text, output tokens, reasoning tokens, whether the cap ended it)."""
    most = cap if cap is not None else count(text) + behaviour.reasoning
    if behaviour.over_cap:
        return text, most + behaviour.over_cap, 0, False
    thinking = min(behaviour.reasoning, most)
    if behaviour.truncated:
        half = first_tokens(text[: len(text) // 2], most - thinking)
        return half, max(count(half), most - thinking if cap is not None else 0), thinking, True
    kept = first_tokens(text, most - thinking)
    return kept, count(kept), thinking, kept != text


def _tokens(asked: Asked, behaviour: Behaviour, output: int, thinking: int) -> Buckets:
    total = sum(count(text) for _, text in asked.messages)
    if asked.schema is not None:
        total += count(json.dumps(asked.schema, separators=(",", ":")))
    writes = asked.provider == "anthropic"
    read = int(total * behaviour.cache_read)
    short = int(total * behaviour.cache_write) if writes else 0
    hour = int(total * behaviour.cache_write_1h) if writes else 0
    return Buckets(total - read - short - hour, read, short, hour, output, thinking)
