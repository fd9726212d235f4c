from collections.abc import Callable
from typing import Any

from runs.models import Subsystem
from tests import factories
from tests.audience import check_csrf, check_page
from tests.conftest import World

LIST = "/projects/survey/subsystems/"
NEW = f"{LIST}new"
GOOD = {"code": "nav", "name": "Navigation", "keywords": "position, heading,"}


def test_the_list_is_for_members(world: World) -> None:
    factories.subsystem(world.project)
    check_page(world, LIST)


def test_the_forms_are_for_editors(world: World) -> None:
    factories.subsystem(world.project)
    check_page(world, NEW, least="editor")
    check_page(world, f"{LIST}NAV/", least="editor")


def test_adds_one(world: World) -> None:
    answer = world.client(world.editor).post(NEW, GOOD)
    assert answer.headers["Location"] == LIST
    added = Subsystem.objects.get(project=world.project)
    assert (added.code, added.name, added.keywords) == (
        "NAV",
        "Navigation",
        ["position", "heading"],
    )


def test_refuses_a_bad_code_beside_its_field(world: World) -> None:
    answer = world.client(world.editor).post(NEW, {**GOOD, "code": "1"})
    assert "The code must be" in answer.context["form"].errors["code"][0]
    assert not Subsystem.objects.exists()


def test_refuses_a_name_twice(world: World) -> None:
    factories.subsystem(world.project)
    answer = world.client(world.editor).post(NEW, {**GOOD, "code": "GPS", "name": "navigation"})
    assert answer.context["form"].errors
    assert Subsystem.objects.count() == 1


def test_changes_one(world: World) -> None:
    factories.subsystem(world.project)
    world.client(world.editor).post(f"{LIST}NAV/", {**GOOD, "name": "Positioning"})
    assert Subsystem.objects.get().name == "Positioning"


def test_a_code_that_begins_identifiers_stays(world: World) -> None:
    factories.completed_run(world.project)
    answer = world.client(world.owner).post(f"{LIST}NAV/", {**GOOD, "code": "GPS"})
    assert "cannot change" in answer.context["form"].errors["code"][0]
    assert Subsystem.objects.get().code == "NAV"


def test_viewers_cannot_add(world: World) -> None:
    assert world.client(world.viewer).post(NEW, GOOD).status_code == 403
    assert world.client(world.stranger).post(NEW, GOOD).status_code == 404
    check_csrf(world, NEW)
    assert not Subsystem.objects.exists()


def test_queries_do_not_grow(world: World, django_assert_num_queries: Callable[[int], Any]) -> None:
    for code in ("AA", "BB", "CC"):
        factories.subsystem(world.project, code, code)
    client = world.client(world.viewer)
    with django_assert_num_queries(5):  # session, person, project, role, subsystems
        assert client.get(LIST).status_code == 200
