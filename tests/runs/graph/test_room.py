"""How much of a specification goes into one request."""

import pytest

from observability.llm.routes import EMBEDDED_STEP
from observability.models import ModelProfile
from runs.graph.room import MOST_CHARACTERS, room, room_for
from tests.runs.paid import model

pytestmark = pytest.mark.django_db


def test_it_is_by_the_pinned_window_and_cap_whatever_became_of_the_model() -> None:
    small = model("openai", max_output_tokens=1_000)
    step = {"model": small.key, "profile": small.pk, "context_window": 200_000}
    pinned = [{**step, "max_output_tokens": 1_000}, dict(EMBEDDED_STEP)]
    assert room(pinned) == room_for([small]) == 2_000
    ModelProfile.objects.filter(pk=small.pk).update(max_output_tokens=9_000, enabled=False)
    assert room(pinned) == 2_000


def test_a_run_of_a_release_that_did_not_pin_them_goes_by_the_profile() -> None:
    small = model("openai", max_output_tokens=1_000)
    assert room([{"model": small.key, "profile": small.pk}]) == 2_000
    assert room([dict(EMBEDDED_STEP)]) == MOST_CHARACTERS
