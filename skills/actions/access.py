"""Who may change a skill: a project's leads their own variant, administrators the library."""

from django.contrib.auth.models import AnonymousUser

from reqplatform.errors import ActionError, NotAllowed, NotFound
from reqplatform.teams.models import Role, User
from reqplatform.teams.permissions import require
from skills.models import Skill, SkillVersion


def require_lead(user: User | None, skill: Skill) -> None:
    """Raise unless `user` may change the skill: NotFound, NotAllowed, or Conflict if archived.

    `None` is the operator at the command line of the server, who may do everything.
    """
    if skill.project is not None:
        require(user, skill.project, Role.OWNER)
    elif user is not None and not (user.is_active and user.is_superuser):
        raise NotAllowed(
            "The library's methods serve every project, so only administrators change them. "
            "An owner of a project can make the project's own variant."
        )


def may_change(user: User | AnonymousUser, skill: Skill) -> bool:
    """Whether `require_lead` would let the person pass; pages hide what would be refused."""
    if not isinstance(user, User):
        return False
    try:
        require_lead(user, skill)
    except ActionError:
        return False
    return True


def lock(version: SkillVersion) -> SkillVersion:
    """The version as it is now, with its skill locked until the transaction ends.

    All changes to a skill's versions take this lock, so they happen one after the other.
    """
    Skill.objects.select_for_update().get(pk=version.skill_id)
    rows = SkillVersion.objects.select_related("skill__project", "author")
    now: SkillVersion | None = rows.filter(pk=version.pk).first()
    if now is None:
        raise NotFound("This draft is gone: somebody has discarded it.")
    return now
