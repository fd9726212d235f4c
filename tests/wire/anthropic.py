"""Anthropic's messages: https://docs.claude.com/en/api/messages and .../messages-streaming"""

import json
from dataclasses import dataclass
from typing import Any

from tests.wire.asked import Asked
from tests.wire.behaviours import Behaviour
from tests.wire.dialect import event, retry_headers, text_of
from tests.wire.reply import TOOL_ARGUMENTS, TOOL_NAME, Reply

ROLES = {"user": "human", "assistant": "ai", "system": "system"}
ERRORS = {
    400: ("invalid_request_error", "The request is not valid."),
    401: ("authentication_error", "invalid x-api-key"),
    403: ("permission_error", "Your API key may not use this resource."),
    404: ("not_found_error", "model: no such model"),
    413: ("request_too_large", "Request exceeds the maximum size"),
    422: ("invalid_request_error", "The request cannot be processed."),
    429: ("rate_limit_error", "This request would exceed your rate limit."),
    500: ("api_error", "Internal server error"),
    503: ("api_error", "Service unavailable"),
    529: ("overloaded_error", "Overloaded"),
}


@dataclass(frozen=True, slots=True)
class Anthropic:
    provider: str = "anthropic"
    ending: int = 2

    def read(self, number: int, path: str, headers: dict[str, str], body: dict[str, Any]) -> Asked:
        system = [("system", text_of(body["system"]))] if body.get("system") else []
        return Asked(
            number=number,
            provider=self.provider,
            model=body["model"],
            path=path,
            headers=headers,
            body=body,
            messages=system
            + [(ROLES[part["role"]], text_of(part["content"])) for part in body["messages"]],
            streams=bool(body.get("stream")),
            cap=body.get("max_tokens"),
        )

    def whole(self, reply: Reply) -> dict[str, Any]:
        body = self._message(reply, self._content(reply), self._stop(reply))
        return body | {"usage": self._usage(reply)} if reply.usage else body

    def events(self, reply: Reply, asked: Asked) -> list[bytes]:
        start = self._message(reply, [], None)
        if reply.usage:
            start["usage"] = self._usage(reply) | {"output_tokens": 1}
        events = [self._event("message_start", message=start), self._event("ping")]
        for index, block in enumerate(self._content(reply)):
            events += self._block(index, block, reply)
        closing = {"delta": {"stop_reason": self._stop(reply), "stop_sequence": None}}
        # The real one gives the totals here once more, but not how the cache's writes are split.
        usage = {key: value for key, value in self._usage(reply).items() if key != "cache_creation"}
        if reply.usage:
            closing["usage"] = usage
        return [*events, self._event("message_delta", **closing), self._event("message_stop")]

    def error(
        self, behaviour: Behaviour, asked: Asked
    ) -> tuple[int, dict[str, str], dict[str, Any]]:
        kind, message = ERRORS.get(behaviour.status, ERRORS[500])
        if behaviour.code in {known for known, _ in ERRORS.values()}:
            kind = behaviour.code
        error = {"type": kind, "message": behaviour.message or message}
        headers = {"request-id": "req_wire", **retry_headers(behaviour)}
        return behaviour.status, headers, {"type": "error", "error": error}

    def broken(self) -> bytes:
        return self._event("error", error={"type": "overloaded_error", "message": "Overloaded"})

    def raw(self, body: str) -> bytes:
        return f"event: content_block_delta\ndata: {body}\n\n".encode()

    def _event(self, kind: str, **content: Any) -> bytes:
        return event({"type": kind, **content}, kind)

    def _message(
        self, reply: Reply, content: list[dict[str, Any]], stop: str | None
    ) -> dict[str, Any]:
        return {
            "id": f"msg_{reply.id}",
            "type": "message",
            "role": "assistant",
            "model": reply.model,
            "content": content,
            "stop_reason": stop,
            "stop_sequence": None,
        }

    def _content(self, reply: Reply) -> list[dict[str, Any]]:
        thoughts = {"type": "thinking", "thinking": reply.thoughts, "signature": "c2lnbmVk"}
        said: dict[str, Any] = {"type": "text", "text": reply.text}
        if reply.tool:
            said = {
                "type": "tool_use", "id": f"toolu_{reply.id}", "name": TOOL_NAME,
                "input": TOOL_ARGUMENTS,
            }  # fmt: skip
        return [thoughts, said] if reply.thoughts else [said]

    def _block(self, index: int, block: dict[str, Any], reply: Reply) -> list[bytes]:
        empty = {"text": {"text": ""}, "thinking": {"thinking": "", "signature": ""}}
        started = block | empty.get(block["type"], {"input": {}})
        match block["type"]:
            case "text":
                deltas = [{"type": "text_delta", "text": piece} for piece in reply.pieces]
            case "thinking":
                deltas = [
                    {"type": "thinking_delta", "thinking": block["thinking"]},
                    {"type": "signature_delta", "signature": block["signature"]},
                ]
            case _:
                written = json.dumps(block["input"])
                deltas = [{"type": "input_json_delta", "partial_json": written}]
        return [
            self._event("content_block_start", index=index, content_block=started),
            *(self._event("content_block_delta", index=index, delta=delta) for delta in deltas),
            self._event("content_block_stop", index=index),
        ]

    def _stop(self, reply: Reply) -> str:
        return "tool_use" if reply.tool else "max_tokens" if reply.capped else "end_turn"

    def _usage(self, reply: Reply) -> dict[str, Any]:
        """Input leaves out what the cache read and wrote; output includes the thinking."""
        tokens = reply.tokens
        usage: dict[str, Any] = {
            "input_tokens": tokens.input_fresh,
            "cache_read_input_tokens": tokens.cache_read,
            "cache_creation_input_tokens": tokens.cache_write + tokens.cache_write_1h,
            "cache_creation": {
                "ephemeral_5m_input_tokens": tokens.cache_write,
                "ephemeral_1h_input_tokens": tokens.cache_write_1h,
            },
            "output_tokens": tokens.output + tokens.reasoning,
            "service_tier": "standard",
        }
        if tokens.reasoning:
            usage["output_tokens_details"] = {"thinking_tokens": tokens.reasoning}
        return usage
