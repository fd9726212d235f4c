"""A provider on 127.0.0.1: scripted, and with a bill of its own."""

import socket
import sys
import threading
from collections import defaultdict, deque
from collections.abc import Collection, Mapping
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.wire.anthropic import Anthropic
from tests.wire.asked import Asked
from tests.wire.behaviours import Behaviour, Text, normal
from tests.wire.billing import Bill, Prices
from tests.wire.dialect import Dialect
from tests.wire.google import PATH as GOOGLE_PATH
from tests.wire.google import Google
from tests.wire.handler import Handler
from tests.wire.openai import OpenAI

KEY = "wire-key-0123456789"


class WireServer(ThreadingHTTPServer):
    """OpenAI, Anthropic and Gemini on one ephemeral port, from entering to leaving the context.

    `answers`: what is said by default, a text or a function of the request. `prices`: one for every
    model, or by model; a model without a price cannot be charged, so asking it is a 404.
    `openai_caps`: the names under which chat completions take an output cap.

    A request is answered by the next behaviour of its model's script, else of the common script,
    else by `default`. Attributes may be set while it runs.
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(
        self,
        answers: Text = "{}",
        *,
        prices: Prices | Mapping[str, Prices] | None = None,
        default: Behaviour | None = None,
        openai_caps: Collection[str] = ("max_completion_tokens", "max_tokens"),
        port: int = 0,
    ) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._dialects: dict[str, Dialect] = {
            "openai": OpenAI(openai_caps), "anthropic": Anthropic(), "google": Google()
        }  # fmt: skip
        self.reset(answers, prices=prices, default=default)

    def reset(
        self,
        answers: Text = "{}",
        *,
        prices: Prices | Mapping[str, Prices] | None = None,
        default: Behaviour | None = None,
    ) -> None:
        """Start afresh: no script, no requests and nothing on the bill.

        What is still being answered goes on the old bill.
        """
        with self._lock:
            self.answers = answers
            self.default = default or normal()
            self.bill = Bill(prices or Prices())
            self.requests: list[Asked] = []
            self._scripts: defaultdict[str, deque[Behaviour]] = defaultdict(deque)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()
        self.hang_up()

    @property
    def url(self) -> str:
        """Where Anthropic's and Google's SDKs expect their base."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def openai_url(self) -> str:
        return f"{self.url}/v1"

    @property
    def environment(self) -> dict[str, str]:
        """What leads the three SDKs here, as a person would set it."""
        return {
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": self.openai_url,
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": self.url,
            "GOOGLE_API_KEY": KEY,
            "GOOGLE_GEMINI_BASE_URL": self.url,
        }

    @property
    def models(self) -> list[str]:
        """Those that have a price; none are named where all have the same."""
        return [] if isinstance(self.bill.prices, Prices) else list(self.bill.prices)

    def script(self, *behaviours: Behaviour, model: str = "") -> None:
        """Queue how the next requests are answered, of one model or of any."""
        with self._lock:
            self._scripts[model].extend(behaviours)

    @property
    def scripted(self) -> int:
        """How many queued behaviours are still waiting for a request."""
        with self._lock:
            return sum(len(script) for script in self._scripts.values())

    def hang_up(self) -> None:
        """Close every connection, as a provider that goes down does."""
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # closed by its client or its handler meanwhile

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error; anything else is, and is printed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def dialect_of(self, path: str) -> Dialect | None:
        if path == "/v1/chat/completions":
            return self._dialects["openai"]
        if path == "/v1/messages":
            return self._dialects["anthropic"]
        return self._dialects["google"] if GOOGLE_PATH.match(path) else None

    def take(
        self, dialect: Dialect, path: str, headers: dict[str, str], body: dict[str, Any]
    ) -> tuple[Asked, Behaviour]:
        """Record a request and decide how it is answered. Raises KeyError for a senseless one."""
        with self._lock:
            asked = dialect.read(len(self.requests) + 1, path, headers, body)
            script = self._scripts[asked.model] or self._scripts[""]
            behaviour = script.popleft() if script else self.default
            if not isinstance(self.bill.prices, Prices) and asked.model not in self.bill.prices:
                behaviour = Behaviour("unknown model", status=404, billed=False)
            asked.behaviour = behaviour.name
            self.requests.append(asked)
        return asked, behaviour

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)
