"""Spreadsheets through the API."""

from typing import Any

import pytest

from reqplatform.teams.models import Membership
from runs.actions.exports_writing import write_export
from runs.models import Run, StoredExport
from tests import factories
from tests.api.conftest import Caller, problem
from tests.conftest import World
from tests.runs.sheets.reading import read


@pytest.fixture
def run(world: World) -> Run:
    return factories.completed_run(world.project, requirements=3)


@pytest.mark.parametrize("extension", ["csv", "xlsx", "ods"])
def test_a_list_as_a_file(viewer: Caller, run: Run, extension: str) -> None:
    answer = viewer.get("/projects/survey/sheets/requirements", format=extension, run=str(run.pk))
    assert answer.status_code == 200
    assert answer["Content-Disposition"].endswith(f'.{extension}"')
    assert answer["Cache-Control"] == "private, no-store"
    rows = read(answer.content, extension)
    assert [row[0] for row in rows] == ["identifier", *(f"NAV-PERF-00{n}" for n in (1, 2, 3))]


def test_what_makes_no_sense_is_a_problem(viewer: Caller, run: Run) -> None:
    for name, query in (
        ("requirements", {"severity": "major"}),
        ("requirements", {"iteration": "x"}),
        ("runs", {"format": "pdf"}),
        ("people", {}),
    ):
        answer = viewer.get(f"/projects/survey/sheets/{name}", **query)
        assert answer.status_code == 422, (name, answer.content)
    theirs = {"run": "00000000-0000-0000-0000-000000000000"}
    problem(viewer.get("/projects/survey/sheets/calls", **theirs), 404, "not_found")


def test_many_rows_are_stored_polled_and_fetched(
    viewer: Caller, owner: Caller, world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.sheets.listings.AT_ONCE", 2)
    query: dict[str, Any] = {"run": str(run.pk)}
    problem(viewer.get("/projects/survey/sheets/requirements", **query), 409, "too_many_rows")
    body = {"list": "requirements", "format": "csv", "filter": query}
    problem(viewer.post("/projects/survey/exports", body | {"format": "ods"}), 409, "too_many_rows")
    asked = viewer.post("/projects/survey/exports", body)
    assert asked.status_code == 201
    made = asked.json()
    assert (made["state"], made["url"]) == ("queued", None)
    problem(viewer.get(f"/exports/{made['id']}/file"), 409, "conflict")
    write_export(StoredExport.objects.get().pk)
    ready = viewer.get(f"/exports/{made['id']}").json()
    assert (ready["state"], ready["rows_total"], ready["rows_written"]) == ("ready", 3, 3)
    file: Any = viewer.client.get(ready["url"], headers=viewer.headers)
    content = b"".join(file.streaming_content)
    assert len(content) == ready["size"] == int(file["Content-Length"])
    assert len(read(content, "csv")) == 4
    problem(owner.get(f"/exports/{made['id']}"), 404, "not_found")  # an owner of the project
    assert owner.get("/projects/survey/exports").json()["items"] == []
    assert len(viewer.get("/projects/survey/exports").json()["items"]) == 1
    Membership.objects.filter(user=world.viewer).delete()
    problem(viewer.get(f"/exports/{made['id']}/file"), 404, "not_found")


def test_a_body_with_an_unknown_filter_is_a_problem(viewer: Caller, run: Run) -> None:
    for asked in ({"nonsense": "1"}, {"severity": "major"}):
        body = {"list": "runs", "format": "csv", "filter": asked}
        assert viewer.post("/projects/survey/exports", body).status_code == 422
    assert not StoredExport.objects.exists()


def test_an_export_is_cancelled_by_its_owner(viewer: Caller, owner: Caller, run: Run) -> None:
    made = viewer.post("/projects/survey/exports", {"list": "runs"}).json()
    path = f"/exports/{made['id']}"
    problem(owner.post(f"{path}/cancel"), 404, "not_found")
    answer = viewer.post(f"{path}/cancel")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert not write_export(StoredExport.objects.get().pk)
    problem(viewer.post(f"{path}/cancel"), 409, "conflict")
    problem(viewer.get(f"{path}/file"), 409, "conflict")
    assert viewer.get(path).json()["state"] == "cancelled"
