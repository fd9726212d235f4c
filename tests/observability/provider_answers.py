"""A server that answers like a provider, and what LangChain makes of its answers.

The records of usage are the tests' own; the rest of an answer is what the provider's SDK asks for.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from pydantic import SecretStr

from observability.models import Provider

Record = dict[str, Any]


class OneAnswer(HTTPServer):
    """Answers every request with `body`."""

    body = b""
    content_type = "application/json"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: OneAnswer

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", self.server.content_type)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@contextmanager
def serving() -> Iterator[OneAnswer]:
    """The server on an ephemeral port, as long as the context lasts."""
    with OneAnswer(("127.0.0.1", 0), Handler) as one:
        thread = Thread(target=one.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield one
        one.shutdown()
        thread.join()


def asked(server: OneAnswer, provider: str, payload: Record | list[Record]) -> AIMessage:
    """What LangChain makes of a provider's JSON, or of the events of its stream."""
    streams = isinstance(payload, list)
    if isinstance(payload, list):
        named = "event: {}\n" if provider == Provider.ANTHROPIC else ""
        events = [f"{named.format(e.get('type'))}data: {json.dumps(e)}\n\n" for e in payload]
        server.body, server.content_type = "".join(events).encode(), "text/event-stream"
    else:
        server.body, server.content_type = json.dumps(payload).encode(), "application/json"
    reply = chat_model(server, provider, streams).invoke("Say hello.")
    assert isinstance(reply, AIMessage)
    return reply


def chat_model(server: OneAnswer, provider: str, streams: bool) -> BaseChatModel:
    key = SecretStr("none")
    if provider == Provider.ANTHROPIC:
        from langchain_anthropic import ChatAnthropic

        return ChatAnthropic(
            model="claude-sonnet-5-5",
            base_url=server.url,
            api_key=key,
            streaming=streams,
            timeout=10,
            stop=None,
        )
    if provider == Provider.GOOGLE:
        from langchain_google_genai import ChatGoogleGenerativeAI

        return ChatGoogleGenerativeAI(
            model="gemini-2.5-pro", base_url=server.url, api_key=key, streaming=streams
        )
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(
        model="gpt-6.1-sol", base_url=server.url, api_key=key, streaming=streams, stream_usage=True
    )


def openai(usage: Record | None, content: str = "Hello!", **more: Any) -> Record:
    message = {"role": "assistant", "content": content}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-6.1-sol",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        **({} if usage is None else {"usage": usage}),
        **more,
    }


def openai_stream(usage: Record | None, **more: Any) -> list[Record]:
    frame = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    delta = {"index": 0, "delta": {"role": "assistant", "content": "Hello!"}}
    done = {"index": 0, "delta": {}, "finish_reason": "stop"}
    chunks = [frame | {"choices": [delta]}, frame | {"choices": [done]}]
    return [*chunks, *([frame | {"choices": [], "usage": usage, **more}] if usage else [])]


def anthropic(usage: Record) -> Record:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5-5",
        "content": [{"type": "text", "text": "Hello!"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": usage,
    }


def anthropic_stream(start: Record, end: Record | None) -> list[Record]:
    message = anthropic(start) | {"content": [], "stop_reason": None}
    block = {"type": "text", "text": ""}
    text = {"type": "text_delta", "text": "Hello!"}
    events: list[Record] = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "content_block_delta", "index": 0, "delta": text},
    ]
    if end is None:  # cut
        return events
    delta = {"stop_reason": "end_turn", "stop_sequence": None}
    return [
        *events,
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": delta, "usage": end},
        {"type": "message_stop"},
    ]


def google(usage: Record | None, text: str = "Hello!", finish: str | None = "STOP") -> Record:
    candidate: Record = {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}
    return {
        "candidates": [candidate | ({"finishReason": finish} if finish else {})],
        "modelVersion": "gemini-2.5-pro",
        **({} if usage is None else {"usageMetadata": usage}),
    }
