"""One connection to the server: reads requests, and answers each as its behaviour says."""

import json
import select
import socket
import time
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.wire import reply as replies
from tests.wire.asked import Asked
from tests.wire.behaviours import Behaviour, Cut, named
from tests.wire.dialect import Dialect
from tests.wire.reply import Reply

if TYPE_CHECKING:
    from tests.wire.server import WireServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "WireServer"

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        self.server.closed(self.connection)
        super().finish()

    def do_GET(self) -> None:
        match self.path:
            case "/_wire/bill":
                self._send(200, self.server.bill.as_json())
            case "/_wire/requests":
                seen = [
                    {"number": one.number, "model": one.model, "behaviour": one.behaviour}
                    for one in self.server.requests
                ]
                self._send(200, {"requests": seen})
            case "/v1/models":
                served = [{"id": model, "object": "model"} for model in self.server.models]
                self._send(200, {"object": "list", "data": served})
            case _:
                self._send(404, {"error": {"message": f"Nothing is at {self.path}."}})

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
        if path == "/_wire/script":
            self.server.script(
                *(named(name) for name in body["behaviours"]), model=body.get("model", "")
            )
            self._send(200, {"scripted": self.server.scripted})
            return
        dialect = self.server.dialect_of(path)
        if dialect is None:
            self._send(404, {"error": {"message": f"Nothing is at {path}."}})
            return
        self._bill = self.server.bill
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            asked, behaviour = self.server.take(dialect, path, headers, body)
        except (KeyError, TypeError) as error:
            self._send(400, {"error": {"message": f"Not a request: {error!r}"}})
            return
        self._answer(dialect, asked, behaviour)

    def _answer(self, dialect: Dialect, asked: Asked, behaviour: Behaviour) -> None:
        self._wait(asked, behaviour.delay)
        reply = replies.make(asked, behaviour, self.server.answers)
        if behaviour.billed:
            self._bill.charge(reply.id, reply.model, behaviour.name, reply.tokens)
        try:
            if asked.disconnected or behaviour.cut is Cut.UNANSWERED:
                self._hang_up()
            elif behaviour.status != 200:
                status, headers, body = dialect.error(behaviour, asked)
                self._send(status, body, headers)
            elif behaviour.breaks_midway and not asked.streams:
                status, headers, body = dialect.error(Behaviour(status=529), asked)
                self._send(status, body, headers)
            elif asked.streams:
                self._stream(dialect, asked, reply, behaviour)
            else:
                self._whole(dialect, reply, behaviour)
        except (BrokenPipeError, ConnectionResetError):
            self._bill.deliver(reply.id, whole=False)
            asked.disconnected = True
            self.close_connection = True

    def _whole(self, dialect: Dialect, reply: Reply, behaviour: Behaviour) -> None:
        body = json.dumps(dialect.whole(reply)).encode()
        if behaviour.body or behaviour.cut is Cut.EMPTY:
            body = behaviour.body.encode()
        kind = "text/html" if behaviour.body.startswith("<") else "application/json"
        self._head(200, {"content-type": kind, "content-length": str(len(body))})
        if behaviour.cut in {Cut.TORN, Cut.SILENTLY}:
            self.wfile.write(body[: len(body) // 2])
            self._hang_up()
            return
        self._bill.deliver(reply.id, whole=not (behaviour.body or behaviour.cut))
        self.wfile.write(body)

    def _stream(self, dialect: Dialect, asked: Asked, reply: Reply, behaviour: Behaviour) -> None:
        events = dialect.events(reply, asked)
        whole = not (behaviour.cut or behaviour.breaks_midway or behaviour.body)
        if behaviour.cut is Cut.BEFORE_USAGE:
            events = events[: -dialect.ending]
        elif behaviour.cut is not None:
            events = events[: len(events) // 2] if behaviour.cut is not Cut.EMPTY else []
        elif behaviour.breaks_midway:
            events = [*events[: len(events) // 2], dialect.broken()]
        elif behaviour.body:
            events = [*events[: len(events) // 2], dialect.raw(behaviour.body)]
        self._head(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked"})
        for number, content in enumerate(events, start=1):
            self._wait(asked, behaviour.pace)
            if asked.disconnected:
                self._hang_up()
                return
            self._bill.deliver(reply.id, whole=whole and number == len(events))
            self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
        if behaviour.cut is Cut.TORN:
            self._hang_up()
            return
        self.wfile.write(b"0\r\n\r\n")

    def _wait(self, asked: Asked, seconds: float) -> None:
        """Sleep, but notice at once when the client hangs up."""
        until = time.monotonic() + seconds
        while seconds and not asked.disconnected and (left := until - time.monotonic()) > 0:
            readable, _, _ = select.select([self.connection], [], [], left)
            if readable:
                try:
                    asked.disconnected = not self.connection.recv(1, socket.MSG_PEEK)
                except ConnectionError:
                    asked.disconnected = True
                if not asked.disconnected:
                    time.sleep(max(0.0, until - time.monotonic()))

    def _hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # the client was first

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        written = json.dumps(body).encode()
        self._head(
            status,
            {
                "content-type": "application/json",
                "content-length": str(len(written)),
                **(headers or {}),
            },
        )
        self.wfile.write(written)
