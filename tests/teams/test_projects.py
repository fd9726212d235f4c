"""Projects are restored by their owners, and keep to a time zone that exists."""

import pytest
from django.utils import timezone

from reqplatform.errors import InvalidInput, NotAllowed, NotFound
from reqplatform.teams.actions.archiving import archive_project, restore_project
from reqplatform.teams.actions.projects import create_project
from reqplatform.teams.models import Project
from tests.conftest import World


@pytest.mark.parametrize(
    ("who", "error"), [("editor", NotAllowed), ("viewer", NotAllowed), ("stranger", NotFound)]
)
@pytest.mark.parametrize("act", [archive_project, restore_project])
def test_who_may_not_put_away_or_restore(
    world: World, who: str, error: type[Exception], act: object
) -> None:
    world.project.archived_at = timezone.now() if act is restore_project else None
    world.project.save(update_fields=["archived_at"])
    with pytest.raises(error):
        act(getattr(world, who), world.project)  # type: ignore[operator]
    stored = Project.objects.get(pk=world.project.pk)
    assert stored.archived_at == world.project.archived_at


@pytest.mark.parametrize("name", ["UTC", "Europe/Vienna", "Asia/Tokyo"])
def test_a_time_zone_that_exists(world: World, name: str) -> None:
    made = create_project(slug="p", name="P", owner=world.owner, values={"time_zone": name})
    assert made.time_zone == name


@pytest.mark.parametrize("name", ["Mars/Olympus", "Europe", "../../etc/passwd", "utc+1"])
def test_a_time_zone_that_does_not_exist(world: World, name: str) -> None:
    with pytest.raises(InvalidInput, match="no time zone"):
        create_project(slug="p", name="P", owner=world.owner, values={"time_zone": name})
