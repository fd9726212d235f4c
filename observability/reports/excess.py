"""Why a day cost more than was to be expected: parts that add up to the excess to the nano-USD.

A day's cost is a product,

    cost = calls x tokens per call x price of a token without caches x what caches left of it

and the logarithmic mean Divisia index shares the difference of two products out to their factors
without a remainder (B. W. Ang, "The LMDI approach to decomposition analysis: a practical guide",
Energy Policy 33, 2005): with L(a, b) = (a - b) / ln(a / b), the factor x brings L(cost, cost') x
ln(x / x'). Tokens are counted with an output token as five input tokens, about what providers ask
for them; their part is shared out to input and output with L as well, as (x - x') / L(tokens,
tokens'). The weight of an output token only moves money between longer texts and price, never the
sum. Calls whose tokens nobody knows (unconfirmed, or booked from an invoice) are a part of their
own, and replayed ones, which are free, are left out.

A day is compared with the typical days of late, together, made as dear as was expected: with their
texts, models and caches, and as many calls as bring them there.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from math import floor, log
from typing import Self, TypeVar

from observability.models import CostSource, Node
from observability.reports.sums import Sum, log_mean

K = TypeVar("K")
OUTPUT_WEIGHT = 5
_NO_TOKENS = {CostSource.UNCONFIRMED.value, CostSource.INVOICE.value}


@dataclass(frozen=True, slots=True)
class Group:
    """Calls of one day, by agent, model and source."""

    node: Node
    model: str
    source: str
    sum: Sum


@dataclass(frozen=True, slots=True)
class Mix:
    """What the calls of a day were like. Nano-USD and tokens; `gross` is the cost without caches,
    `unknown` that of calls whose tokens nobody knows, which are in nothing else."""

    calls: float = 0.0
    input: float = 0.0
    output: float = 0.0
    cost: float = 0.0
    gross: float = 0.0
    unknown: float = 0.0

    @classmethod
    def of(cls, groups: Iterable[Group]) -> Self:
        known, unknown = [], 0
        for group in groups:
            if group.source in _NO_TOKENS:
                unknown += group.sum.cost_nusd
            elif group.source != CostSource.REPLAYED:
                known.append(group.sum)
        one = Sum.total(known)
        return cls(
            calls=one.calls,
            input=one.input_tokens,
            output=one.output_tokens,
            cost=one.cost_nusd,
            gross=one.cost_nusd + one.saved_nusd,
            unknown=unknown,
        )

    def times(self, factor: float) -> "Mix":
        return Mix(*(factor * getattr(self, field.name) for field in fields(self)))

    @property
    def total(self) -> float:
        return self.cost + self.unknown

    @property
    def tokens(self) -> float:
        return self.input + OUTPUT_WEIGHT * self.output

    @property
    def cached(self) -> float:
        """The part of the cost without caches that they saved."""
        return 1 - self.cost / self.gross if self.gross > 0 else 0.0


class Reason(StrEnum):
    CALLS = "calls"
    INPUT = "input"
    OUTPUT = "output"
    PRICE = "price"
    CACHE = "cache"
    UNKNOWN = "unknown"


REASON_TEXTS = {
    Reason.CALLS: "more calls",
    Reason.INPUT: "longer prompts",
    Reason.OUTPUT: "longer answers",
    Reason.PRICE: "dearer models",
    Reason.CACHE: "lost cache hits",
    Reason.UNKNOWN: "calls whose tokens are unknown",
}


def reasons(before: Mix, now: Mix) -> dict[Reason, float]:
    """Why the cost changed, in nano-USD; the sum is the change."""
    found = dict.fromkeys(Reason, 0.0)
    found[Reason.UNKNOWN] = now.unknown - before.unknown
    if not (before.cost > 0 and now.cost > 0 and before.calls and now.calls):
        found[Reason.CALLS] = now.cost - before.cost
        return found
    weight = log_mean(now.cost, before.cost)
    found[Reason.CALLS] = weight * log(now.calls / before.calls)
    cached = before.gross > 0 and now.gross > 0
    gross, gross_before = (now.gross, before.gross) if cached else (now.cost, before.cost)
    if cached:
        found[Reason.CACHE] = weight * log(now.cost / now.gross * before.gross / before.cost)
    long, long_before = now.calls, before.calls
    if now.tokens and before.tokens:
        long, long_before = now.tokens, before.tokens
        share = weight / log_mean(now.tokens / now.calls, before.tokens / before.calls)
        found[Reason.INPUT] = share * (now.input / now.calls - before.input / before.calls)
        outputs = now.output / now.calls - before.output / before.calls
        found[Reason.OUTPUT] = share * OUTPUT_WEIGHT * outputs
    found[Reason.PRICE] = weight * log(gross / long * long_before / gross_before)
    return found


def whole(parts: Mapping[K, float], total: int) -> dict[K, int]:
    """Whole nano-USD that add up to the total, each less than 1 from its part: those that lose most
    by rounding down are rounded up (the method of the largest remainder)."""
    found = {key: floor(value) for key, value in parts.items()}
    short = total - sum(found.values())
    order = sorted(parts, key=lambda key: found[key] - parts[key])
    for number in range(abs(short)):
        found[order[number % len(order)]] += 1 if short > 0 else -1
    return found


class By(StrEnum):
    NODE = "node"
    MODEL = "model"
    SUBSYSTEM = "subsystem"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Share:
    """How much more than expected one agent, model, subsystem or person cost; the shares of all of
    one kind add up to the excess. `key` is None for calls that belong to none."""

    by: By
    key: str | int | None
    nusd: int
    share: float  # of the excess


def shares(
    by: By,
    before: Mapping[str | int | None, float],
    now: Mapping[str | int | None, float],
    excess_nusd: int,
) -> tuple[Share, ...]:
    """From what each was expected to cost and did; the largest first."""
    keys = sorted({*before, *now}, key=str)
    changes = {key: now.get(key, 0.0) - before.get(key, 0.0) for key in keys}
    parts = [
        Share(by, key, nusd, nusd / excess_nusd if excess_nusd else 0.0)
        for key, nusd in whole(changes, excess_nusd).items()
    ]
    return tuple(sorted(parts, key=lambda part: -part.nusd))


def costs_by(by: By, groups: Iterable[Group]) -> dict[str | int | None, float]:
    found: dict[str | int | None, float] = defaultdict(float)
    for group in groups:
        found[group.node if by == By.NODE else group.model] += group.sum.cost_nusd
    return dict(found)
