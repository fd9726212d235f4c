"""Today's prices stand beside what was booked, and change nothing of it."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from observability import ledger
from observability.models import CostSource, LLMCall, ModelProfile
from observability.repricing import reprice
from observability.tokens import Usage
from tests.observability.conftest import Holder

USAGE = Usage(input_fresh=1_000, cache_read=500, output=200, reasoning=100)


@pytest.fixture
def booked(hold: Holder, profile: ModelProfile) -> Callable[..., LLMCall]:
    """A settled call that was booked at 4,000 nano-USD."""
    ModelProfile.objects.filter(pk=profile.pk).update(
        input_price=1, output_price=10, cache_read_price="0.1"
    )

    def booked(source: CostSource = CostSource.METERED, **values: object) -> LLMCall:
        held = hold(**values)
        ledger.settle(held, answer="", usage=USAGE, cost_nusd=4_000, source=source)
        return LLMCall.objects.get(pk=held.call_id)

    return booked


def test_calls_are_priced_anew_and_stay_booked_as_they_were(
    booked: Callable[..., LLMCall],
) -> None:
    call = booked()
    [drift] = reprice()
    today = 1_000_000 + 50_000 + 3_000_000
    assert (drift.model, drift.calls) == ("Any", 1)
    assert (drift.booked_nusd, drift.repriced_nusd) == (4_000, today)
    assert drift.difference_nusd == today - 4_000
    call.refresh_from_db()
    assert (call.cost_nusd, call.repriced_nusd) == (4_000, today)
    assert call.repriced_at is not None


@pytest.mark.parametrize(
    "source", [CostSource.EMBEDDED, CostSource.REPLAYED, CostSource.INVOICE], ids=str
)
def test_what_has_no_tokens_to_price_is_left_out(
    booked: Callable[..., LLMCall], source: CostSource
) -> None:
    booked(source)
    assert reprice() == []


def test_a_model_without_a_price_is_named_and_left(
    booked: Callable[..., LLMCall], profile: ModelProfile
) -> None:
    call = booked()
    ModelProfile.objects.update(input_price=None, output_price=None)
    [drift] = reprice()
    assert "Model profiles" in drift.why
    call.refresh_from_db()
    assert call.repriced_nusd is None


def test_it_can_be_narrowed_to_a_time_and_a_project(booked: Callable[..., LLMCall]) -> None:
    call = booked()
    assert reprice(since=timezone.now() + timedelta(seconds=1)) == []
    assert reprice(project_id=call.project_id + 1) == []
    assert len(reprice(timezone.now() - timedelta(hours=1), call.project_id)) == 1


def test_the_command_tells_the_drift(booked: Callable[..., LLMCall]) -> None:
    booked()
    out = StringIO()
    call_command("reprice", stdout=out)
    assert "Any: 1 calls booked at $0.000004, today $0.0041 (+$0.0041, +101150.0%)" in (
        out.getvalue()
    )
    with pytest.raises(CommandError, match="There is no project 'nowhere'"):
        call_command("reprice", "--project", "nowhere")
