"""The page of a run follows it without being loaded again."""

import pytest
from pytest_django.live_server_helper import LiveServer

from runs.models import EventKind, RunStatus
from runs.records import append_event, transition
from tests import factories
from tests.browser.chromium import Page
from tests.conftest import World

STEP = "document.querySelector('.step-{state}')?.textContent.includes('{text}')"


@pytest.mark.django_db(transaction=True)
def test_follows_a_run_to_its_end(live_server: LiveServer, signed_in: Page, world: World) -> None:
    run = factories.run(world.project)
    append_event(run.pk, EventKind.STATUS, "Queued.")
    signed_in.open(f"{live_server.url}/runs/{run.pk}/")
    signed_in.evaluate("window.loadedOnce = true")

    transition(run.pk, RunStatus.QUEUED, RunStatus.RUNNING, "Started.")
    append_event(run.pk, EventKind.NODE_STARTED, "Extract began.", node="extract")
    signed_in.until(STEP.format(state="running", text="Extract"))

    append_event(run.pk, EventKind.NODE_FINISHED, "Extracted 7 requirements.", node="extract")
    signed_in.until(STEP.format(state="done", text="Extracted 7 requirements."))
    said = "document.getElementById('run-said').textContent.includes('Extracted 7')"
    signed_in.until(said)

    transition(
        run.pk,
        RunStatus.RUNNING,
        RunStatus.COMPLETED,
        "Completed.",
        gate_passed=False,
        reason="0.70 is below 0.80.",
    )
    signed_in.until("document.getElementById('run-lede').textContent.includes('Gate missed')")
    signed_in.until("document.body.textContent.includes('0.70 is below 0.80.')")
    signed_in.until("!document.querySelector('[action$=\"/cancel\"]')")
    assert signed_in.evaluate("window.loadedOnce")


@pytest.mark.django_db(transaction=True)
def test_stops_asking_when_the_run_has_ended(
    live_server: LiveServer, signed_in: Page, world: World
) -> None:
    run = factories.run(world.project)
    append_event(run.pk, EventKind.STATUS, "Queued.")
    signed_in.open(f"{live_server.url}/runs/{run.pk}/")
    transition(run.pk, RunStatus.QUEUED, RunStatus.CANCELLED, "Cancelled by the operator.")
    signed_in.until("document.getElementById('run-lede').textContent.includes('Cancelled')")
    asked = "performance.getEntriesByType('resource').filter((e) => /events/.test(e.name)).length"
    signed_in.evaluate("new Promise((done) => setTimeout(done, 2500))")
    before = signed_in.evaluate(asked)
    signed_in.evaluate("new Promise((done) => setTimeout(done, 2500))")
    assert signed_in.evaluate(asked) == before
