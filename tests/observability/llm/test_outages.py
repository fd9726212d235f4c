"""A model that is down is left alone for a while, if another can be asked; and what is replayed."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from observability.llm import attempt, gateway, outages
from observability.llm.context import CallContext, Notice
from observability.llm.errors import Outage
from observability.models import CallState, LLMCall, ModelProfile, Node
from runs.models import Run
from tests.observability.accounts import assert_books_agree
from tests.runs.paid import model
from tests.wire import WireServer, behaviours

pytest_plugins = ["tests.wire.fixtures"]
pytestmark = pytest.mark.django_db

GOOD = '{"score": 0.5}'


class Verdict(BaseModel):
    score: float


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt, "BACKOFF_SECONDS", 0.01)


Asking = Callable[..., gateway.Completion[Verdict]]


@pytest.fixture
def ask(run: Run, wired: WireServer) -> Asking:
    """Asks the models of these profiles in order, each time something else."""
    wired.answers = GOOD
    told: list[Notice] = []

    def ask(*profiles: ModelProfile, ordinal: int, **values: Any) -> gateway.Completion[Verdict]:
        from django.utils import timezone

        from observability.llm.routes import _step

        steps = [_step(profile, "0.00", timezone.now()) for profile in profiles]
        context = CallContext(
            project_id=run.project_id, node=Node.VALIDATE, routes=steps, run_id=run.pk,
            ordinal=ordinal, tell=told.append, **values,
        )  # fmt: skip
        return gateway.complete(context, [("human", "Judge it.")], Verdict)

    return ask


def asked(wired: WireServer) -> list[str]:
    return [request.model for request in wired.requests]


def test_a_model_that_is_down_is_left_alone_while_another_answers(
    wired: WireServer, ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = model("openai"), model("anthropic")
    wired.script(*[behaviours.error(503)] * 3, model="openai-1")
    assert ask(first, second, ordinal=0).model == "anthropic/anthropic-1"
    assert asked(wired) == ["openai-1"] * 3 + ["anthropic-1"]
    assert ask(first, second, ordinal=1).model == "anthropic/anthropic-1"
    assert asked(wired)[4:] == ["anthropic-1"]
    monkeypatch.setattr(outages, "REST_SECONDS", 0.0)
    outages.outage(first, "Again.")  # its rest is over at once
    assert ask(first, second, ordinal=2).model == "openai/openai-1"
    assert_books_agree()


def test_a_model_that_rests_is_asked_when_nobody_else_can_answer(
    wired: WireServer, ask: Asking
) -> None:
    first, second = model("openai"), model("anthropic")
    outages.outage(first, "Down.")
    outages.outage(second, "Down.")
    ModelProfile.objects.filter(pk=second.pk).update(enabled=False)
    assert ask(first, second, ordinal=0).model == "openai/openai-1"
    assert asked(wired) == ["openai-1"]


def test_a_model_that_is_asked_too_often_is_not_down(wired: WireServer, ask: Asking) -> None:
    first, second = model("openai"), model("anthropic")
    wired.script(*[behaviours.rate_limited()] * 3, model="openai-1")
    assert ask(first, second, ordinal=0).model == "anthropic/anthropic-1"
    assert ask(first, second, ordinal=1).model == "openai/openai-1"


def test_the_only_model_is_asked_however_often_it_was_down(wired: WireServer, ask: Asking) -> None:
    only = model("openai")
    wired.script(*[behaviours.error(503)] * 3)
    with pytest.raises(Outage, match="tried 3 times"):
        ask(only, ordinal=0)
    assert ask(only, ordinal=0).model == "openai/openai-1"


def test_what_a_model_answered_before_it_was_disabled_is_not_paid_again(
    wired: WireServer, ask: Asking
) -> None:
    first, second = model("openai"), model("anthropic")
    ask(first, second, ordinal=0)
    ModelProfile.objects.filter(pk=first.pk).update(enabled=False, disabled_reason="Too dear.")
    assert ask(first, second, ordinal=0).model == "openai/openai-1"
    assert asked(wired) == ["openai-1"]


def test_an_error_of_our_own_while_a_model_answers_stays_what_it_is(
    wired: WireServer, ask: Asking
) -> None:
    wired.default = behaviours.slow(30)
    looks = iter([False])

    def lost() -> bool:
        if next(looks, True):
            raise LookupError("the database is away")
        return False

    with pytest.raises(LookupError, match="the database is away"):
        ask(model("openai"), ordinal=0, cancelled=lost)
    [call] = LLMCall.objects.all()
    assert call.state == CallState.UNCONFIRMED
    assert "the database is away" in call.error


def test_a_usage_that_cannot_be_true_is_estimated(wired: WireServer, ask: Asking) -> None:
    body = (
        '{"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [{"index":'
        ' 0, "finish_reason": "stop", "message": {"role": "assistant", "content":'
        ' "{\\"score\\": 0.5}"}}], "usage": {"prompt_tokens": 100000000000000000000,'
        ' "completion_tokens": 5, "total_tokens": 100000000000000000005, "odd": "a\\u0000b"}}'
    )
    wired.script(behaviours.Behaviour("odd", body=body))
    ask(model("openai"), ordinal=0)
    [call] = LLMCall.objects.all()
    assert (call.state, call.cost_source) == (CallState.SETTLED, "estimated")
    assert 0 < (call.cost_nusd or 0) <= call.held_nusd
    assert_books_agree()
