from collections.abc import Callable
from typing import Any

import pytest

from runs.models import RequirementVersion, Run, RunStatus, SourceRequirement
from tests import factories
from tests.api.conftest import Caller, problem
from tests.conftest import World


@pytest.fixture
def run(world: World) -> Run:
    return factories.completed_run(world.project)


def test_requirements_name_their_parents(viewer: Caller, run: Run) -> None:
    items = viewer.get(f"/runs/{run.pk}/requirements").json()["items"]
    assert [item["identifier"] for item in items] == ["NAV-PERF-001", "NAV-PERF-002"]
    first = items[0]
    assert first["text"] == "The Navigation shall report position 1 within 250 ms."
    assert first["acceptance_criteria"] == ["In a test of 100 reports, each arrives within 250 ms."]
    assert (first["type"], first["verification_method"]) == ("PERF", "test")
    assert (first["status"], first["score"], first["pattern"]) == ("accepted", 0.9, "direct")
    assert [parent["key"] for parent in first["parents"]] == ["SYS-001"]


def test_links_have_both_texts_and_a_rationale(viewer: Caller, run: Run) -> None:
    items = viewer.get(f"/runs/{run.pk}/links").json()["items"]
    assert [(item["parent"]["key"], item["child"]) for item in items] == [
        ("SYS-001", "NAV-PERF-001"),
        ("SYS-002", "NAV-PERF-002"),
    ]
    assert all(
        item[name]
        for item in items
        for name in ("parent_text", "child_text", "relationship", "rationale")
    )


def test_issues(viewer: Caller, run: Run) -> None:
    (item,) = viewer.get(f"/runs/{run.pk}/issues").json()["items"]
    assert (item["child"], item["parent"]) == ("NAV-PERF-001", None)
    assert (item["rule"], item["dimension"], item["severity"]) == ("vague-term", "clarity", "major")
    text = viewer.get(f"/runs/{run.pk}/requirements").json()["items"][0]["text"]
    assert text[item["start"] : item["end"]] == item["quote"]
    assert len(viewer.get(f"/runs/{run.pk}/issues", severity="major").json()["items"]) == 1
    assert viewer.get(f"/runs/{run.pk}/issues", severity="critical").json()["items"] == []
    problem(viewer.get(f"/runs/{run.pk}/issues", severity="dreadful"), 422, "invalid_input")


def test_quality(viewer: Caller, run: Run) -> None:
    (item,) = viewer.get(f"/runs/{run.pk}/quality").json()["items"]
    assert item["overall"] == 0.91
    assert item["validation_passed"] is True
    assert (item["threshold"], item["iteration_count"]) == ("0.800", 1)
    assert item["findings_by_rule"] == {"vague-term": 1}


def test_allocations_explain_every_source_requirement(viewer: Caller, run: Run) -> None:
    path = f"/runs/{run.pk}/allocations"
    items = viewer.get(path).json()["items"]
    assert [(item["source"]["key"], item["allocated"]) for item in items] == [
        ("SYS-001", True),
        ("SYS-002", True),
        ("SYS-003", False),
    ]
    assert all(item["rule"] and item["rationale"] for item in items)
    assert [
        item["source"]["key"] for item in viewer.get(path, allocated="false").json()["items"]
    ] == ["SYS-003"]
    problem(viewer.get(path, allocated="perhaps"), 422, "invalid_input")


def test_the_last_iteration_is_shown_unless_another_is_asked_for(viewer: Caller, run: Run) -> None:
    version = run.requirement_versions.order_by("ordinal").first()
    assert version is not None
    RequirementVersion.objects.create(
        requirement=version.requirement, run=run, iteration=2, ordinal=1, type="PERF",
        text="Said anew.", rationale="Feedback.", verification_method="test", pattern="direct",
    )  # fmt: skip
    path = f"/runs/{run.pk}/requirements"
    assert [item["text"] for item in viewer.get(path).json()["items"]] == ["Said anew."]
    assert len(viewer.get(path, iteration=1).json()["items"]) == 2
    assert viewer.get(path, iteration=3).json()["items"] == []
    assert viewer.get(f"/runs/{run.pk}/links").json()["items"] == []
    assert len(viewer.get(f"/runs/{run.pk}/links", iteration=1).json()["items"]) == 2
    assert len(viewer.get(f"/runs/{run.pk}/issues", iteration=1).json()["items"]) == 1
    for wrong in (0, 32_768, "x"):
        problem(viewer.get(path, iteration=wrong), 422, "invalid_input")


def test_a_queued_run_has_empty_results(viewer: Caller, world: World) -> None:
    run = factories.run(world.project)
    for part in ("requirements", "links", "issues", "quality", "allocations"):
        answer = viewer.get(f"/runs/{run.pk}/{part}")
        assert (answer.status_code, answer.json()["items"]) == (200, [])


@pytest.mark.parametrize("requirements", [2, 40])
def test_queries(
    viewer: Caller,
    world: World,
    requirements: int,
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    run = factories.completed_run(world.project, requirements=requirements)
    viewer.get("/projects")
    for part, queries in {
        "requirements": 5,  # token, run, last iteration, the list, its parents
        "links": 4,
        "issues": 4,
        "quality": 3,
        "allocations": 3,
    }.items():
        with django_assert_num_queries(queries):
            assert viewer.get(f"/runs/{run.pk}/{part}", limit=200).json()["items"]


def test_files(viewer: Caller, run: Run) -> None:
    listed = viewer.get(f"/runs/{run.pk}/files").json()
    names = {item["name"] for item in listed["items"]}
    assert names >= {"requirements.md", "traceability.csv", "results.json", "README.txt"}
    for item in listed["items"]:
        response = viewer.get(item["url"].removeprefix("/api/v1"))
        assert response.status_code == 200
        assert response["Content-Type"] == item["media_type"]
        assert response["Content-Disposition"] == f'attachment; filename="{item["name"]}"'
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response.content
    archive = viewer.get(listed["archive"].removeprefix("/api/v1"))
    assert archive["Content-Type"] == "application/zip"
    assert archive.content.startswith(b"PK")


@pytest.mark.parametrize("name", ["nothing.md", "..", "%2e%2e%2fsettings.py", "requirements.md%00"])
def test_a_file_that_is_not_there(viewer: Caller, run: Run, name: str) -> None:
    response = viewer.get(f"/runs/{run.pk}/files/{name}")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("status", [each for each in RunStatus if each != RunStatus.COMPLETED])
def test_files_are_for_completed_runs(viewer: Caller, world: World, status: RunStatus) -> None:
    run = factories.run(world.project, status=status)
    for part in ("files", "files/requirements.md", "archive"):
        problem(viewer.get(f"/runs/{run.pk}/{part}"), 409, "not_completed")


def test_proofs_say_who_carries_what(viewer: Caller, run: Run) -> None:
    SourceRequirement.objects.filter(ordinal=2).update(text="The unit shall sound the horn.")
    first, second = viewer.get(f"/runs/{run.pk}/proofs").json()["items"]
    assert first["source"]["key"] == "SYS-001"
    assert first["holds"]
    assert {line["kind"] for line in first["lines"]} == {"actor", "object", "quantity"}
    assert first["lines"][-1]["children"] == ["NAV-PERF-001"]
    lost = {line["text"] for line in second["lines"] if not line["children"]}
    assert (second["holds"], lost) == (False, {"sound the horn"})
    earlier = viewer.get(f"/runs/{run.pk}/proofs", iteration=7).json()["items"]
    assert not any(line["children"] for item in earlier for line in item["lines"])
