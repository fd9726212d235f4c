from collections.abc import Callable

import pytest
from django.core import signing

from runs.models import Revision
from tests import factories
from tests.api.conftest import Caller, problem
from tests.conftest import World


def pages(caller: Caller, path: str, limit: int, **filters: str) -> list[list[str]]:
    """The codes on each page, until there is none after it."""
    found, cursor = [], ""
    while True:
        answer = caller.get(path, limit=limit, cursor=cursor, **filters).json()
        found.append([item["code"] for item in answer["items"]])
        cursor = answer["next"]
        if cursor is None:
            return found


@pytest.fixture
def codes(world: World) -> list[str]:
    made = [f"C{number:02d}" for number in range(7)]
    for code in made:
        factories.subsystem(world.project, code, code)
    return made


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8, 200])
def test_pages_hold_everything_once(viewer: Caller, codes: list[str], limit: int) -> None:
    found = pages(viewer, "/projects/survey/subsystems", limit)
    assert [code for page in found for code in page] == codes
    assert all(len(page) == limit for page in found[:-1])
    assert found[-1] or not codes


def test_rows_that_come_in_between_do_not_shift_pages(
    viewer: Caller, codes: list[str], world: World
) -> None:
    first = viewer.get("/projects/survey/subsystems", limit=3).json()
    factories.subsystem(world.project, "A0", "First")
    rest = viewer.get("/projects/survey/subsystems", limit=9, cursor=first["next"]).json()
    assert [item["code"] for item in rest["items"]] == codes[3:]


def test_an_empty_list(viewer: Caller) -> None:
    assert viewer.get("/projects/survey/subsystems").json() == {"items": [], "next": None}


@pytest.mark.parametrize("limit", ["0", "-1", "201", "1e9", "nan", "", "x", "9" * 400])
def test_limits_are_bounded(viewer: Caller, limit: str) -> None:
    problem(viewer.get("/projects", limit=limit), 422, "invalid_input")


def test_cursors_that_were_not_handed_out(viewer: Caller, codes: list[str], world: World) -> None:
    path = "/projects/survey/subsystems"
    good = viewer.get(path, limit=2).json()["next"]
    forged = signing.dumps(["C00"], key="another key", salt=f"cursor:subsystems:{world.project.pk}")
    for cursor in ("x", good[:-1], good + "a", forged, "\x00", signing.dumps(["C00"])):
        body = problem(viewer.get(path, cursor=cursor), 422, "bad_cursor")
        assert body["errors"][0]["field"] == "cursor"
    problem(viewer.get(path, cursor="x" * 2001), 422, "invalid_input")


def test_a_cursor_works_in_its_own_list_only(viewer: Caller, world: World) -> None:
    for _ in range(3):
        factories.run(world.project)
    path = "/projects/survey/runs"
    cursor = viewer.get(path, limit=1).json()["next"]
    assert viewer.get(path, limit=1, cursor=cursor).status_code == 200
    problem(viewer.get(path, cursor=cursor, status="queued"), 422, "bad_cursor")
    problem(viewer.get("/projects/survey/specifications", cursor=cursor), 422, "bad_cursor")


def test_newest_first_over_ids(viewer: Caller, world: World) -> None:
    made = [str(factories.run(world.project).pk) for _ in range(5)]
    found, cursor = [], ""
    while cursor is not None:
        answer = viewer.get("/projects/survey/runs", limit=2, cursor=cursor).json()
        found += [item["id"] for item in answer["items"]]
        cursor = answer["next"]
    assert found == made[::-1]


def test_links_are_paged_by_two_fields(viewer: Caller, world: World) -> None:
    run = factories.completed_run(world.project, requirements=5)
    whole = viewer.get(f"/runs/{run.pk}/links").json()["items"]
    assert len(whole) == 5
    found, cursor = [], ""
    while cursor is not None:
        answer = viewer.get(f"/runs/{run.pk}/links", limit=2, cursor=cursor).json()
        found += answer["items"]
        cursor = answer["next"]
    assert found == whole


@pytest.mark.parametrize("size", [3, 30])
def test_a_page_costs_the_same_whatever_is_in_it(
    viewer: Caller, world: World, size: int,
    django_assert_num_queries: Callable[[int], object],
) -> None:  # fmt: skip
    for _ in range(size):
        factories.run(world.project)
    Revision.objects.update(uploaded_by=world.editor)
    viewer.get("/projects")  # notes the token's use
    for path, queries in {
        "/projects": 3,  # the token, the projects, the caller's roles
        "/projects/survey/subsystems": 3,  # the token, the project, the list
        "/projects/survey/specifications": 5,  # and their revisions, and who uploaded them
        "/projects/survey/runs": 3,
    }.items():
        with django_assert_num_queries(queries):  # type: ignore[attr-defined]
            viewer.get(path, limit=200)
