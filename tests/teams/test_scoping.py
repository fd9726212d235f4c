from reqplatform.teams.models import Project
from runs.models import Run
from tests import factories
from tests.conftest import World


def test_members_see_their_projects_only(world: World) -> None:
    run = factories.completed_run(world.project)
    assert list(Project.objects.for_user(world.viewer)) == [world.project]
    assert list(Run.objects.for_user(world.viewer)) == [run]
    assert list(Run.objects.for_user(world.stranger)) == []
