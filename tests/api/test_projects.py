from collections.abc import Callable

from reqplatform.teams.models import Membership, Project, Role, User
from tests import factories
from tests.api.conftest import Caller, problem
from tests.conftest import World


def test_people_see_their_projects_and_their_roles(
    call: Callable[[User], Caller], world: World
) -> None:
    Membership.objects.create(project=world.other_project, user=world.viewer, role=Role.EDITOR)
    seen = call(world.viewer).get("/projects").json()["items"]
    assert [(item["slug"], item["role"]) for item in seen] == [
        ("other", "editor"),
        ("survey", "viewer"),
    ]
    seen = call(world.stranger).get("/projects").json()["items"]
    assert [(item["slug"], item["role"]) for item in seen] == [("other", "owner")]


def test_a_superuser_owns_all(call: Callable[[User], Caller], world: World) -> None:
    caller = call(factories.user("root", is_superuser=True))
    assert {item["role"] for item in caller.get("/projects").json()["items"]} == {"owner"}
    assert caller.get("/projects/survey").json()["role"] == "owner"


def test_a_project_says_what_runs_start_with(viewer: Caller) -> None:
    answer = viewer.get("/projects/survey").json()
    assert answer["quality_threshold"] == "0.800"
    assert answer["max_iterations"] == 3
    assert answer["weights"]["clarity"] == 0.25


def test_adding_a_subsystem(editor: Caller, world: World) -> None:
    body = {"code": "pwr", "name": "Power", "keywords": ["battery", " "], "description": "a\nb"}
    response = editor.post("/projects/survey/subsystems", body)
    assert response.status_code == 201
    made = world.project.subsystems.get(code="PWR")
    assert response.json() == {
        "id": made.pk,
        "code": "PWR",
        "name": "Power",
        "description": "a\nb",
        "interfaces": "",
        "keywords": ["battery"],
    }
    assert editor.get("/projects/survey/subsystems").json()["items"] == [response.json()]


def test_a_subsystem_that_cannot_be(editor: Caller, world: World) -> None:
    factories.subsystem(world.project, "NAV", "Navigation")
    path = "/projects/survey/subsystems"
    body = problem(editor.post(path, {"code": "N", "name": "x"}), 422, "invalid_input")
    assert body["errors"][0]["field"] == "code"
    problem(editor.post(path, {"code": "NAV", "name": "Other"}), 422, "invalid_input")
    problem(editor.post(path, {"code": "NAV2", "name": "navigation"}), 422, "invalid_input")
    problem(editor.post(path, {"code": "PWR", "name": ""}), 422, "invalid_input")
    problem(editor.post(path, {"code": "PWR", "name": "a\x00b"}), 422, "invalid_input")
    problem(editor.post(path, {"code": "PWR", "name": "x" * 201}), 422, "invalid_input")
    problem(editor.post(path, {"code": "PWR", "name": "\ud800"}), 422, "invalid_input")
    assert world.project.subsystems.count() == 1


def test_an_archived_project_is_read_only(editor: Caller, world: World) -> None:
    Project.objects.filter(pk=world.project.pk).update(archived_at="2026-01-01T00:00:00Z")
    assert editor.get("/projects/survey").json()["archived_at"] is not None
    body = {"code": "PWR", "name": "Power"}
    problem(editor.post("/projects/survey/subsystems", body), 409, "conflict")


def test_a_project_of_others_is_told_apart_from_what_is_in_it(
    call: Callable[[User], Caller], world: World
) -> None:
    stranger = call(world.stranger)
    body = problem(stranger.get("/projects/survey/runs"), 404, "not_found")
    assert body["detail"] == "There is no such project, or you are not a member of it."
    run = factories.run(world.project)
    body = problem(stranger.get(f"/runs/{run.pk}"), 404, "not_found")
    assert body["detail"] == "There is no such run, or you are not a member of its project."
