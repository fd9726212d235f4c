"""The order of a node's models."""

import pytest

from observability.actions.routes import move_route, place_route, remove_route
from observability.models import Route
from reqplatform.errors import InvalidInput, NotAllowed, NotFound
from tests.conftest import World
from tests.money import paid_model


def route(world: World, name: str, position: int, node: str = "decompose") -> Route:
    return Route(
        project=world.project, node=node, position=position, profile=paid_model(name, name)
    )


@pytest.fixture
def three(world: World) -> list[Route]:
    rows = [route(world, name, number) for number, name in enumerate("abc", start=1)]
    for row in rows:
        row.save()
    return rows


def order(world: World, node: str = "decompose") -> str:
    rows = Route.objects.filter(project=world.project, node=node).order_by("position")
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    return "".join(row.profile.name for row in rows)


@pytest.mark.parametrize(
    ("position", "expected"), [(0, "dabc"), (1, "dabc"), (3, "abdc"), (4, "abcd"), (99, "abcd")]
)
def test_a_new_one_takes_its_position(
    world: World, three: list[Route], position: int, expected: str
) -> None:
    place_route(world.owner, route(world, "d", position))
    assert order(world) == expected


@pytest.mark.parametrize(("position", "expected"), [(1, "cab"), (2, "acb"), (3, "abc")])
def test_an_old_one_takes_another(
    world: World, three: list[Route], position: int, expected: str
) -> None:
    three[2].position = position
    place_route(world.owner, three[2])
    assert order(world) == expected


@pytest.mark.parametrize(
    ("index", "steps", "expected"),
    [(0, 1, "bac"), (2, -1, "acb"), (0, -1, "abc"), (2, 1, "abc"), (0, 9, "bca")],
)
def test_moving(world: World, three: list[Route], index: int, steps: int, expected: str) -> None:
    move_route(world.owner, three[index], steps)
    assert order(world) == expected


def test_other_values_are_saved_with_it_and_those_of_others_stay(
    world: World, three: list[Route]
) -> None:
    Route.objects.filter(pk=three[0].pk).update(temperature="0.30")
    three[2].temperature = three[2].temperature + 1
    three[2].position = 1
    place_route(world.owner, three[2])
    temperatures = [float(row.temperature) for row in Route.objects.order_by("position")]
    assert temperatures == [1.0, 0.3, 0.0]


def test_gaps_close_and_other_nodes_stay(world: World, three: list[Route]) -> None:
    elsewhere = route(world, "a", 7, node="validate")
    elsewhere.save()
    three[0].delete()
    move_route(world.owner, three[1], 1)
    assert order(world) == "cb"
    elsewhere.refresh_from_db()
    assert elsewhere.position == 7


def test_owners_only(world: World, three: list[Route]) -> None:
    for person in (world.editor, world.viewer):
        with pytest.raises(NotAllowed):
            move_route(person, three[0], 1)
    with pytest.raises(NotFound):
        place_route(world.stranger, route(world, "d", 1))
    assert order(world) == "abc"


def test_a_node_asks_a_model_once(world: World, three: list[Route]) -> None:
    three[1].profile = three[0].profile
    with pytest.raises(InvalidInput, match="Decompose asks a already, at position 1"):
        place_route(world.owner, three[1])
    assert order(world) == "abc"


@pytest.mark.parametrize(("index", "expected"), [(0, "bc"), (1, "ac"), (2, "ab")])
def test_removing_leaves_no_gap(
    world: World, three: list[Route], index: int, expected: str
) -> None:
    remove_route(world.owner, three[index])
    assert order(world) == expected


def test_only_owners_remove(world: World, three: list[Route]) -> None:
    with pytest.raises(NotAllowed):
        remove_route(world.editor, three[0])
    with pytest.raises(NotFound):
        remove_route(world.stranger, three[0])
    assert order(world) == "abc"


def test_documenting_asks_no_model(world: World) -> None:
    with pytest.raises(InvalidInput, match="Document asks no model") as refused:
        place_route(world.owner, route(world, "a", 1, node="document"))
    assert refused.value.field == "node"
    assert not Route.objects.exists()
