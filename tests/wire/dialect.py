"""What the server must know of a provider's format."""

import json
from typing import Any, Protocol

from tests.wire.asked import Asked
from tests.wire.behaviours import Behaviour
from tests.wire.reply import Reply


class Dialect(Protocol):
    """One provider's way of writing requests, answers and errors."""

    @property
    def ending(self) -> int:
        """How many of the last events of a stream carry its end and its usage."""

    def read(self, number: int, path: str, headers: dict[str, str], body: dict[str, Any]) -> Asked:
        """The request. Raises KeyError or TypeError for what the provider would not understand."""

    def whole(self, reply: Reply) -> dict[str, Any]:
        """The body of an answer that is not streamed."""

    def events(self, reply: Reply, asked: Asked) -> list[bytes]:
        """The server-sent events of a streamed answer."""

    def error(
        self, behaviour: Behaviour, asked: Asked
    ) -> tuple[int, dict[str, str], dict[str, Any]]:
        """Status, headers and body of a refusal."""

    def broken(self) -> bytes:
        """The event that ends a stream with an error, after status 200."""

    def raw(self, body: str) -> bytes:
        """An event with whatever content in the place of the provider's."""


def event(content: Any, name: str = "") -> bytes:
    """A server-sent event with JSON in it."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(content)}\n\n".encode()


def text_of(content: Any) -> str:
    """The text of a message, which may be a string or a list of blocks."""
    if isinstance(content, str):
        return content
    return "".join(block.get("text", "") for block in content or [] if isinstance(block, dict))


def retry_headers(behaviour: Behaviour) -> dict[str, str]:
    headers = {"retry-after": behaviour.retry_after} if behaviour.retry_after else {}
    if behaviour.retry_after_ms is not None:
        headers["retry-after-ms"] = str(behaviour.retry_after_ms)
    return headers
