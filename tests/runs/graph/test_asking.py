"""Several requests at once: what one failure, or a person at the keyboard, does to the others."""

import os
import signal
import time
from typing import Any

import pytest

from observability.llm import attempt
from observability.models import CallState, LLMCall, ModelProfile
from reqplatform.teams.models import Project
from runs import passages
from runs.actions.execute import execute
from runs.console.interrupts import sigterm_interrupts
from runs.graph.nodes import extract
from runs.models import Run, RunStatus
from tests.observability.accounts import assert_books_agree
from tests.runs.conftest import Starter
from tests.runs.paid import answer_as_analyst, model, route
from tests.waiting import eventually
from tests.wire import WireServer, behaviours

pytest_plugins = ["tests.wire.fixtures"]
pytestmark = pytest.mark.django_db(transaction=True)

MANY = "1 Requirements\n\n" + "\n\n".join(
    f"SYS-{n:03d} The Navigation subsystem shall report the position of buoy {n} every {n} s."
    for n in range(1, 61)
)


@pytest.fixture
def begun(project: Project, wired: WireServer, begin: Starter) -> Run:
    """A run whose specification takes more requests than are asked at once."""
    answer_as_analyst(wired)
    route(project, model("openai", max_output_tokens=700))
    return begin(MANY)


def states() -> set[str]:
    return set(LLMCall.objects.filter(held_nusd__gt=0).values_list("state", flat=True))


def test_after_a_fatal_error_nothing_is_tried_again(
    begun: Run, wired: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "BACKOFF_SECONDS", 1.0)
    wired.default = behaviours.rate_limited()
    wired.script(*[behaviours.rate_limited()] * 3, behaviours.error(401))
    assert execute(begun.pk)
    begun.refresh_from_db()
    assert begun.status == RunStatus.FAILED
    assert "does not accept OPENAI_API_KEY" in begun.reason  # not what followed from it
    assert len(wired.requests) == 4
    assert_books_agree()


def test_what_is_under_way_when_the_node_fails_is_paid_and_nothing_else_is_begun(
    begun: Run, wired: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*args: Any) -> Any:
        raise LookupError("not a page")

    monkeypatch.setattr(extract, "locate", stumble)
    wired.default = behaviours.slow(0.3)
    assert execute(begun.pk)
    begun.refresh_from_db()
    assert begun.status == RunStatus.FAILED
    assert "LookupError: not a page" in begun.reason
    assert states() == {CallState.SETTLED}
    asked = len(wired.requests)
    assert asked <= 8
    time.sleep(0.5)
    assert len(wired.requests) == asked
    assert_books_agree()


def test_a_signal_hangs_up_wherever_it_finds_the_process(
    begun: Run, wired: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here in the node's own code, while other requests of it are being answered."""

    located: list[Any] = []

    def end(*args: Any) -> Any:
        located.append(args)
        if len(located) == 2:
            assert eventually(lambda: len(wired.requests) == 5)
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)
        return passages.locate(*args)

    monkeypatch.setattr(extract, "locate", end)
    wired.script(*[behaviours.normal()] * 4)
    wired.default = behaviours.slow(60)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), sigterm_interrupts():
        execute(begun.pk)
    assert time.monotonic() - began < 15
    begun.refresh_from_db()
    assert begun.status == RunStatus.CANCELLED
    assert states() == {CallState.SETTLED, CallState.UNCONFIRMED}
    assert_books_agree()


def test_a_run_knows_its_extraction_before_it_is_finished(begun: Run, wired: WireServer) -> None:
    """So that its pages tell what was paid for it."""
    wired.script(behaviours.normal(), behaviours.error(401))
    wired.default = behaviours.error(401)
    assert execute(begun.pk)
    begun.refresh_from_db()
    assert begun.status == RunStatus.FAILED
    assert begun.extraction_id == LLMCall.objects.first().extraction_id  # type: ignore[union-attr]


def test_a_resumed_run_asks_the_same_questions_whatever_became_of_the_model(
    begun: Run, wired: WireServer
) -> None:
    wired.script(*[behaviours.normal()] * 2, model="openai-1")
    wired.default = behaviours.error(401)
    assert execute(begun.pk)
    paid = set(
        LLMCall.objects.filter(state=CallState.SETTLED).values_list("request_key", flat=True)
    )
    assert paid
    ModelProfile.objects.filter(provider="openai").update(max_output_tokens=4_000)
    wired.default = behaviours.normal()
    from runs.actions.resume import resume_run

    begun.refresh_from_db()
    resume_run(None, begun, enqueue=False)
    assert execute(begun.pk)
    begun.refresh_from_db()
    assert begun.status in {RunStatus.COMPLETED, RunStatus.WAITING_REVIEW}, begun.reason
    asked = [call.request_key for call in LLMCall.objects.filter(held_nusd__gt=0)]
    for key in paid:
        assert asked.count(key) == 1
    assert_books_agree()
