"""How costs and energy are put to people."""

import pytest
from django.conf import LazySettings

from observability.langsmith import Mode
from observability.reports.costs import Taken
from observability.shown import (
    cost_text,
    costs_are_shown,
    energy_text,
    short_source,
    source_text,
    tracing_of,
)
from tests.money import CENT


@pytest.mark.parametrize(
    ("sources", "text"),
    [
        ([], "$0.0100"),
        (["metered"], "$0.0100"),
        (["metered", "unconfirmed"], "up to $0.0100"),
        (["estimated"], "$0.0100, Heuristic (±30%)"),
        (["estimated", "unconfirmed"], "up to $0.0100, Heuristic (±30%)"),
    ],
)
def test_costs_say_how_far_they_can_be_trusted(sources: list[str], text: str) -> None:
    assert cost_text(CENT, sources) == text


@pytest.mark.parametrize(
    ("low", "high", "unknown", "text"),
    [
        (None, None, 0, "–"),
        (None, None, 2, "unknown"),
        (0.0123, 0.0456, 0, "0.012 to 0.046 Wh"),
        (0.5, 0.5, 0, "0.5 Wh"),
        (1.0, 1234.0, 1, "1 to 1,234 Wh, and 1 of the calls unknown"),
        (0.0, 0.00001, 0, "0 to <0.001 Wh"),
    ],
)
def test_energy(low: float | None, high: float | None, unknown: int, text: str) -> None:
    assert energy_text(low, high, unknown) == text


def test_sources_in_words() -> None:
    assert source_text("metered") == "Metered by the provider"
    assert source_text("estimated") == short_source("estimated") == "Heuristic (±30%)"
    assert source_text("unconfirmed").startswith("unconfirmed")
    assert source_text("something new") == short_source("something new") == "something new"


def test_a_run_whose_calls_were_traced_says_so() -> None:
    assert tracing_of(Taken(calls=2, traced_calls=1)) == Mode.LANGSMITH
    assert tracing_of(Taken(calls=2)) == Mode.HEURISTIC


def test_one_switch_hides_costs(settings: LazySettings) -> None:
    settings.COST_TRACKING_ENABLED = True
    assert costs_are_shown()
    settings.COST_TRACKING_ENABLED = False
    assert not costs_are_shown()
