"""A request as the server read it, whichever provider's format it came in."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Asked:
    """One request. `headers` have lower-case names; `disconnected`: the client hung up on it."""

    number: int
    provider: str  # openai, anthropic or google
    model: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    messages: list[tuple[str, str]]  # (role: "system" | "human" | "ai", text)
    streams: bool
    cap: int | None  # the most output tokens, where it was sent by a name the server knows
    schema: dict[str, Any] | None = None
    behaviour: str = ""
    disconnected: bool = field(default=False, compare=False)

    @property
    def text(self) -> str:
        """The last thing a person said."""
        return next((text for role, text in reversed(self.messages) if role == "human"), "")

    @property
    def key(self) -> str:
        """The key that came with it, wherever the provider carries it."""
        bearer = self.headers.get("authorization", "").removeprefix("Bearer ")
        return self.headers.get("x-api-key") or self.headers.get("x-goog-api-key") or bearer
