from typing import Any

import pytest
from django.conf import LazySettings

from runs.models import EventKind, RunStatus
from runs.records import append_event
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


@pytest.mark.parametrize("shown", [True, False])
def test_what_is_about_costs_alone_is_hidden_with_them(
    world: World, settings: LazySettings, shown: bool
) -> None:
    settings.COST_TRACKING_ENABLED = shown
    run = factories.run(world.project)
    append_event(run.pk, EventKind.RECONCILED, "LangSmith has $1.00 more.")
    append_event(
        run.pk, EventKind.WARNING, "Started cheaper ($1.00).",
        figures={"happening": "cheaper_route"},
    )  # fmt: skip
    append_event(run.pk, EventKind.WARNING, "Waits.")
    told = [event["message"] for event in ask(world, f"/runs/{run.pk}/events")["events"]]
    assert told == (["LangSmith has $1.00 more.", "Started cheaper ($1.00)."] * shown) + ["Waits."]
    assert ("$1.00" in world.client(world.viewer).get(f"/runs/{run.pk}/").text) is shown


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(world: World) -> None:
    url = f"/runs/{factories.run(world.project).pk}/"
    answer = world.client(None).get(
        url, headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{url}?a=1"}
    )
    assert answer.status_code == 200
    assert answer.content == b""
    assert answer.headers["HX-Redirect"].endswith(f"?next={url}%3Fa%3D1")
