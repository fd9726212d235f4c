"""A campaign among real workers: none waits while one reads, and a lost reader costs nothing more
than the call that was in flight."""

import os
import signal
from collections import Counter
from pathlib import Path

import pytest

from observability.models import CallState, LLMCall
from reqplatform.teams.models import Project
from runs.actions.campaigns import start_campaign
from runs.actions.specifications import add_revision
from runs.actions.start import RunOptions
from runs.models import Campaign, Extraction, RunStatus, Subsystem
from tests.faults.work import worker_of, working
from tests.observability.accounts import assert_books_agree
from tests.runs.conftest import CLEAR
from tests.runs.paid import answer_as_analyst, model, route, task_of
from tests.waiting import eventually
from tests.wire import WireServer, behaviours

pytest_plugins = ["tests.wire.fixtures"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign(project: Project, wired: WireServer) -> Campaign:
    """Waits for workers; its model takes a second for each answer."""
    answer_as_analyst(wired)
    route(project, model("openai"))
    wired.default = behaviours.slow(1.0)
    revision = add_revision(None, project, filename="spec.txt", content=CLEAR.encode())
    subsystems = list(Subsystem.objects.filter(project=project))
    return start_campaign(None, revision, subsystems, RunOptions(unattended=True))


def tasks(wired: WireServer) -> Counter[str]:
    return Counter(task_of(asked.messages) for asked in list(wired.requests))


def statuses(campaign: Campaign) -> list[str]:
    return list(campaign.runs.order_by("id").values_list("status", flat=True))


def test_a_killed_reader_is_taken_over_and_the_specification_is_read_once(
    campaign: Campaign, wired: WireServer, tmp_path: Path
) -> None:
    with working(wired, tmp_path, RUN_WORKERS="2"):
        assert eventually(lambda: tasks(wired)["extract"] == 1, 30)
        reader, other = campaign.runs.order_by("id")
        assert (other.status, other.worker) == (RunStatus.QUEUED, "")  # holds no worker
        os.kill(worker_of(reader.worker), signal.SIGKILL)
        done = [RunStatus.COMPLETED.value] * 2
        assert eventually(lambda: statuses(campaign) == done, 60), statuses(campaign)
    assert tasks(wired)["extract"] == 2
    assert LLMCall.objects.filter(state=CallState.UNCONFIRMED).count() == 1
    assert Extraction.objects.count() == 1
    assert_books_agree()
