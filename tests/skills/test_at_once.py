"""Two people at the same moment, on real connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from reqplatform.errors import Conflict
from skills.actions.activation import activate
from skills.actions.drafts import Draft, create_variant, edit_draft
from skills.loading import load_library
from skills.models import SkillSlug, SkillVersion, VersionStatus
from tests import factories
from tests.conftest import World

pytestmark = pytest.mark.django_db(transaction=True)

SLUG = SkillSlug.DECOMPOSITION


def at_once(*acts: Callable[[], object]) -> list[str]:
    """What became of each act: "done", or the name of the refusal."""
    barrier = Barrier(len(acts))

    def do(act: Callable[[], object]) -> str:
        barrier.wait(timeout=10)
        try:
            act()
        except Conflict as refusal:
            return type(refusal).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(do, acts))


@pytest.fixture
def project_world(transactional_db: None) -> World:
    load_library()
    return factories.world(World)


def test_one_draft_is_started(project_world: World) -> None:
    owner, project = project_world.owner, project_world.project
    outcome = at_once(*[lambda: create_variant(owner, project, SLUG)] * 4)
    assert outcome == ["Conflict", "Conflict", "Conflict", "done"]
    assert SkillVersion.objects.filter(skill__project=project).count() == 1


def test_one_edit_and_one_activation_win(project_world: World) -> None:
    owner = project_world.owner
    draft = create_variant(owner, project_world.project, SLUG)
    seen = draft.fingerprint
    edits = [Draft({}, f"# Method {number}\n", "Mine.") for number in range(3)]
    outcome = at_once(
        *[lambda typed=typed: edit_draft(owner, draft, typed, seen=seen) for typed in edits]
    )
    assert outcome == ["Conflict", "Conflict", "done"]

    draft.refresh_from_db()
    seen = draft.fingerprint
    outcome = at_once(*[lambda: activate(owner, draft, seen=seen, seen_active=None)] * 3)
    assert outcome == ["Conflict", "Conflict", "done"]
    active = SkillVersion.objects.filter(status=VersionStatus.ACTIVE, skill=draft.skill)
    assert active.count() == 1


def test_two_servers_that_load_the_library_leave_one_version_of_each(
    transactional_db: None,
) -> None:
    assert at_once(load_library, load_library) == ["done", "done"]
    assert SkillVersion.objects.count() == 4
