"""Campaigns over the API: start, estimate, watch, stop, resume, and the consolidated result."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from observability.models import BudgetWindow, Scope
from runs.models import Campaign, Revision, Run, RunStatus
from tests import factories
from tests.api.conftest import Caller, problem
from tests.conftest import World
from tests.runs.estimated import DOLLAR, give_document, priced

pytestmark = pytest.mark.django_db

CAMPAIGNS = "/projects/survey/campaigns"


@pytest.fixture
def revision(world: World, methods: None) -> Revision:
    revision = factories.revision(world.project)
    give_document(revision)
    for code, name in (("NAV", "Navigation"), ("PWR", "Power"), ("RAD", "Radio")):
        factories.subsystem(world.project, code, name)
    return revision


def body(revision: Revision, **more: Any) -> dict[str, Any]:
    return {"revision": str(revision.pk), **more}


def test_it_starts_a_run_for_every_subsystem(editor: Caller, revision: Revision) -> None:
    answer = editor.post(CAMPAIGNS, body(revision, name="Sea trial", max_iterations=2))
    assert answer.status_code == 201
    shown = answer.json()
    assert answer["Location"] == f"/api/v1/campaigns/{shown['id']}"
    assert [run["subsystem"] for run in shown["items"]] == ["NAV", "PWR", "RAD"]
    assert (shown["state"], shown["runs"], shown["working"]) == ("working", 3, 3)
    assert editor.get(f"/runs/{shown['items'][0]['id']}").json()["campaign"] == shown["id"]
    assert editor.get(f"/campaigns/{shown['id']}").json() == shown


def test_some_subsystems_by_code_or_id(editor: Caller, world: World, revision: Revision) -> None:
    radio = factories.subsystem(world.project, "RAD")
    answer = editor.post(CAMPAIGNS, body(revision, subsystems=["nav", radio.pk]))
    assert [run["subsystem"] for run in answer.json()["items"]] == ["NAV", "RAD"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"subsystems": ["XYZ"]}, "unknown_subsystem"),
        ({"subsystems": []}, "invalid_input"),
        ({"group": "Tuesday", "limit": "1"}, "invalid_input"),
    ],
)
def test_what_cannot_be_started(
    owner: Caller, revision: Revision, more: dict[str, Any], code: str
) -> None:
    problem(owner.post(CAMPAIGNS, body(revision, **more)), 422, code)
    assert not Campaign.objects.exists()


def test_a_limit_is_for_owners(owner: Caller, editor: Caller, revision: Revision) -> None:
    problem(editor.post(CAMPAIGNS, body(revision, limit="2.5")), 403, "not_allowed")
    shown = owner.post(CAMPAIGNS, body(revision, limit="2.5")).json()
    window = BudgetWindow.objects.get(budget__scope=Scope.GROUP)
    assert (window.key, window.max_nusd) == (shown["group"], 5 * DOLLAR // 2)
    assert (shown["budget"]["stop"], shown["budget"]["set_alone"]) == ("2.500000000", True)


def test_the_estimate_adds_up_and_says_what_does_not_fit(
    owner: Caller, world: World, revision: Revision
) -> None:
    sent = body(revision, model=priced().key)
    answer = owner.post("/projects/survey/campaign-estimates", sent).json()
    shares = sum(float(share) for share in answer["shares"].values())
    assert float(answer["total"]["routes"][0]["expected"]) == pytest.approx(shares)
    assert shares > 0
    assert answer["misfit"] is None
    tight = owner.post("/projects/survey/campaign-estimates", {**sent, "limit": "0.001"}).json()
    assert tight["misfit"].startswith("The campaign ")
    problem(owner.post(CAMPAIGNS, {**sent, "limit": "0.001"}), 409, "too_expensive")
    assert not Campaign.objects.exists()


def test_stop_and_go_on(editor: Caller, revision: Revision) -> None:
    own = f"/campaigns/{editor.post(CAMPAIGNS, body(revision)).json()['id']}"
    assert editor.post(f"{own}/cancel", {}).json()["stopped"] == 3
    problem(editor.post(f"{own}/cancel", {}), 409, "conflict")
    assert editor.post(f"{own}/resume", {}).json()["working"] == 3


@pytest.fixture
def found(world: World) -> Campaign:
    done = factories.completed_run(world.project)
    campaign = factories.campaign(world.project, done.revision)
    Run.objects.filter(pk=done.pk).update(campaign=campaign)
    return campaign


def test_coverage_with_its_gaps(viewer: Caller, found: Campaign) -> None:
    own = f"/campaigns/{found.pk}"
    every = viewer.get(f"{own}/coverage").json()["items"]
    assert [(row["key"], row["subsystems"]) for row in every] == [
        ("SYS-001", ["NAV"]), ("SYS-002", ["NAV"]), ("SYS-003", []),
    ]  # fmt: skip
    gaps = viewer.get(f"{own}/coverage", taken="false").json()["items"]
    assert [row["key"] for row in gaps] == ["SYS-003"]
    first = viewer.get(f"{own}/coverage", limit=2).json()
    rest = viewer.get(f"{own}/coverage", limit=2, cursor=first["next"]).json()
    assert [row["key"] for row in rest["items"]] == ["SYS-003"]
    shown = viewer.get(own).json()
    assert shown["coverage"] == {"sources": 3, "none": 1, "one": 2, "several": 0, "judged": 1}
    assert shown["requirements"][""]["PERF"] == 2


def test_files(viewer: Caller, world: World, found: Campaign) -> None:
    own = f"/campaigns/{found.pk}"
    listed = viewer.get(f"{own}/files").json()
    for file in listed["items"]:
        answer = viewer.client.get(file["url"], headers=viewer.headers)
        assert answer.status_code == 200
        assert answer.content
    assert viewer.get(f"{own}/archive")["Content-Type"] == "application/zip"
    problem(viewer.get(f"{own}/files/x.md"), 404, "unknown_file")
    none = factories.campaign(world.project)
    factories.run(world.project, campaign=none)
    for part in ("files", "files/coverage.csv", "archive"):
        problem(viewer.get(f"/campaigns/{none.pk}/{part}"), 409, "not_completed")


def test_lists_ask_as_often_for_many_as_for_few(
    viewer: Caller, world: World, found: Campaign
) -> None:
    pages = (CAMPAIGNS, f"/campaigns/{found.pk}", f"/campaigns/{found.pk}/coverage")
    few = [queries(viewer, page) for page in pages]
    for number in range(6):
        other = factories.subsystem(world.project, f"S{number}X", f"Subsystem {number}")
        factories.run(world.project, campaign=found, subsystem=other, status=RunStatus.FAILED)
        factories.run(world.project, campaign=factories.campaign(world.project))
    assert [queries(viewer, page) for page in pages] == few
    assert max(few) <= 20


def queries(caller: Caller, page: str) -> int:
    caller.get(page)
    with CaptureQueriesContext(connection) as asked:
        assert caller.get(page).status_code == 200
    return len(asked)
