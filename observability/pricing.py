"""What a model's tokens cost, by an admin's word or by the price list, and a call's upper bound.

The list is the one inside the package genai-prices (https://github.com/pydantic/genai-prices), as
installed: nothing is fetched. Rates are US dollars per million tokens. Calls are never sent as a
batch and never ask for a faster service, so the standard rates are the ones that count.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Context, Decimal, localcontext
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils import timezone

from observability.llm.errors import NoPrice
from observability.models.model_profile import ModelProfile, Provider
from observability.money import to_nusd
from observability.tokens import INPUTS, Usage

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice
    from genai_prices.types import Provider as Seller

_OUTPUTS = ("output", "reasoning")
_EXACT = Context(prec=100)  # more digits than any product of a rate and a count has

_WRITE, _WRITE_1H = Decimal("1.25"), Decimal(2)  # Anthropic's page on prices, times input
_WRITE_LONG = Decimal("2.5")  # OpenAI's, kept for 12 hours: the dearest there is


class WellKnown(NamedTuple):
    name: str
    provider: Provider
    model: str


WELL_KNOWN = (
    WellKnown("GPT-6.1 Sol", Provider.OPENAI, "gpt-6.1-sol"),
    WellKnown("Claude Opus 5.5", Provider.ANTHROPIC, "claude-opus-5-5"),
    WellKnown("Gemini 3.8 Flash", Provider.GOOGLE, "gemini-3.8-flash"),
)
"""Models that a reader can compare a cost with: one of each provider and class of price."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Dollars per million tokens of one kind.

    `tiers` are (input tokens, rate) in rising order: a request whose input is more than the first
    pays the second for all its tokens, not just for those above.
    """

    base: Decimal
    tiers: tuple[tuple[int, Decimal], ...] = ()

    def at(self, input_tokens: int) -> Decimal:
        """The rate for a request of exactly so many input tokens."""
        return [rate for start, rate in ((-1, self.base), *self.tiers) if input_tokens > start][-1]

    def most(self, input_tokens: int) -> Decimal:
        """The dearest rate for requests of up to so many input tokens."""
        return max(rate for start, rate in ((-1, self.base), *self.tiers) if input_tokens > start)

    def times(self, factor: Decimal) -> "Rate":
        tiers = tuple((start, rate * factor) for start, rate in self.tiers)
        return Rate(self.base * factor, tiers)

    def as_json(self) -> Any:
        if not self.tiers:
            return str(self.base)
        above = {str(start): str(rate) for start, rate in self.tiers}
        return {"base": str(self.base), "above": above}

    @classmethod
    def from_json(cls, value: Any) -> "Rate":
        if isinstance(value, str):
            return cls(Decimal(value))
        tiers = sorted((int(start), Decimal(rate)) for start, rate in value["above"].items())
        return cls(Decimal(value["base"]), tuple(tiers))


@dataclass(frozen=True, slots=True)
class Price:
    """All that is needed to say what a call costs: it can be stored and used without the list.

    There is a rate for every bucket of Usage, under the same name. `per_request` is dollars for
    every call. `source` says whose price it is, `listed_as` under which name the list has the
    model, and `dated` for which day (UTC) it was looked up.
    """

    input_fresh: Rate
    cache_read: Rate
    cache_write: Rate
    cache_write_1h: Rate
    output: Rate
    reasoning: Rate
    source: str
    dated: date
    listed_as: str = ""
    per_request: Decimal = Decimal(0)

    def cost_nusd(self, usage: Usage) -> int:
        """What a call that used this costs in nano-USD, rounded once, up."""
        return self._sum((self._rate(name).at(usage.input), getattr(usage, name)) for name in _ALL)

    def bound_nusd(self, input_tokens: int, output_tokens: int) -> int:
        """The most a call of up to so many tokens can cost in nano-USD, in whichever buckets.

        Every input token is taken for the dearest kind of input, every output token for the
        dearest of output, at the dearest tier that the input can reach.
        """
        into = max(self._rate(name).most(input_tokens) for name in INPUTS)
        out = max(self._rate(name).most(input_tokens) for name in _OUTPUTS)
        return self._sum([(into, input_tokens), (out, output_tokens)])

    def as_json(self) -> dict[str, Any]:
        """Everything, with decimals as strings."""
        return {
            "source": self.source,
            "listed_as": self.listed_as,
            "dated": self.dated.isoformat(),
            "per_request": str(self.per_request),
            **{name: self._rate(name).as_json() for name in _ALL},
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Price":
        """The price that `as_json` gave."""
        return cls(
            source=value["source"],
            listed_as=value["listed_as"],
            dated=date.fromisoformat(value["dated"]),
            per_request=Decimal(value["per_request"]),
            **{name: Rate.from_json(value[name]) for name in _ALL},
        )

    def _rate(self, name: str) -> Rate:
        rate: Rate = getattr(self, name)
        return rate

    def _sum(self, parts: Iterable[tuple[Decimal, int]]) -> int:
        with localcontext(_EXACT):
            tokens = sum((rate * count for rate, count in parts), start=Decimal(0))
            return to_nusd(self.per_request + tokens.scaleb(-6))


_ALL = (*INPUTS, *_OUTPUTS)


def price_of(profile: ModelProfile, at: datetime) -> Price:
    """What the model costs at a moment (aware): an admin's price, else that of the list.

    An OpenAI-compatible server is looked up by its address, which must be one that the list knows
    as a whole: who else sells a model under the same name may ask another price. Where a seller's
    price depends on the time of day (DeepSeek), it is the dearest of that day, because a run that
    pins it may last longer. Raises NoPrice.
    """
    if profile.provider == Provider.EMBEDDED:
        return _flat(Decimal(0), Decimal(0), at, "embedded")
    if profile.input_price is not None and profile.output_price is not None:
        return _override(profile, at)
    seller = _seller_of(profile)
    model = seller.find_model(profile.model.removeprefix("models/")) if seller else None
    if seller is None or model is None:
        raise NoPrice(_advice(profile, f"The price list does not have {profile.model}."))
    price = _listed(seller, model, at)
    if price is None:
        why = f"The price list has {profile.model}, but no price for its tokens alone."
        raise NoPrice(_advice(profile, why))
    return price


def _advice(profile: ModelProfile, why: str) -> str:
    return (
        f"{why} Nobody knows what a call of {profile.name} would cost, so it is not asked. Enter "
        f"its price under Admin, Model profiles, {profile.name}: dollars per million tokens of "
        "input and of output; 0 for a local model that costs nothing."
    )


def _flat(into: Decimal, out: Decimal, at: datetime, source: str, **rates: Rate) -> Price:
    """One rate for input and one for output, but for the buckets in `rates`."""
    buckets = dict.fromkeys(INPUTS, Rate(into)) | dict.fromkeys(_OUTPUTS, Rate(out)) | rates
    return Price(
        **buckets,
        source=source,
        dated=at.astimezone(UTC).date(),
        listed_as="",
        per_request=Decimal(0),
    )


def _override(profile: ModelProfile, at: datetime) -> Price:
    """An admin's price. What is left out of it is taken for the dearest of the usual."""
    into, out = _decimal(profile.input_price), _decimal(profile.output_price)
    given = {
        "cache_read": (profile.cache_read_price, Decimal(1)),
        "cache_write": (profile.cache_write_price, _WRITE),
        "cache_write_1h": (profile.cache_write_1h_price, _WRITE_1H),
    }
    rates = {
        name: Rate(into * factor if own is None else _decimal(own))
        for name, (own, factor) in given.items()
    }
    return _flat(into, out, at, "override", **rates)


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value))


# The list


_SELLERS: dict[str, str] = {
    Provider.OPENAI: "openai",
    Provider.ANTHROPIC: "anthropic",
    Provider.GOOGLE: "google",
}
_OTHER_OUTPUTS = ("audio", "citation", "image", "video")  # which a model adds without being asked
_SEARCHES = re.compile(r"(^|[-/])(search|deep-research)($|-)")  # searches are billed beside tokens


class ListedModel(NamedTuple):
    """What the list knows of a model: enough to fill in a profile."""

    model: str
    name: str
    context_window: int | None
    price: Price


def list_models(provider: Provider | str, at: datetime | None = None) -> list[ListedModel]:
    """OpenAI's, Anthropic's or Google's own models that are still served and have a price now (or
    at `at`), by the list's name. Empty for other providers."""
    at = at or timezone.now()
    return [
        ListedModel(model.id, model.name or model.id, model.context_window, price)
        for seller in _list()
        if seller.id == _SELLERS.get(provider) and seller.model_match
        for model in seller.models
        if seller.model_match.is_match(model.id) and seller.find_model(model.id) is model
        if not model.deprecated and (price := _listed(seller, model, at))
    ]


def what_if(usages: Iterable[Usage], at: datetime | None = None) -> list[tuple[str, int]]:
    """What the calls that used this would have cost with each of WELL_KNOWN: (name, nano-USD).

    An estimate: every model cuts text into tokens of its own. One Usage a call, because the size of
    a request decides its rate.
    """
    at, calls = at or timezone.now(), list(usages)
    prices = [
        (known.name, price_of(ModelProfile(provider=known.provider, model=known.model), at))
        for known in WELL_KNOWN
    ]
    return [(name, sum(price.cost_nusd(usage) for usage in calls)) for name, price in prices]


def _list() -> "list[Seller]":
    from genai_prices.data import providers  # slow to load, and most processes never need it

    return providers


@cache
def _source() -> str:
    return f"genai-prices {version('genai-prices')}"


def _seller_of(profile: ModelProfile) -> "Seller | None":
    """Who sells the profile's model, as the list knows them."""
    if profile.provider == Provider.COMPATIBLE:
        base_url = profile.base_url.strip().lower().rstrip("/") + "/"
        return next((s for s in _list() if base_url.startswith(_address(s) + "/")), None)
    return next((s for s in _list() if s.id == _SELLERS.get(profile.provider)), None)


def _address(seller: "Seller") -> str:
    """A seller's address, if it is one fixed address and no pattern of many; else no URL at all.

    A pattern stands for servers of different people or regions, whose prices differ.
    """
    return re.sub(r"\((\?:)?/\|\$\)$", "", seller.api_pattern).replace("\\", "")


def _listed(seller: "Seller", model: "ModelInfo", at: datetime) -> Price | None:
    """A model's price in the list; None if a count of tokens does not decide what a call costs."""
    if _SEARCHES.search(model.id):
        return None
    prices = list(_in_force(model, at))
    rates = [each for price in prices if (each := _read(seller, price)) is not None]
    if len(rates) < len(prices):
        return None
    return Price(
        **{name: _dearest(each[name] for each in rates) for name in _ALL},
        per_request=max(_fee(price) for price in prices),
        source=_source(),
        listed_as=f"{seller.id}/{model.id}",
        dated=at.astimezone(UTC).date(),
    )


def _in_force(model: "ModelInfo", at: datetime) -> "Iterator[ModelPrice]":
    """The price at a moment and, where it depends on the hour, all others of that day (UTC)."""
    from genai_prices.types import TimeOfDateConstraint

    moment = at.astimezone(UTC)
    yield model.get_prices(moment)
    for condition in model.prices if isinstance(model.prices, list) else ():
        hours = condition.constraint
        if isinstance(hours, TimeOfDateConstraint):
            for hour in (hours.start_time, hours.end_time):
                yield model.get_prices(datetime.combine(moment, hour, hour.tzinfo or UTC))


def _read(seller: "Seller", price: "ModelPrice") -> dict[str, Rate] | None:
    """A rate for every bucket, or None where tokens of input and output have no price of their own.

    A rate of 0 is no price: that a model costs nothing is for an admin to say. What the list has no
    rate for is billed as input or output, as the list's own calculation does, with two exceptions
    for writing to a cache, where it would be too little: Anthropic bills 1.25 times its input for 5
    minutes and twice for an hour, and OpenAI up to 2.5 times for 12 hours.
    """
    into, out = _rate(price, "input_mtok"), _rate(price, "output_mtok")
    beside = any(_rate(price, f"output_{kind}_mtok") for kind in _OTHER_OUTPUTS)
    if not into or not out or not into.base or not out.base or beside:
        return None
    written = [
        rate
        for name in ("cache_write_mtok", "cache_write_5m_mtok")
        if (rate := _rate(price, name)) is not None
    ]
    anthropic = seller.id == _SELLERS[Provider.ANTHROPIC]
    if not written and anthropic:
        written = [into.times(_WRITE)]
    write = _dearest(written or [into])
    long = _dearest([write, into.times(_WRITE_1H if anthropic else _WRITE_LONG)])
    return {
        "input_fresh": into,
        "cache_read": _rate(price, "cache_read_mtok") or into,
        "cache_write": write,
        "cache_write_1h": _rate(price, "cache_write_1h_mtok") or (long if written else into),
        "output": out,
        "reasoning": _rate(price, "output_reasoning_mtok") or out,
    }


def _rate(price: "ModelPrice", name: str) -> Rate | None:
    from genai_prices.types import TieredPrices

    value = getattr(price, name)
    if isinstance(value, TieredPrices):
        return Rate(value.base, tuple((tier.start, tier.price) for tier in value.tiers))
    return None if value is None else Rate(value)


def _fee(price: "ModelPrice") -> Decimal:
    """Dollars for a request as such (Perplexity); the list has them per thousand."""
    rate = _rate(price, "requests_kcount")
    return max([rate.base, *(fee for _, fee in rate.tiers)]).scaleb(-3) if rate else Decimal(0)


def _dearest(rates: Iterable[Rate]) -> Rate:
    """A rate that at every size of a request is the dearest of several."""
    rates = list(rates)
    starts = sorted({start for rate in rates for start, _ in rate.tiers})
    tiers = tuple((start, max(rate.at(start + 1) for rate in rates)) for start in starts)
    return Rate(max(rate.base for rate in rates), tiers)
