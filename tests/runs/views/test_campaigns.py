"""The pages of campaigns: list, start, watch, act, and the consolidated result with its files."""

import csv
import io
import zipfile
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from observability.models import BudgetWindow, Scope
from runs.models import (
    Allocation,
    Campaign,
    EventKind,
    Requirement,
    RequirementVersion,
    Run,
    RunStatus,
    Subsystem,
    TraceLink,
)
from runs.records import append_event
from skills.loading import load_library
from tests import factories
from tests.audience import check_mutation, check_page
from tests.conftest import World
from tests.runs.estimated import DOLLAR, give_document, limit, priced

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(world: World) -> Campaign:
    """Navigation has completed with two of three source requirements, Power with one of them;
    Radio failed."""
    done = factories.completed_run(world.project)
    campaign = factories.campaign(world.project, done.revision, name="Sea trial")
    Run.objects.filter(pk=done.pk).update(campaign=campaign, group=campaign.group)
    power = beside(campaign, "PWR", "Power", status=RunStatus.COMPLETED, extraction=done.extraction)
    assert done.extraction is not None
    first, *_, last = done.extraction.requirements.order_by("ordinal")
    for source in (first, last):
        Allocation.objects.create(
            run=power, source=source, allocated=source == first, rule="named", rationale="So."
        )
    identity = Requirement.objects.create(
        project=world.project, subsystem=power.subsystem, identifier="PWR-FUNC-001", type="FUNC",
        derivation="power",
    )  # fmt: skip
    child = RequirementVersion.objects.create(
        requirement=identity, run=power, iteration=1, ordinal=1, type="FUNC", status="proposed",
        text="=SUM(1) is what Power shall never compute.", rationale="Derived.",
        verification_method="test", pattern="direct",
    )  # fmt: skip
    TraceLink.objects.create(parent=first, child=child, relationship="derives")
    beside(campaign, "RAD", "Radio", status=RunStatus.FAILED, reason="Its model is away.")
    return campaign


def beside(campaign: Campaign, code: str, name: str, **values: Any) -> Run:
    """Another run of the campaign."""
    return factories.run(
        campaign.project, campaign=campaign, group=campaign.group, revision=campaign.revision,
        subsystem=factories.subsystem(campaign.project, code, name), **values,
    )  # fmt: skip


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_who_may_open_what(world: World, found: Campaign) -> None:
    check_page(world, "/projects/survey/campaigns/")
    check_page(world, "/projects/survey/campaigns/new", least="editor")
    page = f"/campaigns/{found.pk}/"
    for name in ("", "events", "files/requirements.csv", f"files/campaign-{found.short_id}.zip"):
        check_page(world, page + name)
    for name in ("cancel", "resume"):
        check_mutation(world, page + name, least="editor")


def test_the_page_shows_every_run_and_why_it_stands_there(world: World, found: Campaign) -> None:
    text = text_of(world.client(world.viewer).get(f"/campaigns/{found.pk}/"))
    for words in (
        "Sea trial", "2 of 3 completed, 1 not completed", "Ended, not all completed",
        "Its model is away.", "Navigation", "Power", "Radio", "Reading the specification, once",
    ):  # fmt: skip
        assert words in text
    assert "Resume 1 run" not in text  # a viewer may not
    assert "Resume 1 run" in text_of(world.client(world.editor).get(f"/campaigns/{found.pk}/"))


def test_what_nobody_takes_stands_first(world: World, found: Campaign) -> None:
    answer = world.client(world.viewer).get(f"/campaigns/{found.pk}/")
    rows = [(source.key, source.owners) for source in answer.context["page"]]
    assert rows == [("SYS-003", 0), ("SYS-001", 2), ("SYS-002", 1)]
    coverage = answer.context["coverage"]
    assert (coverage.none, coverage.one, coverage.several, coverage.judged) == (1, 1, 1, 2)
    text = text_of(answer)
    assert "1 source requirement no subsystem takes." in text
    assert "2 of 3 runs have decided so far" in text


def test_totals_are_those_of_completed_runs(world: World, found: Campaign) -> None:
    answer = world.client(world.viewer).get(f"/campaigns/{found.pk}/")
    assert answer.context["total"] == {"FUNC": 1, "PERF": 2, "CONS": 0, "INTF": 0}


def test_the_page_asks_as_often_for_many_runs_as_for_few(world: World, found: Campaign) -> None:
    client = world.client(world.owner)
    page = f"/campaigns/{found.pk}/"
    client.get(page)
    with CaptureQueriesContext(connection) as few:
        client.get(page)
    for number in range(8):
        beside(found, f"S{number}X", f"Subsystem {number}", status=RunStatus.FAILED, reason="No.")
    with CaptureQueriesContext(connection) as many:
        client.get(page)
    assert len(many) == len(few) <= 24


def test_the_list_asks_as_often_for_many_as_for_few(world: World, found: Campaign) -> None:
    client = world.client(world.viewer)
    client.get("/projects/survey/campaigns/")
    with CaptureQueriesContext(connection) as few:
        assert "Sea trial" in text_of(client.get("/projects/survey/campaigns/"))
    for number in range(8):
        other = factories.campaign(world.project, found.revision, name=f"Trial {number}")
        factories.run(world.project, campaign=other)
    with CaptureQueriesContext(connection) as many:
        client.get("/projects/survey/campaigns/")
    assert len(many) == len(few) <= 12


def test_a_page_is_followed_by_the_number_of_events(world: World, found: Campaign) -> None:
    client = world.client(world.viewer)
    run = beside(found, "ANT", "Antenna")
    append_event(run.pk, EventKind.STATUS, "Queued.")
    page = client.get(f"/campaigns/{found.pk}/")
    seen = page.context["seen"]
    assert f'data-after="{seen}"' in text_of(page)
    quiet = client.get(f"/campaigns/{found.pk}/events?after={seen}").json()
    assert (quiet["events"], quiet["working"]) == ([], True)
    append_event(run.pk, EventKind.STATUS, "Running.")
    news = client.get(f"/campaigns/{found.pk}/events?after={seen}").json()
    assert [event["seq"] for event in news["events"]] == [seen + 1]
    assert "2 of 4 completed" in news["events"][0]["message"]


# Its files


def table(client: Any, campaign: Campaign, name: str) -> list[list[str]]:
    answer = client.get(f"/campaigns/{campaign.pk}/files/{name}")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return list(csv.reader(io.StringIO(answer.content.decode())))


def test_the_tables_are_over_all_subsystems(world: World, found: Campaign) -> None:
    client = world.client(world.viewer)
    requirements = table(client, found, "requirements.csv")
    assert [row[:2] for row in requirements[1:]] == [
        ["NAV", "NAV-PERF-001"], ["NAV", "NAV-PERF-002"], ["PWR", "PWR-FUNC-001"],
    ]  # fmt: skip
    assert requirements[3][3].startswith("'=SUM(1)")  # no spreadsheet computes it
    assert requirements[3][9] == "SYS-001"
    coverage = table(client, found, "coverage.csv")
    assert coverage[0][5:] == ["Owners", "NAV", "PWR", "RAD"]
    assert [[row[0], *row[5:]] for row in coverage[1:]] == [
        ["SYS-003", "0", "", "", ""], ["SYS-001", "2", "x", "x", ""], ["SYS-002", "1", "x", "", ""],
    ]  # fmt: skip
    links = table(client, found, "traceability.csv")
    assert ["SYS-001", "PWR-FUNC-001", "PWR"] in [row[:3] for row in links]


def test_the_archive_has_a_folder_for_each_completed_run(world: World, found: Campaign) -> None:
    name = f"campaign-{found.short_id}"
    answer = world.client(world.viewer).get(f"/campaigns/{found.pk}/files/{name}.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = set(archive.namelist())
        readme = archive.read(f"{name}/README.txt").decode()
    for file in ("coverage.csv", "NAV/results.json", "PWR/README.txt"):
        assert f"{name}/{file}" in names
    assert not any("/RAD/" in file for file in names)
    for words in ("2 of 3 completed", "1 taken by no subsystem", "Its model is away."):
        assert words in readme


def test_there_are_no_files_before_a_run_has_completed(world: World) -> None:
    campaign = factories.campaign(world.project)
    beside(campaign, "NAV", "Navigation")
    client = world.client(world.viewer)
    assert client.get(f"/campaigns/{campaign.pk}/files/requirements.csv").status_code == 409
    assert client.get(f"/campaigns/{campaign.pk}/").status_code == 200


def test_another_name_is_no_file(world: World, found: Campaign) -> None:
    assert world.client(world.viewer).get(f"/campaigns/{found.pk}/files/x.md").status_code == 404


# Starting and stopping one


@pytest.fixture
def ready(world: World) -> dict[str, Any]:
    """What a browser sends of the form as it comes, for two subsystems."""
    load_library()
    revision = factories.revision(world.project)
    give_document(revision)
    chosen = [
        factories.subsystem(world.project, code, name).pk
        for code, name in (("NAV", "Navigation"), ("PWR", "Power"))
    ]
    return {
        "revision": str(revision.pk), "subsystems": chosen, "name": "", "quality_threshold": "0.8",
        "max_iterations": "3", "group": "", "limit": "",
    }  # fmt: skip


NEW = "/projects/survey/campaigns/new"


def test_it_is_started_for_what_was_chosen(world: World, ready: dict[str, Any]) -> None:
    answer = world.client(world.editor).post(NEW, {**ready, "name": "Sea trial"})
    campaign = Campaign.objects.get()
    assert answer.headers["Location"] == f"/campaigns/{campaign.pk}/"
    assert campaign.runs.count() == 2
    assert (campaign.name, campaign.started_by) == ("Sea trial", world.editor)


def test_the_form_begins_with_all_subsystems(world: World, ready: dict[str, Any]) -> None:
    text = text_of(world.client(world.editor).get(NEW))
    assert text.count(" checked>") == 2
    assert "$0.00." in text
    assert "Stop the campaign at" not in text  # for owners


def test_an_owner_gives_it_a_limit(world: World, ready: dict[str, Any]) -> None:
    world.client(world.owner).post(NEW, {**ready, "limit": "2.50"})
    campaign = Campaign.objects.get()
    window = BudgetWindow.objects.get(budget__scope=Scope.GROUP)
    assert (window.key, window.max_nusd) == (campaign.group, 5 * DOLLAR // 2)
    world.client(world.editor).post(NEW, {**ready, "limit": "9"})
    assert BudgetWindow.objects.filter(budget__scope=Scope.GROUP).count() == 1


def test_nothing_chosen_is_told(world: World, ready: dict[str, Any]) -> None:
    text = text_of(world.client(world.editor).post(NEW, {**ready, "subsystems": []}))
    assert "Choose at least one subsystem." in text
    assert not Campaign.objects.exists()


def test_a_subsystem_of_another_project_is_no_choice(world: World, ready: dict[str, Any]) -> None:
    other = factories.subsystem(world.other_project)
    world.client(world.editor).post(NEW, {**ready, "subsystems": [other.pk]})
    assert not Campaign.objects.exists()
    assert Subsystem.objects.count() == 3


def test_the_estimate_is_a_sum_and_says_what_does_not_fit(
    world: World, ready: dict[str, Any]
) -> None:
    model = priced()
    sent = {**ready, "model": model.pk, "estimate": "1"}
    client = world.client(world.owner)
    answer = client.post(NEW, sent, headers={"HX-Request": "true"})
    text = text_of(answer)
    assert "<html" not in text
    assert "with the extraction, which is done once" in text
    assert "each run&#x27;s own budget" in text
    text = text_of(client.post(NEW, {**sent, "limit": "0.001"}, headers={"HX-Request": "true"}))
    assert "The campaign is expected to cost" in text
    limit(world.project, Scope.RUN, 1_000)
    text = text_of(client.post(NEW, sent, headers={"HX-Request": "true"}))
    assert "The run for NAV Navigation is expected to cost" in text
    assert not Campaign.objects.exists()
    refused = text_of(client.post(NEW, {**ready, "model": model.pk}))
    assert "Nothing was started." in refused
    assert not Campaign.objects.exists()


def test_cancel_and_resume(world: World, ready: dict[str, Any]) -> None:
    client = world.client(world.editor)
    client.post(NEW, ready)
    campaign = Campaign.objects.get()
    page = text_of(client.post(f"/campaigns/{campaign.pk}/cancel", follow=True))
    assert "2 runs are cancelled." in page
    assert "nothing to stop" in text_of(
        client.post(f"/campaigns/{campaign.pk}/cancel", follow=True)
    )
    assert "2 runs are queued again." in text_of(
        client.post(f"/campaigns/{campaign.pk}/resume", follow=True)
    )


def test_a_run_tells_its_campaign_and_whom_it_waits_for(
    world: World, ready: dict[str, Any]
) -> None:
    client = world.client(world.editor)
    client.post(NEW, ready)
    first, second = Campaign.objects.get().runs.order_by("id")
    page = text_of(client.get(f"/runs/{second.pk}/"))
    assert f"Waits for run {first.short_id}, which reads the specification for all." in page
    assert f"/campaigns/{first.campaign_id}/" in page
    assert "Waiting for a worker." in text_of(client.get(f"/runs/{first.pk}/"))
