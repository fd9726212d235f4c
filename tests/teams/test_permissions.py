import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from reqplatform.errors import Conflict, NotAllowed, NotFound
from reqplatform.teams.models import Membership, Project, Role
from reqplatform.teams.models.membership import RANK
from reqplatform.teams.permissions import has_role, require, role_of
from tests import factories
from tests.conftest import World

ORDER = [Role.VIEWER, Role.REVIEWER, Role.EDITOR, Role.OWNER]


def test_every_role_has_its_rank() -> None:
    assert sorted(RANK, key=RANK.__getitem__) == ORDER
    assert set(RANK) == set(Role)


@pytest.mark.parametrize("role", ORDER)
@pytest.mark.parametrize("least", ORDER)
def test_a_higher_role_includes_the_lower_ones(world: World, role: Role, least: Role) -> None:
    person = getattr(world, role.value)
    allowed = ORDER.index(role) >= ORDER.index(least)
    assert has_role(person, world.project, least) is allowed
    if allowed:
        require(person, world.project, least)
    else:
        with pytest.raises(NotAllowed) as refusal:
            require(person, world.project, least)
        assert least.label in refusal.value.message
        assert role.label in refusal.value.message


@pytest.mark.parametrize("least", ORDER)
def test_strangers_learn_nothing(world: World, least: Role) -> None:
    assert role_of(world.stranger, world.project) is None
    assert not has_role(world.stranger, world.project, least)
    with pytest.raises(NotFound) as refusal:
        require(world.stranger, world.project, least)
    assert world.project.name not in refusal.value.message


def test_a_role_holds_on_its_project_only(world: World) -> None:
    assert role_of(world.owner, world.other_project) is None
    Membership.objects.create(project=world.other_project, user=world.owner, role=Role.VIEWER)
    assert role_of(world.owner, world.other_project) == Role.VIEWER
    assert role_of(world.owner, world.project) == Role.OWNER


def test_anonymous_and_inactive_people_have_no_role(world: World) -> None:
    assert role_of(AnonymousUser(), world.project) is None
    world.owner.is_active = False
    assert role_of(world.owner, world.project) is None
    assert not Project.objects.for_user(world.owner).exists()
    assert not Project.objects.for_user(AnonymousUser()).exists()


def test_superusers_and_the_operator_may_all(world: World) -> None:
    root = factories.user("root", is_superuser=True)
    assert role_of(root, world.project) == Role.OWNER
    require(root, world.project, Role.OWNER)
    require(None, world.project, Role.OWNER)


@pytest.mark.parametrize("least", ORDER)
def test_an_archived_project_can_be_read_only(world: World, least: Role) -> None:
    world.project.archived_at = timezone.now()
    for person in (world.owner, None):
        if least == Role.VIEWER:
            require(person, world.project, least)
        else:
            with pytest.raises(Conflict):
                require(person, world.project, least)
