"""Gemini's generateContent: https://ai.google.dev/api/generate-content"""

import re
from dataclasses import dataclass
from typing import Any

from tests.wire.asked import Asked
from tests.wire.behaviours import Behaviour
from tests.wire.billing import count
from tests.wire.dialect import event, text_of
from tests.wire.reply import TOOL_ARGUMENTS, TOOL_NAME, Reply

PATH = re.compile(r"/v1(?:beta)?/models/(?P<model>[^:/]+):(?P<call>\w+)")
ROLES = {"user": "human", "model": "ai"}
RPC = "type.googleapis.com/google.rpc"
ERRORS = {
    400: ("INVALID_ARGUMENT", "The request is not valid."),
    401: ("UNAUTHENTICATED", "Request had invalid authentication credentials."),
    403: ("PERMISSION_DENIED", "Permission denied."),
    404: ("NOT_FOUND", "The model is not found for API version v1beta."),
    413: ("INVALID_ARGUMENT", "The request is too large."),
    422: ("INVALID_ARGUMENT", "The request cannot be processed."),
    429: ("RESOURCE_EXHAUSTED", "You exceeded your current quota."),
    500: ("INTERNAL", "An internal error has occurred."),
    503: ("UNAVAILABLE", "The model is overloaded. Please try again later."),
    504: ("DEADLINE_EXCEEDED", "The request did not finish in time."),
}


@dataclass(frozen=True, slots=True)
class Google:
    provider: str = "google"
    ending: int = 1

    def read(self, number: int, path: str, headers: dict[str, str], body: dict[str, Any]) -> Asked:
        found = PATH.match(path)
        if found is None:
            raise KeyError(path)
        config = body.get("generationConfig") or {}
        system = (body.get("systemInstruction") or {}).get("parts")
        said = [("system", text_of(system))] if system else []
        for part in body["contents"]:
            said.append((ROLES[part.get("role", "user")], text_of(part["parts"])))
        return Asked(
            number=number,
            provider=self.provider,
            model=found["model"],
            path=path,
            headers=headers,
            body=body,
            messages=said,
            streams=found["call"] == "streamGenerateContent",
            cap=config.get("maxOutputTokens"),
            schema=config.get("responseJsonSchema") or config.get("responseSchema"),
        )

    def whole(self, reply: Reply) -> dict[str, Any]:
        parts: list[dict[str, Any]] = [{"text": reply.text}]
        if reply.tool:
            parts = [{"functionCall": {"name": TOOL_NAME, "args": TOOL_ARGUMENTS}}]
        return self._frame(reply, parts, self._finish(reply), reply.tokens.output)

    def events(self, reply: Reply, asked: Asked) -> list[bytes]:
        """Every chunk tells the tokens so far; the last one has the end and the totals."""
        if reply.tool:
            return [event(self.whole(reply))]
        *before, last = reply.pieces or [""]
        chunks, written = [], ""
        for piece in before:
            written += piece
            chunks.append(event(self._frame(reply, [{"text": piece}], None, count(written))))
        closing = self._frame(reply, [{"text": last}], self._finish(reply), reply.tokens.output)
        return [*chunks, event(closing)]

    def error(
        self, behaviour: Behaviour, asked: Asked
    ) -> tuple[int, dict[str, str], dict[str, Any]]:
        """It has no Retry-After header: how long to wait stands in the details."""
        code = 503 if behaviour.status == 529 else behaviour.status
        status, message = ERRORS.get(code, ERRORS[503])
        details: list[dict[str, Any]] = []
        if behaviour.retry_after:
            details.append({"@type": f"{RPC}.RetryInfo", "retryDelay": f"{behaviour.retry_after}s"})
        if behaviour.code == "API_KEY_INVALID":
            details.append({"@type": f"{RPC}.ErrorInfo", "reason": behaviour.code})
        error = {
            "code": code,
            "message": behaviour.message or message,
            "status": status,
            "details": details,
        }
        return code, {}, {"error": error}

    def broken(self) -> bytes:
        status, message = ERRORS[503]
        return event({"error": {"code": 503, "message": message, "status": status}})

    def raw(self, body: str) -> bytes:
        return f"data: {body}\n\n".encode()

    def _frame(
        self, reply: Reply, parts: list[dict[str, Any]], finish: str | None, output: int
    ) -> dict[str, Any]:
        candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
        if finish:
            candidate["finishReason"] = finish
        frame = {
            "candidates": [candidate],
            "modelVersion": reply.model,
            "responseId": reply.id,
        }
        return frame | {"usageMetadata": self._usage(reply, output)} if reply.usage else frame

    def _finish(self, reply: Reply) -> str:
        return "MAX_TOKENS" if reply.capped else "STOP"

    def _usage(self, reply: Reply, output: int) -> dict[str, Any]:
        """Cached tokens are part of the prompt's; thoughts are beside the candidates'."""
        tokens = reply.tokens
        usage: dict[str, Any] = {
            "promptTokenCount": tokens.input,
            "candidatesTokenCount": output,
            "totalTokenCount": tokens.input + output + tokens.reasoning,
        }
        if tokens.cache_read:
            usage["cachedContentTokenCount"] = tokens.cache_read
        if tokens.reasoning:
            usage["thoughtsTokenCount"] = tokens.reasoning
        return usage
