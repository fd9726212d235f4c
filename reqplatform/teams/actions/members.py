"""Who is a member of a project, and as what."""

from django.db import IntegrityError, transaction

from reqplatform.errors import Conflict
from reqplatform.teams.models import Membership, Project, Role, User
from reqplatform.teams.permissions import require

LAST_OWNER = (
    "{person} is the last owner of {project}. Make somebody else an owner first, so that the "
    "project is never without one."
)


def add_member(user: User | None, project: Project, person: User, role: Role) -> Membership:
    """Make a person a member. Owners only; raises Conflict if they are one already."""
    require(user, project, Role.OWNER)
    try:
        with transaction.atomic():
            membership: Membership = Membership.objects.create(
                project=project, user=person, role=role
            )
    except IntegrityError as error:
        raise Conflict(
            f"{person.display_name} is a member of {project.name} already; change the role there."
        ) from error
    return membership


def change_role(user: User | None, membership: Membership, role: Role) -> Membership:
    """Give a member another role. Owners only; raises Conflict for the last owner."""
    require(user, membership.project, Role.OWNER)
    with transaction.atomic():
        if role != Role.OWNER:
            _keep_an_owner(membership)
        Membership.objects.filter(pk=membership.pk).update(role=role)
    membership.role = role
    return membership


def remove_member(user: User | None, membership: Membership) -> None:
    """Take a person out of a project. Owners only; raises Conflict for the last owner."""
    require(user, membership.project, Role.OWNER)
    with transaction.atomic():
        _keep_an_owner(membership)
        Membership.objects.filter(pk=membership.pk).delete()


def _keep_an_owner(membership: Membership) -> None:
    # The locks make two owners who demote each other at the same moment take turns.
    owners = list(
        Membership.objects.select_for_update()
        .filter(project=membership.project_id, role=Role.OWNER)
        .values_list("pk", flat=True)
    )
    if owners == [membership.pk]:
        raise Conflict(
            LAST_OWNER.format(person=membership.user.display_name, project=membership.project.name)
        )
