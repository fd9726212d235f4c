"""OpenAI's chat completions: https://platform.openai.com/docs/api-reference/chat"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from tests.wire.asked import Asked
from tests.wire.behaviours import Behaviour
from tests.wire.dialect import event, retry_headers, text_of
from tests.wire.reply import TOOL_ARGUMENTS, TOOL_NAME, Reply

ROLES = {"system": "system", "developer": "system", "user": "human", "assistant": "ai"}
ERRORS = {
    400: ("invalid_request_error", None, "The request is not valid."),
    401: ("invalid_request_error", "invalid_api_key", "Incorrect API key provided: {key}."),
    403: ("invalid_request_error", "unsupported_country_region_territory", "Not supported here."),
    404: ("invalid_request_error", "model_not_found", "The model does not exist."),
    413: ("invalid_request_error", None, "The request is too large."),
    422: ("invalid_request_error", None, "The request cannot be processed."),
    429: ("requests", "rate_limit_exceeded", "Rate limit reached for requests."),
    500: ("server_error", None, "The server had an error while processing your request."),
    503: ("server_error", None, "The engine is currently overloaded, please try again later."),
}


@dataclass(frozen=True, slots=True)
class OpenAI:
    """`caps`: the names under which it takes a cap; under any other there is none."""

    caps: Collection[str] = ("max_completion_tokens", "max_tokens")
    provider: str = "openai"
    ending: int = 2

    def read(self, number: int, path: str, headers: dict[str, str], body: dict[str, Any]) -> Asked:
        form = body.get("response_format") or {}
        return Asked(
            number=number,
            provider=self.provider,
            model=body["model"],
            path=path,
            headers=headers,
            body=body,
            messages=[(ROLES[part["role"]], text_of(part["content"])) for part in body["messages"]],
            streams=bool(body.get("stream")),
            cap=next((body[name] for name in self.caps if body.get(name) is not None), None),
            schema=(form.get("json_schema") or {}).get("schema"),
        )

    def whole(self, reply: Reply) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": reply.text, "refusal": None}
        if reply.tool:
            message |= {"content": None, "tool_calls": [self._tool(reply)]}
        choice = {"index": 0, "message": message, "finish_reason": self._finish(reply)}
        body = self._frame(reply, "chat.completion", [choice])
        return body | {"usage": self._usage(reply)} if reply.usage else body

    def events(self, reply: Reply, asked: Asked) -> list[bytes]:
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        if reply.tool:
            deltas.append({"tool_calls": [{"index": 0, **self._tool(reply)}]})
        else:
            deltas += [{"content": piece} for piece in reply.pieces]
        chunks = [self._chunk(reply, delta, None) for delta in deltas]
        chunks.append(self._chunk(reply, {}, self._finish(reply)))
        if reply.usage and (asked.body.get("stream_options") or {}).get("include_usage"):
            frame = self._frame(reply, "chat.completion.chunk", [])
            chunks.append(event(frame | {"usage": self._usage(reply)}))
        return [*chunks, b"data: [DONE]\n\n"]

    def error(
        self, behaviour: Behaviour, asked: Asked
    ) -> tuple[int, dict[str, str], dict[str, Any]]:
        kind, code, message = ERRORS.get(behaviour.status, ERRORS[500])
        if behaviour.code:
            code = behaviour.code
            kind = code if code == "insufficient_quota" else kind
        error = {
            "message": behaviour.message or message.format(key=asked.key),
            "type": kind,
            "param": None,
            "code": code,
        }
        return behaviour.status, retry_headers(behaviour), {"error": error}

    def broken(self) -> bytes:
        kind, code, message = ERRORS[500]
        return event({"error": {"message": message, "type": kind, "param": None, "code": code}})

    def raw(self, body: str) -> bytes:
        return f"data: {body}\n\n".encode()

    def _frame(self, reply: Reply, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": f"chatcmpl-{reply.id}",
            "object": kind,
            "created": 1_760_000_000,
            "model": reply.model,
            "choices": choices,
            "system_fingerprint": "fp_wire",
        }

    def _chunk(self, reply: Reply, delta: dict[str, Any], finish: str | None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return event(self._frame(reply, "chat.completion.chunk", [choice]))

    def _finish(self, reply: Reply) -> str:
        return "tool_calls" if reply.tool else "length" if reply.capped else "stop"

    def _tool(self, reply: Reply) -> dict[str, Any]:
        function = {"name": TOOL_NAME, "arguments": json.dumps(TOOL_ARGUMENTS)}
        return {"id": f"call_{reply.id}", "type": "function", "function": function}

    def _usage(self, reply: Reply) -> dict[str, Any]:
        """Cached tokens are part of the prompt's, reasoning tokens part of the completion's."""
        tokens = reply.tokens
        return {
            "prompt_tokens": tokens.input,
            "completion_tokens": tokens.output + tokens.reasoning,
            "total_tokens": tokens.total,
            "prompt_tokens_details": {"cached_tokens": tokens.cache_read, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": tokens.reasoning, "audio_tokens": 0},
        }
