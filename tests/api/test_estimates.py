"""What a run would cost, and what was expected of one that was started."""

from decimal import Decimal
from typing import Any

import pytest

from observability.models import ModelProfile, Node, Route, Scope
from reqplatform.teams.models import Project
from runs.models import Revision, Run
from tests import factories
from tests.api.conftest import Caller, problem
from tests.conftest import World
from tests.runs.estimated import give_document, limit, priced

RUNS = "/projects/survey/runs"
PATH = "/projects/survey/estimates"


@pytest.fixture
def body(world: World, methods: None) -> dict[str, Any]:
    """The least that starts a run, of a revision with a document."""
    factories.subsystem(world.project)
    revision = factories.revision(world.project)
    give_document(revision)
    return {"revision": str(revision.pk), "subsystem": "NAV"}


@pytest.fixture
def writer(world: World) -> ModelProfile:
    writer = priced("Writer")
    for node in Node:
        Route.objects.create(project=world.project, node=node, profile=writer)
    return writer


def test_an_estimate_starts_nothing(
    editor: Caller, body: dict[str, Any], writer: ModelProfile
) -> None:
    answer = editor.post(PATH, body | {"max_iterations": 2, "group": "Trial"})
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert found["source"] == "Heuristic (±30%)"
    assert (found["max_iterations"], found["sources_known"]) == (2, False)
    assert 1 < found["iterations"] < 2
    paid, free = found["routes"]
    assert (paid["models"], paid["fits"]) == ([writer.key], True)
    assert 0 < Decimal(paid["expected"]) < Decimal(paid["worst"]) <= 5
    assert len(paid["expected"].partition(".")[2]) == 9
    assert sum(Decimal(node["expected"]) for node in paid["nodes"]) == Decimal(paid["expected"])
    assert (free["models"], free["expected"], free["nodes"]) == (
        ["embedded/analyst-1"], "0.000000000", [],
    )  # fmt: skip
    assert [(one["scope"], one["left"], one["max"]) for one in found["budgets"]] == [
        ("run", "5.000000000", "5.000000000"),
        *((scope, None, None) for scope in ("group", "day", "month", "total")),
    ]
    assert found["budgets"][1]["label"] == "Group Trial"
    assert not Run.objects.exists()


def test_what_costs_nothing(editor: Caller, body: dict[str, Any]) -> None:
    (route,) = editor.post(PATH, body).json()["routes"]
    assert (route["expected"], route["worst"], route["fits"]) == (
        "0.000000000", "0.000000000", True,
    )  # fmt: skip


def test_a_run_shows_what_was_expected_of_it(
    editor: Caller, body: dict[str, Any], writer: ModelProfile
) -> None:
    expected = editor.post(PATH, body).json()["routes"][0]
    made = editor.post(RUNS, body).json()
    assert made["estimate"] == {
        "expected": expected["expected"],
        "worst": expected["worst"],
        "source": "Heuristic (±30%)",
    }
    assert made["models"] == [writer.key, "embedded/analyst-1"]
    assert made["group"] == ""
    assert editor.get(f"/runs/{made['id']}").json() == made


@pytest.mark.parametrize("name", ["openai_compatible/chosen", "Chosen", "CHOSEN"])
def test_a_run_with_a_chosen_model_and_a_group(
    editor: Caller, body: dict[str, Any], name: str
) -> None:
    chosen = priced("Chosen")
    made = editor.post(RUNS, body | {"model": name, "group": "Trial 7"}).json()
    assert made["models"][0] == chosen.key
    assert made["group"] == "Trial 7"
    assert editor.get(RUNS).json()["items"][0]["group"] == "Trial 7"


def test_a_model_that_several_servers_have_is_named(editor: Caller, body: dict[str, Any]) -> None:
    priced("Here", model="same")
    there = priced("There", model="same", base_url="http://127.0.0.1:8/v1")
    ask = body | {"model": "openai_compatible/same"}
    answer = problem(editor.post(RUNS, ask), 422, "unknown_model")
    assert "Here, There" in answer["detail"]
    assert editor.post(RUNS, body | {"model": "There"}).status_code == 201
    assert Run.objects.get().routes["extract"][0]["profile"] == there.pk


@pytest.mark.parametrize("path", [PATH, RUNS])
def test_models_that_cannot_be_asked(editor: Caller, body: dict[str, Any], path: str) -> None:
    priced("Off", enabled=False)
    priced("Unknown", input_price=None, output_price=None)
    for name, code in (("Off", "invalid_input"), ("Unknown", "no_price"), ("No", "unknown_model")):
        answer = problem(editor.post(path, body | {"model": name}), 422, code)
        assert [error["field"] for error in answer["errors"]] == ["model"]
    assert not Run.objects.exists()


def test_a_run_that_does_not_fit_is_a_conflict_with_its_reason(
    editor: Caller, body: dict[str, Any], writer: ModelProfile, world: World
) -> None:
    limit(world.project, Scope.DAY, 1_000)
    estimate = editor.post(PATH, body).json()
    assert [route["fits"] for route in estimate["routes"]] == [False, True]
    answer = problem(editor.post(RUNS, body), 409, "too_expensive")
    assert "Raise the limit under Budgets" in answer["detail"]
    assert not Run.objects.exists()
    Project.objects.filter(pk=world.project.pk).update(cheaper_route=True)
    made = editor.post(RUNS, body).json()
    assert made["models"] == ["embedded/analyst-1"]
    events = editor.get(f"/runs/{made['id']}/events").json()["items"]
    assert events[-1]["figures"]["instead_of"] == [writer.key]


def test_what_belongs_to_another_project_cannot_be_estimated(
    editor: Caller, body: dict[str, Any], world: World
) -> None:
    theirs = factories.revision(world.other_project)
    give_document(theirs)
    problem(editor.post(PATH, body | {"revision": str(theirs.pk)}), 422, "unknown_revision")
    problem(editor.post("/projects/other/estimates", body), 404, "not_found")


def test_those_who_may_not_start_get_no_estimate(
    viewer: Caller, body: dict[str, Any], writer: ModelProfile
) -> None:
    answer = problem(viewer.post(PATH, body), 403, "not_allowed")
    assert "writer" not in answer["detail"]


def test_without_methods_there_is_no_estimate(editor: Caller, world: World) -> None:
    revision: Revision = factories.revision(world.project)
    give_document(revision)
    factories.subsystem(world.project)
    Route.objects.create(project=world.project, node=Node.EXTRACT, profile=priced())
    body = {"revision": str(revision.pk), "subsystem": "NAV"}
    problem(editor.post(PATH, body), 409, "conflict")


def test_queries(
    editor: Caller, body: dict[str, Any], writer: ModelProfile, django_assert_max_num_queries: Any
) -> None:
    editor.get("/projects")
    with django_assert_max_num_queries(24):
        editor.post(PATH, body)
