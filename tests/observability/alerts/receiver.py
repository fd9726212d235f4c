"""A webhook's receiver on loopback: it verifies signatures as receivers do, and answers as told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


@dataclass
class Receiver:
    secret: str
    url: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)  # then 200
    requests: list[dict[str, str]] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    server: Any

    def do_POST(self) -> None:
        box: Receiver = self.server.box
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        if "webhook-signature" in headers:
            box.bodies.append(Webhook(box.secret).verify(body, headers))  # raises if it is wrong
        else:
            box.bodies.append(body)
        box.requests.append(headers)
        status, more = box.answers.pop(0) if box.answers else (200, {})
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def receiver(secret: str) -> Iterator[Receiver]:
    box = Receiver(secret)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        server.box = box  # type: ignore[attr-defined]
        box.url = f"http://127.0.0.1:{server.server_address[1]}/hook?x=1"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
