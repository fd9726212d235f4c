"""What calls cost: against the price list's own calculation, and never above their bound."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import genai_prices
import pytest
from genai_prices.data import providers as sellers
from hypothesis import given
from hypothesis import strategies as st

from observability import pricing
from observability.llm.errors import NoPrice
from observability.models import ModelProfile, Provider
from observability.money import NUSD_PER_USD
from observability.pricing import WELL_KNOWN, Price, Rate, list_models, price_of, what_if
from observability.tokens import Usage

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
CLOUD = [Provider.OPENAI, Provider.ANTHROPIC, Provider.GOOGLE]
MILLION = 1_000_000


def profile(provider: Provider | str, model: str, **values: Any) -> ModelProfile:
    return ModelProfile(name="The model", provider=provider, model=model, **values)


def compatible(base_url: str, model: str, **values: Any) -> ModelProfile:
    return profile(Provider.COMPATIBLE, model, base_url=base_url, **values)


def priced(into: str, out: str, **values: str) -> ModelProfile:
    prices = {"input_price": into, "output_price": out, **values}
    return compatible(
        "http://127.0.0.1:8080/v1", "m", **{name: Decimal(v) for name, v in prices.items()}
    )


LISTED = [(provider, known.model) for provider in CLOUD for known in list_models(provider, NOW)]
SOLD = [
    *(profile(provider, model) for provider, model in LISTED),
    *(
        compatible(seller.api_pattern.replace("\\", ""), model.id)
        for seller in sellers
        if seller.id in {"deepseek", "groq", "mistral", "x-ai", "perplexity", "together"}
        for model in seller.models
    ),
]


def prices() -> list[Price]:
    found = []
    for each in SOLD:
        try:
            found.append(price_of(each, NOW))
        except NoPrice:
            continue
    return found


PRICES = prices()
COUNTS = st.one_of(st.integers(0, 2_000), st.integers(0, 2 * MILLION), st.integers(0, 10**12))
USAGES = st.builds(Usage, *[COUNTS] * 6)
decimals = st.decimals(0, 10**5, allow_nan=False, places=6)
rates = st.builds(
    Rate,
    decimals,
    st.dictionaries(st.integers(0, MILLION), decimals, max_size=3).map(
        lambda tiers: tuple(sorted(tiers.items()))
    ),
)
any_price = st.builds(
    Price, *[rates] * 6, st.just("override"), st.dates(), st.text(max_size=9), decimals
)


def exact(price: Price, usage: Usage) -> Fraction:
    """Nano-USD by fractions, from the rates."""
    names = ("input_fresh", "cache_read", "cache_write", "cache_write_1h", "output", "reasoning")
    total = Fraction(price.per_request) * MILLION
    for name in names:
        total += Fraction(getattr(price, name).at(usage.input)) * getattr(usage, name)
    return total * (NUSD_PER_USD // MILLION)


# Cost and bound


def test_there_are_many_models_to_test_with() -> None:
    assert len(PRICES) > 200
    assert sum(bool(price.output.tiers) for price in PRICES) > 20
    assert sum(bool(price.per_request) for price in PRICES) >= 3


@given(st.sampled_from(PRICES) | any_price, USAGES)
def test_a_cost_is_the_exact_one_rounded_up_once(price: Price, usage: Usage) -> None:
    assert 0 <= price.cost_nusd(usage) - exact(price, usage) < 1


@given(st.sampled_from(PRICES) | any_price, USAGES, COUNTS, COUNTS)
def test_no_cost_is_above_its_bound(
    price: Price, usage: Usage, more_in: int, more_out: int
) -> None:
    outputs = usage.output + usage.reasoning
    assert price.cost_nusd(usage) <= price.bound_nusd(usage.input + more_in, outputs + more_out)


def dearest(price: Price, kinds: tuple[str, ...], into: int) -> Fraction:
    """Of the rates of these buckets for requests of any size up to `into`."""
    each = [getattr(price, kind) for kind in kinds]
    sizes = {0, into, *(start + 1 for rate in each for start, _ in rate.tiers)}
    return max(Fraction(rate.at(size)) for rate in each for size in sizes if size <= into)


@given(st.sampled_from(PRICES) | any_price, COUNTS, COUNTS)
def test_the_bound_is_no_higher_than_it_must_be(price: Price, into: int, out: int) -> None:
    inputs = ("input_fresh", "cache_read", "cache_write", "cache_write_1h")
    most = dearest(price, inputs, into) * into
    most += dearest(price, ("output", "reasoning"), into) * out
    usd = most / MILLION + Fraction(price.per_request)
    assert 0 <= price.bound_nusd(into, out) - usd * NUSD_PER_USD < 1


@given(st.sampled_from(PRICES) | any_price, USAGES)
def test_a_stored_price_costs_the_same(price: Price, usage: Usage) -> None:
    stored = json.loads(json.dumps(price.as_json()))
    again = Price.from_json(stored)
    assert again == price
    assert again.as_json() == stored
    assert again.cost_nusd(usage) == price.cost_nusd(usage)


@given(st.sampled_from(LISTED), USAGES)
def test_the_list_itself_calculates_the_same(listed: tuple[Provider, str], usage: Usage) -> None:
    """But for rounding, and for tokens written to a cache where the list has no rate for that: it
    takes the next one that it has, we the dearest known."""
    provider, model = listed
    price = price_of(profile(provider, model), NOW)
    theirs = genai_prices.calc_price(
        genai_prices.Usage(
            input_tokens=usage.input,
            cache_read_tokens=usage.cache_read,
            cache_write_tokens=usage.cache_write + usage.cache_write_1h,
            cache_write_1h_tokens=usage.cache_write_1h,
            output_tokens=usage.output + usage.reasoning,
            output_reasoning_tokens=usage.reasoning,
        ),
        model,
        provider_id=provider.value,
        genai_request_timestamp=NOW,
    )
    listed_rates, size = theirs.model_price, usage.input
    next_one = price.input_fresh if listed_rates.cache_write_mtok is None else price.cache_write
    extra = (price.cache_write.at(size) - next_one.at(size)) * usage.cache_write
    if listed_rates.cache_write_1h_mtok is None:
        extra += (price.cache_write_1h.at(size) - next_one.at(size)) * usage.cache_write_1h
    assert extra >= 0
    theirs_usd = Fraction(theirs.total_price) + Fraction(extra) / MILLION
    ours = price.cost_nusd(usage)
    assert 0 <= ours - theirs_usd * NUSD_PER_USD < 1


def test_a_tier_is_paid_for_the_whole_request_and_begins_above_its_start() -> None:
    price = price_of(profile(Provider.GOOGLE, "gemini-2.5-pro"), NOW)
    assert price.input_fresh == Rate(Decimal("1.25"), ((200_000, Decimal("2.5")),))
    assert price.cost_nusd(Usage(input_fresh=200_000, output=1_000)) == 260_000_000
    assert price.cost_nusd(Usage(input_fresh=200_001, output=1_000)) == 515_002_500
    assert price.cost_nusd(Usage(cache_read=200_001, output=1_000)) == 15_000_000 + 50_000_250
    assert price.bound_nusd(200_000, 1_000) == 260_000_000


def test_reasoning_costs_what_output_costs_unless_the_list_says_otherwise() -> None:
    price = price_of(profile(Provider.OPENAI, "gpt-4o-mini"), NOW)
    assert price.cost_nusd(Usage(reasoning=MILLION)) == price.cost_nusd(Usage(output=MILLION))


def test_a_fee_for_every_request_counts() -> None:
    price = price_of(compatible("https://api.perplexity.ai", "sonar"), NOW)
    assert price.per_request == Decimal("0.012")
    assert price.cost_nusd(Usage()) == price.bound_nusd(0, 0) == 12_000_000


# Whose price


@pytest.mark.parametrize(
    ("provider", "model", "listed_as", "into", "out"),
    [
        (Provider.OPENAI, "gpt-4o-2024-08-06", "openai/gpt-4o", "2.5", "10"),
        (Provider.OPENAI, "gpt-4o-20240806", "openai/gpt-4o", "2.5", "10"),
        (Provider.OPENAI, "gpt-4o-2024-05-13", "openai/gpt-4o-2024-05-13", "5", "15"),
        (
            Provider.ANTHROPIC,
            "claude-sonnet-4-5-20250929",
            "anthropic/claude-sonnet-4-5",
            "3",
            "15",
        ),
        (Provider.ANTHROPIC, "claude-haiku-4-5", "anthropic/claude-haiku-4-5", "1", "5"),
        (Provider.GOOGLE, "models/gemini-2.5-flash", "google/gemini-2.5-flash", "0.3", "2.5"),
    ],
)
def test_a_model_is_found_by_its_dated_name(
    provider: Provider, model: str, listed_as: str, into: str, out: str
) -> None:
    price = price_of(profile(provider, model), NOW)
    assert (price.listed_as, price.dated) == (listed_as, date(2026, 11, 26))
    assert (price.input_fresh.base, price.output.base) == (Decimal(into), Decimal(out))
    assert price.source == f"genai-prices {genai_prices.__version__}"


@pytest.mark.parametrize(
    ("day", "into"),
    [
        (datetime(2026, 11, 30, 23, 59, tzinfo=UTC), "2"),
        (datetime(2026, 12, 1, tzinfo=UTC), "4"),
        (datetime.fromisoformat("2026-12-01T01:00:00+02:00"), "2"),
    ],
)
def test_a_price_changes_on_its_day(day: datetime, into: str) -> None:
    price = price_of(profile(Provider.GOOGLE, "gemini-4-argon"), day)
    assert price.input_fresh.base == Decimal(into)


@pytest.mark.parametrize("hour", [0, 2, 8, 12, 20])
def test_where_it_depends_on_the_hour_it_is_the_dearest_of_the_day(hour: int) -> None:
    at = NOW.replace(hour=hour)
    price = price_of(compatible("https://api.deepseek.com/v1", "deepseek-flash"), at)
    assert (price.input_fresh.base, price.output.base) == (Decimal("0.3"), Decimal("1.2"))
    assert price.cache_read.base == Decimal("0.006")


@pytest.mark.parametrize(
    ("model", "hour_over_input"),
    [("claude-sonnet-5-5", 2), ("claude-opus-5-5", 2), ("claude-haiku-5-5", 2)],
)
def test_anthropic_bills_twice_its_input_for_an_hour_in_the_cache(
    model: str, hour_over_input: int
) -> None:
    price = price_of(profile(Provider.ANTHROPIC, model), NOW)
    assert price.cache_write_1h == price.input_fresh.times(Decimal(hour_over_input))
    assert price.cache_write == price.input_fresh.times(Decimal("1.25"))


def test_what_the_list_does_not_know_of_a_cache_is_taken_for_the_dearest() -> None:
    old = price_of(profile(Provider.ANTHROPIC, "claude-2"), NOW)
    assert old.cache_read.base == old.input_fresh.base == Decimal(8)
    assert (old.cache_write.base, old.cache_write_1h.base) == (Decimal(10), Decimal(16))
    free_writes = price_of(profile(Provider.OPENAI, "gpt-4o"), NOW)
    assert free_writes.cache_write == free_writes.cache_write_1h == free_writes.input_fresh
    paid_writes = price_of(profile(Provider.OPENAI, "gpt-6.1-sol"), NOW)
    assert paid_writes.cache_write.base == Decimal("2.5")
    assert paid_writes.cache_write_1h.base == Decimal(5)


@given(st.sampled_from(PRICES), st.integers(0, 2 * MILLION))
def test_keeping_tokens_for_longer_is_never_cheaper(price: Price, size: int) -> None:
    assert price.cache_write_1h.at(size) >= price.cache_write.at(size) >= 0
    assert price.input_fresh.at(size) > 0
    assert price.output.at(size) > 0


def test_an_admins_price_wins_over_the_list() -> None:
    own = profile(
        Provider.OPENAI, "gpt-4o", input_price=Decimal("1.5"), output_price=Decimal("6.123456")
    )
    price = price_of(own, NOW)
    assert (price.source, price.listed_as) == ("override", "")
    assert price.cache_read.base == Decimal("1.5")
    assert price.cache_write.base == Decimal("1.875")
    assert price.cache_write_1h.base == 3
    assert price.output == price.reasoning == Rate(Decimal("6.123456"))


def test_an_admins_prices_of_the_cache() -> None:
    own = priced("1", "2", cache_read_price="0", cache_write_price="3", cache_write_1h_price="4")
    price = price_of(own, NOW)
    assert price.cost_nusd(Usage(cache_read=MILLION)) == 0
    assert price.cost_nusd(Usage(cache_write=1, cache_write_1h=1)) == 7_000
    assert price.bound_nusd(10, 10) == 60_000


def test_a_local_model_is_free_if_an_admin_says_so() -> None:
    price = price_of(priced("0", "0"), NOW)
    assert price.cost_nusd(Usage(1, 2, 3, 4, 5, 6)) == price.bound_nusd(10**9, 10**9) == 0


def test_the_embedded_analyst_costs_nothing() -> None:
    price = price_of(profile(Provider.EMBEDDED, "analyst-1"), NOW)
    assert (price.source, price.cost_nusd(Usage(1, 2, 3, 4, 5, 6))) == ("embedded", 0)


@pytest.mark.parametrize(
    ("base_url", "listed_as"),
    [
        ("https://api.openai.com/v1", "openai/gpt-4o"),
        ("https://API.OpenAI.com", "openai/gpt-4o"),
        ("https://api.openai.com/", "openai/gpt-4o"),
    ],
)
def test_a_compatible_server_is_known_by_its_address(base_url: str, listed_as: str) -> None:
    assert price_of(compatible(base_url, "gpt-4o"), NOW).listed_as == listed_as


# No price

UNPRICED = {
    "a model that is not in the list": profile(Provider.OPENAI, "gpt-99"),
    "a model of another provider": profile(Provider.ANTHROPIC, "gpt-4o"),
    "a model that is priced by the hour": profile(Provider.OPENAI, "gpt-live-1"),
    "a model that has no output": profile(Provider.OPENAI, "text-embedding-3-small"),
    "a model that the list has without a price": profile(Provider.GOOGLE, "gemma-4-31b-it"),
    "a model that bills searches, too": profile(Provider.OPENAI, "gpt-5-search-api"),
    "a model that may answer with pictures": profile(Provider.GOOGLE, "gemini-2.5-flash-image"),
    "a model that bills quotes, too": compatible(
        "https://api.perplexity.ai", "sonar-deep-research"
    ),
    "a server of our own": compatible("http://127.0.0.1:8080/v1", "gpt-4o"),
    "an address that only begins like one": compatible("https://api.openai.com.example", "gpt-4o"),
    "a name before an address": compatible("https://api.openai.com@example.org/", "gpt-4o"),
    "an address without encryption": compatible("http://api.openai.com/v1", "gpt-4o"),
    "a pattern of many addresses": compatible("https://x.openai.azure.com/openai/v1", "gpt-4o"),
    "no address": compatible("", "gpt-4o"),
    "a provider of our own": profile("scripted", "m-1"),
    "half an admin's price": profile(Provider.OPENAI, "gpt-99", input_price=Decimal(1)),
}


@pytest.mark.parametrize("case", UNPRICED)
def test_without_a_price_it_says_how_to_add_one(case: str) -> None:
    with pytest.raises(NoPrice) as refused:
        price_of(UNPRICED[case], NOW)
    said = str(refused.value)
    assert said.startswith("The price list ")
    assert "Admin, Model profiles, The model" in said
    assert "0 for a local model that costs nothing." in said


def test_a_price_of_nothing_in_the_list_is_not_believed() -> None:
    from genai_prices.types import ClauseEquals, ModelInfo, ModelPrice

    free = ModelPrice(input_mtok=Decimal(0), output_mtok=Decimal(0))
    model = ModelInfo(id="gift", match=ClauseEquals(equals="gift"), prices=free)
    seller = next(seller for seller in sellers if seller.id == "openai")
    assert pricing._listed(seller, model, NOW) is None


# What the list is asked for


@pytest.mark.parametrize("provider", CLOUD)
def test_the_list_fills_in_profiles(provider: Provider) -> None:
    models = list_models(provider, NOW)
    assert len(models) >= 10
    for known in models:
        price = price_of(profile(provider, known.model), NOW)
        assert price == known.price, known.model


def test_nothing_is_known_of_what_is_local() -> None:
    assert list_models(Provider.EMBEDDED, NOW) == list_models(Provider.COMPATIBLE, NOW) == []


def test_the_well_known_models_are_one_of_each_provider_and_still_served() -> None:
    assert [known.provider for known in WELL_KNOWN] == CLOUD
    for name, provider, model in WELL_KNOWN:
        listed = {known.model: known for known in list_models(provider, NOW)}
        assert listed[model].name == name


def test_the_same_work_elsewhere() -> None:
    calls = [Usage(input_fresh=1_000, output=100), Usage(input_fresh=1_000, output=100)]
    assert what_if(calls, NOW) == [
        ("GPT-6.1 Sol", 6_000_000),
        ("Claude Opus 5.5", 12_000_000),
        ("Gemini 3.8 Flash", 2_250_000),
    ]
    assert what_if([], NOW + timedelta(days=30)) == [(known.name, 0) for known in WELL_KNOWN]


def test_many_small_requests_do_not_pay_for_a_large_one() -> None:
    small = Usage(input_fresh=200_000)
    assert dict(what_if([small, small], NOW))["GPT-6.1 Sol"] == 800_000_000
    assert dict(what_if([small + small], NOW))["GPT-6.1 Sol"] == 1_600_000_000
