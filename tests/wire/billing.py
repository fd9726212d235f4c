"""What the provider counts and charges: its own books, kept apart from ours."""

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import ROUND_CEILING, Decimal

NANO = Decimal(1_000_000_000)
MILLION = Decimal(1_000_000)


def count(text: str) -> int:
    """The tokens of a text: every word in pieces of 4 UTF-8 bytes. Never more than its bytes."""
    return sum(math.ceil(len(word.encode()) / 4) for word in text.split())


def first_tokens(text: str, most: int) -> str:
    """The beginning of a text that counts `most` tokens at the most."""
    if count(text) <= most:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count(text[:middle]) <= most else (low, middle - 1)
    return text[:low]


@dataclass(frozen=True, slots=True)
class Buckets:
    """Tokens, each counted in exactly one place."""

    input_fresh: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0

    @property
    def input(self) -> int:
        return self.input_fresh + self.cache_read + self.cache_write + self.cache_write_1h

    @property
    def total(self) -> int:
        return self.input + self.output + self.reasoning


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars per million tokens. Reasoning costs what output costs."""

    input: Decimal = Decimal("1.00")
    output: Decimal = Decimal("4.00")
    cache_read: Decimal = Decimal("0.10")
    cache_write: Decimal = Decimal("1.25")
    cache_write_1h: Decimal = Decimal("2.00")

    def cost(self, tokens: Buckets) -> Decimal:
        """US dollars, exactly."""
        return (
            tokens.input_fresh * self.input
            + tokens.cache_read * self.cache_read
            + tokens.cache_write * self.cache_write
            + tokens.cache_write_1h * self.cache_write_1h
            + (tokens.output + tokens.reasoning) * self.output
        ) / MILLION


@dataclass(frozen=True, slots=True)
class BillLine:
    """One answer that is charged. `delivered`: it was sent whole, to a client still there."""

    id: str
    model: str
    behaviour: str
    tokens: Buckets
    cost: Decimal
    delivered: bool

    @property
    def nusd(self) -> int:
        """Nano-dollars, rounded up as a ledger that rounds each call once does."""
        return int((self.cost * NANO).to_integral_value(ROUND_CEILING))

    def as_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "model": self.model,
            "behaviour": self.behaviour,
            "delivered": self.delivered,
            "cost": str(self.cost),
            "nusd": self.nusd,
            **{field.name: getattr(self.tokens, field.name) for field in fields(self.tokens)},
        }


class Bill:
    """Everything charged so far. Safe to read while requests are being answered."""

    def __init__(self, prices: Prices | Mapping[str, Prices]) -> None:
        self.prices = prices
        self._lines: dict[str, BillLine] = {}
        self._lock = threading.Lock()

    def charge(self, line_id: str, model: str, behaviour: str, tokens: Buckets) -> None:
        """Book an answer before it is sent: a client that hangs up has to pay, too."""
        prices = self.prices if isinstance(self.prices, Prices) else self.prices[model]
        line = BillLine(line_id, model, behaviour, tokens, prices.cost(tokens), delivered=False)
        with self._lock:
            self._lines[line_id] = line

    def deliver(self, line_id: str, *, whole: bool) -> None:
        """Note, as its end is sent, whether an answer arrives whole, if it was charged at all."""
        with self._lock:
            if line := self._lines.get(line_id):
                self._lines[line_id] = replace(line, delivered=whole)

    @property
    def lines(self) -> list[BillLine]:
        with self._lock:
            return list(self._lines.values())

    @property
    def total(self) -> Decimal:
        """US dollars, exactly."""
        return sum((line.cost for line in self.lines), Decimal(0))

    @property
    def nusd(self) -> int:
        """Nano-dollars, each answer rounded up on its own."""
        return sum(line.nusd for line in self.lines)

    @property
    def delivered_nusd(self) -> int:
        """The part of it whose answers arrived, so that the client could know their cost."""
        return sum(line.nusd for line in self.lines if line.delivered)

    def as_json(self) -> dict[str, object]:
        lines = [line.as_json() for line in self.lines]
        return {
            "total": str(self.total),
            "nusd": self.nusd,
            "delivered_nusd": self.delivered_nusd,
            "lines": lines,
        }
