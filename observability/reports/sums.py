"""What some calls come to, as a report reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from math import log
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Sum:
    """Nano-USD, tokens in exclusive buckets, milliseconds, watt-hours. Without calls that are held.

    `failed`: no answer of theirs came. `again`: made because one before had failed. `revised`: from
    the second iteration of a run on. `saved_nusd`: by caches. `calls` is without `released_calls`.
    """

    calls: int = 0
    released_calls: int = 0
    failed_calls: int = 0
    failed_nusd: int = 0
    again_calls: int = 0
    again_nusd: int = 0
    revised_calls: int = 0
    revised_nusd: int = 0
    input_fresh: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    cost_nusd: int = 0
    saved_nusd: int = 0
    busy_ms: int = 0
    energy_low_wh: float = 0.0
    energy_high_wh: float = 0.0
    energy_known_calls: int = 0
    energy_unknown_calls: int = 0

    @classmethod
    def of(cls, row: Mapping[str, Any], prefix: str = "sum_") -> Self:
        return cls(**{name: row[f"{prefix}{name}"] or 0 for name in NAMES})

    @classmethod
    def total(cls, parts: "Iterable[Sum]") -> Self:
        parts = list(parts)
        return cls(**{name: sum(getattr(part, name) for part in parts) for name in NAMES})

    @property
    def input_tokens(self) -> int:
        return self.input_fresh + self.cache_read + self.cache_write + self.cache_write_1h

    @property
    def output_tokens(self) -> int:
        return self.output + self.reasoning

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens

    @property
    def tokens_per_call(self) -> float:
        return self.tokens / self.calls if self.calls else 0.0

    @property
    def nusd_per_token(self) -> float:
        """So that calls x tokens per call x this is the cost."""
        return self.cost_nusd / self.tokens if self.tokens else 0.0

    @property
    def per_million(self) -> float | None:
        """Nano-USD for a million tokens; None without tokens."""
        return self.cost_nusd * 10**6 / self.tokens if self.tokens else None

    @property
    def failed_share(self) -> float:
        return self._share(self.failed_nusd)

    @property
    def again_share(self) -> float:
        return self._share(self.again_nusd)

    @property
    def revised_share(self) -> float:
        return self._share(self.revised_nusd)

    @property
    def energy(self) -> tuple[float | None, float | None, int]:
        """The range in watt-hours, None if no call's is known, and how many are unknown."""
        known = self.energy_known_calls > 0
        low, high = self.energy_low_wh, self.energy_high_wh
        return (low if known else None, high if known else None, self.energy_unknown_calls)

    def _share(self, nusd: int) -> float:
        return nusd / self.cost_nusd if self.cost_nusd else 0.0


NAMES = tuple(field.name for field in fields(Sum))


def log_mean(a: float, b: float) -> float:
    """The logarithmic mean of two positive numbers."""
    change = log(a / b)
    return (a - b) / change if abs(change) > 1e-9 else (a + b) / 2


def explain(before: Sum, now: Sum) -> tuple[float, float, float] | None:
    """Why the cost changed: nano-USD by the number of calls, by tokens a call, by the price of a
    token; their sum is the change. None where either has no cost to compare.

    The logarithmic mean Divisia index (B. W. Ang, "The LMDI approach to decomposition analysis: a
    practical guide", Energy Policy 33, 2005): it leaves no remainder.
    """
    if not (before.cost_nusd and now.cost_nusd and before.tokens and now.tokens):
        return None
    weight = log_mean(now.cost_nusd, before.cost_nusd)
    return (
        weight * log(now.calls / before.calls),
        weight * log(now.tokens_per_call / before.tokens_per_call),
        weight * log(now.nusd_per_token / before.nusd_per_token),
    )
