from collections.abc import Callable
from typing import Any

from tests.audience import check_page
from tests.conftest import World

URL = "/projects/survey/members/"


def test_members_only(world: World) -> None:
    check_page(world, URL)


def test_lists_people_with_their_roles(world: World) -> None:
    answer = world.client(world.viewer).get(URL)
    roles = [(member.user.username, member.role) for member in answer.context["members"]]
    assert roles == [(name, name) for name in ("editor", "owner", "reviewer", "viewer")]


def test_queries_do_not_grow(world: World, django_assert_num_queries: Callable[[int], Any]) -> None:
    client = world.client(world.viewer)
    with django_assert_num_queries(4):  # session, person, project, members
        assert client.get(URL).status_code == 200
