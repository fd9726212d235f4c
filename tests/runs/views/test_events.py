from typing import Any

import pytest

from runs.models import RunStatus
from tests import factories
from tests.audience import check_page
from tests.conftest import World


def ask(world: World, url: str, after: str = "0") -> Any:
    return world.client(world.viewer).get(url, {"after": after}).json()


def test_members_only(world: World) -> None:
    check_page(world, f"/runs/{factories.completed_run(world.project).pk}/events")


def test_gives_what_came_after(world: World) -> None:
    run = factories.completed_run(world.project)
    url = f"/runs/{run.pk}/events"
    everything = ask(world, url)
    assert [event["seq"] for event in everything["events"]] == [1, 2, 3, 4, 5, 6]
    assert everything["events"][0]["node"] == "extract"
    assert [event["seq"] for event in ask(world, url, "4")["events"]] == [5, 6]
    assert ask(world, url, "6")["events"] == []


@pytest.mark.parametrize(
    ("status", "working"),
    [(RunStatus.QUEUED, True), (RunStatus.RUNNING, True)]
    + [(status, False) for status in RunStatus if status not in {"queued", "running"}],
)
def test_says_whether_more_can_come(world: World, status: RunStatus, working: bool) -> None:
    run = factories.run(world.project, status=status)
    news = ask(world, f"/runs/{run.pk}/events")
    assert (news["status"], news["working"]) == (status.value, working)


@pytest.mark.parametrize("after", ["", "x", "-1", "²", "9" * 30, "1.5"])
def test_a_number_that_is_none_asks_for_everything(world: World, after: str) -> None:
    run = factories.completed_run(world.project)
    assert len(ask(world, f"/runs/{run.pk}/events", after)["events"]) == 6
