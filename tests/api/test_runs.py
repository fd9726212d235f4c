import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django_q.models import OrmQ

from observability.models import Node, NodeCost
from runs.models import EventKind, PinnedSkill, Review, ReviewKind, Run, RunEvent, RunStatus
from tests import factories
from tests.api.conftest import Caller, problem
from tests.conftest import World

PATH = "/projects/survey/runs"
UNKNOWN = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
def body(world: World, methods: None) -> dict[str, Any]:
    """The least that starts a run."""
    factories.subsystem(world.project)
    return {"revision": str(factories.revision(world.project).pk), "subsystem": "NAV"}


def test_starting_a_run_wakes_a_worker(
    editor: Caller,
    body: dict[str, Any],
    world: World,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = editor.post(PATH, body)
    assert response.status_code == 201, response.content
    made = response.json()
    assert response["Location"] == f"/api/v1/runs/{made['id']}" == made["links"]["self"]
    assert (made["status"], made["gate_passed"], made["iteration"]) == ("queued", None, 0)
    assert (made["project"], made["subsystem"]) == ("survey", "NAV")
    assert made["started_by"] == "editor"
    assert (made["quality_threshold"], made["max_iterations"]) == ("0.800", 3)
    assert made["cost"]["amount"] == "0.000000000"
    assert (made["cost"]["currency"], made["cost"]["sources"]) == ("USD", [])
    assert (made["quality"], made["extraction_cost"], made["nodes"]) == (None, None, [])
    assert OrmQ.objects.count() == 1
    assert editor.get(f"/runs/{made['id']}").json() == made


def test_all_options(editor: Caller, body: dict[str, Any], world: World) -> None:
    subsystem = world.project.subsystems.get(code="NAV")
    options = {
        "subsystem": subsystem.pk,
        "quality_threshold": 0.95,
        "max_iterations": 10,
        "review_before_decompose": True,
        "unattended": True,
    }
    made = editor.post(PATH, body | options).json()
    assert {name: made[name] for name in options} == options | {
        "subsystem": "NAV",
        "quality_threshold": "0.950",
    }
    run = Run.objects.get(pk=made["id"])
    assert run.quality_threshold == Decimal("0.95")
    assert run.review_strategy
    assert run.unattended


@pytest.mark.parametrize("threshold", [0, 1, "0.8", 0.125, 1e-3, "0e-99999"])
def test_thresholds_at_the_edges(editor: Caller, body: dict[str, Any], threshold: Any) -> None:
    made = editor.post(PATH, body | {"quality_threshold": threshold}).json()
    assert Decimal(made["quality_threshold"]) == Decimal(str(threshold))


WRONG: dict[str, list[Any]] = {
    "quality_threshold": [
        *(-0.001, 1.001, 2, 10**400, 0.12345),
        *("x", "0,8", "NaN", "Infinity", "1e999999999"),
        *(True, [0.8], {}),
    ],
    "max_iterations": [0, 11, -1, 3.5, 10**40, "3", True, [3]],
    "subsystem": [
        *("NOPE", "", "N" * 11, "N\x00V", "９"),
        *(0, -1, 1.5, 10**40, 999_999),
        *(True, ["NAV"], None),
    ],
    "revision": ["x", "", "0" * 400, UNKNOWN, 7, None],
    "review_before_decompose": ["yes", 1, None],
    "unattended": ["true", 0],
    "model": ["openai/never-added", "x" * 201, "a\nb", 7, None, ["x/y"]],
    "group": ["<b>", " x", "x" * 65, "a\nb", 7, None],
    "iterations": [3],
}
BAD = [(field, value) for field, values in WRONG.items() for value in values]


@pytest.mark.parametrize(("field", "value"), BAD, ids=lambda value: str(value)[:20])
def test_bad_input_leaves_nothing(
    editor: Caller, body: dict[str, Any], field: str, value: Any
) -> None:
    response = editor.post(PATH, body | {field: value})
    assert response.status_code == 422, response.content
    answer = problem(response, 422, response.json()["code"])
    assert {item["field"].split(".")[0] for item in answer["errors"]} == {field}
    assert Run.objects.count() == RunEvent.objects.count() == PinnedSkill.objects.count() == 0


def test_numbers_that_json_does_not_know(editor: Caller, body: dict[str, Any]) -> None:
    for number in ("NaN", "Infinity", "-Infinity", "1e999"):
        text = json.dumps(body | {"quality_threshold": 0.5}).replace("0.5", number)
        problem(editor.post(PATH, text), 422, "invalid_input")
    deep = "[" * 100_000
    assert editor.post(PATH, deep).status_code == 400
    assert Run.objects.count() == 0


def test_what_belongs_to_another_project_does_not_exist(
    editor: Caller, body: dict[str, Any], world: World
) -> None:
    theirs = factories.revision(world.other_project)
    answer = problem(
        editor.post(PATH, body | {"revision": str(theirs.pk)}), 422, "unknown_revision"
    )
    assert theirs.specification.title not in answer["detail"]
    other = factories.subsystem(world.other_project, "PWR", "Power")
    for name in ("PWR", other.pk):
        answer = problem(editor.post(PATH, body | {"subsystem": name}), 422, "unknown_subsystem")
        assert "NAV" in answer["detail"]
    problem(editor.post("/projects/other/runs", body), 404, "not_found")
    problem(editor.post("/projects/nowhere/runs", body), 404, "not_found")
    assert Run.objects.count() == 0


def test_without_methods_no_run_starts(editor: Caller, world: World) -> None:
    factories.subsystem(world.project)
    revision = factories.revision(world.project)
    body = {"revision": str(revision.pk), "subsystem": "NAV"}
    problem(editor.post(PATH, body), 409, "conflict")
    assert Run.objects.count() == 0


def test_filters(viewer: Caller, world: World) -> None:
    power = factories.subsystem(world.project, "PWR", "Power")
    first = factories.run(world.project)
    second = factories.run(world.project, subsystem=power, status=RunStatus.FAILED)

    def ids(**filters: str) -> list[str]:
        return [item["id"] for item in viewer.get(PATH, **filters).json()["items"]]

    assert ids() == [str(second.pk), str(first.pk)]
    assert ids(status="failed") == ids(subsystem="PWR") == [str(second.pk)]
    assert ids(status="failed", subsystem="NAV") == ids(status="completed") == []
    for filters in ({"status": "lost"}, {"subsystem": "N\x00V"}, {"subsystem": "N" * 11}):
        problem(viewer.get(PATH, **filters), 422, "invalid_input")


def test_a_completed_run_shows_scores_nodes_and_costs(viewer: Caller, world: World) -> None:
    run = factories.completed_run(world.project)
    NodeCost.objects.filter(run=run, node=Node.DECOMPOSE).update(
        cost_nusd=1_500_001, sources=["metered"]
    )
    NodeCost.objects.create(
        project=world.project, extraction=run.extraction, node=Node.EXTRACT, cost_nusd=7,
        sources=["estimated"],
    )  # fmt: skip
    answer = viewer.get(f"/runs/{run.pk}").json()
    assert (answer["status"], answer["gate_passed"]) == ("completed", True)
    assert answer["quality"]["overall"] == 0.91
    assert answer["quality"]["validation_passed"] is True
    assert answer["cost"]["amount"] == "0.001500001"
    assert answer["cost"]["sources"] == ["embedded", "metered"]
    assert (answer["cost"]["calls"], answer["tracing"]) == (5, "heuristic")
    assert answer["extraction_cost"]["amount"] == "0.000000007"
    assert [node["node"] for node in answer["nodes"]] == [node.value for node in Node]
    assert answer["nodes"][2]["cost"] == "0.001500001"
    assert answer["nodes"][0]["seconds"] == 0.12


def test_every_link_of_a_run_leads_somewhere(viewer: Caller, world: World) -> None:
    run = factories.completed_run(world.project)
    links = viewer.get(f"/runs/{run.pk}").json()["links"]
    assert set(links) >= {"self", "events", "requirements", "links", "issues", "quality", "files"}
    for address in links.values():
        assert viewer.get(address.removeprefix("/api/v1")).status_code == 200, address


def test_a_missed_gate_never_shows_as_passed(viewer: Caller, world: World) -> None:
    run = factories.completed_run(world.project, gate_passed=False)
    answer = viewer.get(f"/runs/{run.pk}").json()
    assert (answer["status"], answer["gate_passed"]) == ("completed", False)
    assert answer["quality"]["validation_passed"] is False


def test_events_are_polled_without_gaps(viewer: Caller, world: World) -> None:
    run = factories.completed_run(world.project)
    seen, after = [], 0
    while True:
        answer = viewer.get(f"/runs/{run.pk}/events", after=after, limit=2).json()
        assert answer["status"] == "completed"
        if not answer["items"]:
            break
        seen += [item["seq"] for item in answer["items"]]
        after = answer["last"]
    assert seen == list(range(1, run.events.count() + 1))
    assert viewer.get(f"/runs/{run.pk}/events", after=after).json()["last"] == after
    for query in ({"after": -1}, {"after": 2**31}, {"after": "x"}, {"limit": 0}, {"limit": 201}):
        problem(viewer.get(f"/runs/{run.pk}/events", **query), 422, "invalid_input")


def test_cancelling_and_resuming(editor: Caller, world: World) -> None:
    run = factories.run(world.project)
    answer = editor.post(f"/runs/{run.pk}/cancel").json()
    assert (answer["status"], answer["reason"]) == ("cancelled", "Cancelled by editor.")
    problem(editor.post(f"/runs/{run.pk}/cancel"), 409, "conflict")
    assert editor.post(f"/runs/{run.pk}/resume").json()["status"] == "queued"
    problem(editor.post(f"/runs/{run.pk}/resume"), 409, "conflict")


def waiting(world: World) -> Run:
    run = factories.run(world.project, status=RunStatus.WAITING_REVIEW, iteration=3)
    Review.objects.create(run=run, kind=ReviewKind.RESULT, iteration=3)
    return run


def test_deciding_a_review(call: Callable[..., Caller], world: World) -> None:
    reviewer, run = call(world.reviewer), waiting(world)
    assert reviewer.get(f"/runs/{run.pk}").json()["reviews"][0]["decision"] == "pending"
    path = f"/runs/{run.pk}/review"
    answer = problem(reviewer.post(path, {"decision": "changes"}), 422, "invalid_input")
    assert answer["errors"][0]["field"] == "feedback"
    answer = reviewer.post(path, {"decision": "changes", "feedback": "Name the units."}).json()
    assert answer["status"] == "queued"
    review = answer["reviews"][0]
    assert (review["decision"], review["decided_by"]) == ("changes", "reviewer")
    assert review["feedback"] == "Name the units."
    problem(reviewer.post(path, {"decision": "approved"}), 409, "conflict")
    assert run.events.filter(kind=EventKind.REVIEW).count() == 1


def test_a_rejected_run_is_cancelled(call: Callable[..., Caller], world: World) -> None:
    run = waiting(world)
    answer = call(world.reviewer).post(f"/runs/{run.pk}/review", {"decision": "rejected"}).json()
    assert answer["status"] == "cancelled"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"decision": "pending"},
        {"decision": "maybe"},
        {"decision": "approved", "feedback": "x" * 10_001},
        {"decision": "approved", "feedback": "a\x00b"},
        {"decision": "approved", "score": 1},
    ],
)
def test_a_decision_that_cannot_be(
    call: Callable[..., Caller], world: World, body: dict[str, Any]
) -> None:
    run = waiting(world)
    problem(call(world.reviewer).post(f"/runs/{run.pk}/review", body), 422, "invalid_input")
    assert run.reviews.get().decision == "pending"


def test_a_session_decides_and_is_named(world: World) -> None:
    run = waiting(world)
    browser = Caller(client=world.client(world.reviewer))
    answer = browser.post(f"/runs/{run.pk}/review", {"decision": "approved"}).json()
    assert answer["reviews"][0]["decided_by"] == "reviewer"


def test_queries(
    viewer: Caller, world: World, django_assert_num_queries: Callable[[int], Any]
) -> None:
    run = factories.completed_run(world.project, requirements=10)
    viewer.get("/projects")
    with django_assert_num_queries(6):  # token, run, costs, calls, scores, reviews
        viewer.get(f"/runs/{run.pk}")
    with django_assert_num_queries(3):  # token, run, events
        viewer.get(f"/runs/{run.pk}/events")
