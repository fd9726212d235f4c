"""Who may open a page: the same questions for every page."""

from django.test import Client

from reqplatform.teams.models import User
from tests.conftest import World

ROLES = ("viewer", "reviewer", "editor", "owner")


def check_page(world: World, url: str, *, least: str = "viewer") -> None:
    """Members of at least the role `least` may open the page; lower roles get 403, a stranger 404,
    and an anonymous person is sent to sign in."""
    for role in ROLES:
        person: User = getattr(world, role)
        expected = 200 if ROLES.index(role) >= ROLES.index(least) else 403
        assert world.client(person).get(url).status_code == expected, f"{role} at {url}"
    assert world.client(world.stranger).get(url).status_code == 404
    check_anonymous(url)


def check_anonymous(url: str) -> None:
    answer = Client().get(url)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/?next=")


def check_mutation(world: World, url: str, *, least: str) -> None:
    """A POST-only address: roles below `least` get 403, a stranger 404, an anonymous person is sent
    to sign in, a GET is refused, and so is a POST without the CSRF token."""
    for role in ROLES[: ROLES.index(least)]:
        assert world.client(getattr(world, role)).post(url).status_code == 403, role
    assert world.client(world.stranger).post(url).status_code == 404
    assert Client().post(url).headers["Location"].startswith("/accounts/login/")
    assert world.client(world.owner).get(url).status_code == 405
    check_csrf(world, url)


def check_csrf(world: World, url: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.owner)
    assert strict.post(url).status_code == 403
