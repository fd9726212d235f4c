"""Who may do what: the one place that compares roles."""

from django.contrib.auth.models import AnonymousUser

from reqplatform.errors import Conflict, NotAllowed, NotFound
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.models.membership import RANK


def role_of(user: User | AnonymousUser, project: Project) -> Role | None:
    """The user's role on the project; OWNER for superusers, None for strangers."""
    if not user.is_authenticated or not user.is_active:
        return None
    if user.is_superuser:
        return Role.OWNER
    membership = user.memberships.filter(project=project).first()
    return Role(membership.role) if membership else None


def has_role(user: User | AnonymousUser, project: Project, least: Role) -> bool:
    role = role_of(user, project)
    return role is not None and RANK[role] >= RANK[least]


def require(user: User | None, project: Project, least: Role) -> None:
    """Raise unless `user` holds at least the role `least`, and the project is active if that role
    is to change anything: NotFound, NotAllowed, or Conflict for an archived project.

    `None` is the operator at the command line of the server, who may do everything.
    """
    require_role(user, project, least)
    if project.archived_at and RANK[least] > RANK[Role.VIEWER]:
        raise Conflict(f"{project.name} is archived; an owner can restore it in the admin.")


def require_role(user: User | None, project: Project, least: Role) -> None:
    """As `require`, whether the project is archived or not.

    A stranger gets NotFound, so that nobody learns which projects exist.
    """
    if user is not None:
        role = role_of(user, project)
        if role is None:
            raise NotFound("There is no such project, or you are not a member of it.")
        if RANK[role] < RANK[least]:
            raise NotAllowed(
                f"This needs the role {least.label} on {project.name}; you are {role.label}. "
                "An owner of the project can change your role."
            )
