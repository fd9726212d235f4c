"""Who may do what editors and above may do: everybody in turn."""

from collections.abc import Callable

import pytest

from reqplatform.errors import NotAllowed, NotFound
from reqplatform.teams.models import User
from tests.conftest import World

REFUSED = [("viewer", NotAllowed), ("reviewer", NotAllowed), ("stranger", NotFound)]
MAY = ["editor", "owner", None]  # None is the operator at the command line

refused = pytest.mark.parametrize(("who", "error"), REFUSED, ids=[name for name, _ in REFUSED])
allowed = pytest.mark.parametrize("who", MAY)


def person(world: World, who: str | None) -> User | None:
    return getattr(world, who) if who else None


def is_refused(act: Callable[[User | None], object], world: World, who: str, error: type) -> None:
    with pytest.raises(error):
        act(person(world, who))
