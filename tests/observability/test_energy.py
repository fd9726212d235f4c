"""Energy is an estimate with a range, or unknown; never a number out of nothing."""

import logging
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.energy import Energy, comparison, energy_of
from observability.models import ModelProfile, Provider


def profile(provider: Provider | str, model: str, **values: Any) -> ModelProfile:
    return ModelProfile(name="The model", provider=provider, model=model, **values)


KNOWN = [
    profile(Provider.OPENAI, "gpt-6.1-sol"),
    profile(Provider.OPENAI, "gpt-4o-mini"),
    profile(Provider.ANTHROPIC, "claude-sonnet-5-5"),
    profile(Provider.GOOGLE, "gemini-2.5-pro"),
]
UNKNOWN = {
    "the embedded analyst": profile(Provider.EMBEDDED, "analyst-1"),
    "a server of our own": profile(
        Provider.COMPATIBLE, "gpt-4o-mini", base_url="http://127.0.0.1:8080/v1"
    ),
    "a model of another provider": profile(Provider.ANTHROPIC, "gpt-4o-mini"),
    "a model that nobody knows": profile(Provider.OPENAI, "gpt-99"),
    "a provider of our own": profile("scripted", "gpt-4o-mini"),
}


def estimated(known: ModelProfile, tokens: int, seconds: float) -> Energy:
    energy = energy_of(known, tokens, seconds)
    assert energy is not None
    return energy


@pytest.mark.parametrize("case", UNKNOWN)
def test_what_is_unknown_is_not_estimated(case: str) -> None:
    assert energy_of(UNKNOWN[case], 1_000, 5.0) is None


@pytest.mark.parametrize("known", KNOWN, ids=str)
def test_a_thousand_tokens_take_about_a_watt_hour(known: ModelProfile) -> None:
    """From a small model's hundredths to a large one's tens: kWh or joules would be far off."""
    energy = estimated(known, 1_000, 10.0)
    assert 0.01 < energy.low_wh < energy.high_wh < 50


def test_it_is_what_ecologits_says() -> None:
    from ecologits.tracers.utils import llm_impacts

    said: Any = llm_impacts("anthropic", "claude-sonnet-5-5", 700, 8.0).energy
    energy = estimated(profile(Provider.ANTHROPIC, "claude-sonnet-5-5"), 700, 8.0)
    assert (energy.low_wh, energy.high_wh) == (said.value.min * 1000, said.value.max * 1000)


@given(
    st.sampled_from(KNOWN),
    st.integers(0, 10**6),
    st.integers(1, 10**6),
    st.floats(0, 10**4),
)
def test_more_tokens_take_more(known: ModelProfile, tokens: int, more: int, seconds: float) -> None:
    less, most = estimated(known, tokens, seconds), estimated(known, tokens + more, seconds)
    assert 0 <= less.low_wh <= less.high_wh
    assert less.low_wh < most.low_wh
    assert less.high_wh < most.high_wh


@pytest.mark.parametrize(
    ("provider", "dated", "name"),
    [
        (Provider.OPENAI, "gpt-6.1-sol-2026-10-01", "gpt-6.1-sol"),
        (Provider.ANTHROPIC, "claude-sonnet-5-5-20261001", "claude-sonnet-5-5"),
        (Provider.GOOGLE, "models/gemini-2.5-pro", "gemini-2.5-pro"),
    ],
)
def test_a_model_is_known_by_its_dated_name(provider: Provider, dated: str, name: str) -> None:
    assert energy_of(profile(provider, dated), 100, 1.0) == energy_of(
        profile(provider, name), 100, 1.0
    )


@pytest.mark.parametrize("provider", [Provider.OPENAI, Provider.COMPATIBLE, Provider.EMBEDDED])
def test_an_admins_figure_wins_and_has_no_range(provider: Provider) -> None:
    own = profile(provider, "gpt-4o-mini", energy_wh_per_1k_output=Decimal("0.5"))
    assert energy_of(own, 3_000, 7.0) == Energy(1.5, 1.5)
    assert energy_of(own, 0, 7.0) == Energy(0.0, 0.0)


def test_a_figure_of_nothing_is_a_figure() -> None:
    own = profile(Provider.OPENAI, "gpt-4o-mini", energy_wh_per_1k_output=Decimal(0))
    assert energy_of(own, 3_000, 7.0) == Energy(0.0, 0.0)


def test_nothing_and_less_than_nothing() -> None:
    """A clock that was set back must not make energy out of it."""
    nothing = estimated(KNOWN[0], 0, 0.0)
    assert estimated(KNOWN[0], -5, -1.0) == nothing
    assert nothing.low_wh >= 0


def test_the_library_leaves_our_loggers_alone() -> None:
    estimated(KNOWN[0], 100, 1.0)
    assert logging.getLoggerClass() is logging.Logger


def test_also_when_several_threads_need_it_first() -> None:
    code = """
import logging
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from observability import energy
def load(number):
    sleep(number * 0.01)  # the import takes longer than all of them together
    energy._ecologits()
with ThreadPoolExecutor(20) as pool:
    list(pool.map(load, range(20)))
assert logging.getLoggerClass() is logging.Logger, logging.getLoggerClass()
"""
    subprocess.run(
        [sys.executable, "-c", "import django; django.setup()\n" + code],
        check=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "reqplatform.settings"},
    )


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.0, 0.0, "less than a 10 W LED lamp uses in a second"),
        (0.0, 0.001, "less than a 10 W LED lamp uses in a second"),
        (0.0028, 0.0028, "about what a 10 W LED lamp uses in 1 second"),
        (0.002, 0.01, "about what a 10 W LED lamp uses in 1 to 4 seconds"),
        (0.5, 0.8, "about what a 10 W LED lamp uses in 3 to 5 minutes"),
        (0.01, 0.4, "about what a 10 W LED lamp uses in up to 2 minutes"),
        (10.0, 16.0, "about what a 10 W LED lamp uses in 60 to 96 minutes"),
        (22.0, 35.0, "about what a 10 W LED lamp uses in 2 to 4 hours"),
        (480.0, 480.0, "about what a 10 W LED lamp uses in 2 days"),
        (123_456.0, 345_678.0, "about what a 10 W LED lamp uses in 510 to 1,400 days"),
    ],
)
def test_a_comparison_in_words(low: float, high: float, said: str) -> None:
    assert comparison(low, high) == said


WITHOUT_NETWORK = """
import sys
def watch(event, args):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.sendto"}:
        raise SystemExit(f"{event} {args}")
import django
django.setup()
sys.addaudithook(watch)
assert "genai_prices" not in sys.modules and "ecologits" not in sys.modules
from django.utils import timezone
from observability import energy, pricing
from observability.models import ModelProfile
model = ModelProfile(provider="openai", model="gpt-4o")
assert pricing.price_of(model, timezone.now()).listed_as == "openai/gpt-4o"
assert energy.energy_of(model, 100, 1.0)
import threading
assert threading.active_count() == 1, threading.enumerate()
"""


def test_neither_prices_nor_energy_need_a_network_or_load_before_they_are_asked() -> None:
    environment = {"DJANGO_SETTINGS_MODULE": "reqplatform.settings", "DJANGO_SECRET_KEY": "x" * 50}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NETWORK],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # nor does EcoLogits warn of every model
