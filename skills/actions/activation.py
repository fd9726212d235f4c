"""Which version holds from now on. Runs that have started keep the one they pinned."""

from django.db import transaction
from django.utils import timezone

from reqplatform.errors import Conflict, InvalidInput
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.permissions import require
from skills import lint
from skills.actions.access import lock, require_lead
from skills.models import Skill, SkillSlug, SkillVersion, VersionStatus


def activate(
    user: User | None, version: SkillVersion, *, seen: str, seen_active: int | None
) -> SkillVersion:
    """DRAFT -> ACTIVE; the version that was active retires in the same transaction.

    `seen` is the draft's fingerprint and `seen_active` the id of the skill's active version as the
    person saw them; None if it had none. Raises Conflict if either is no longer so, and
    InvalidInput if the draft has errors or doesn't say what it changes.
    """
    return _switch(user, version, VersionStatus.DRAFT, seen, seen_active)


def roll_back(
    user: User | None, version: SkillVersion, *, seen: str, seen_active: int | None
) -> SkillVersion:
    """RETIRED -> ACTIVE, under the same conditions as `activate`."""
    return _switch(user, version, VersionStatus.RETIRED, seen, seen_active)


def use_library(
    user: User | None, project: Project, slug: SkillSlug, *, seen_active: int
) -> SkillVersion:
    """Retire the project's own active version, so that the library's holds again. Owners."""
    require(user, project, Role.OWNER)
    with transaction.atomic():
        skill = Skill.objects.select_for_update().filter(project=project, slug=slug).first()
        active = _active(skill) if skill else None
        if active is None or active.pk != seen_active:
            raise Conflict(
                f"{project.name} doesn't use that version any more; somebody changed it meanwhile. "
                "Look again at which one it uses now."
            )
        _retire(active)
    return active


def _switch(
    user: User | None,
    version: SkillVersion,
    expected: VersionStatus,
    seen: str,
    seen_active: int | None,
) -> SkillVersion:
    require_lead(user, version.skill)
    with transaction.atomic():
        now = lock(version)
        active = _active(now.skill)
        _check(now, expected, seen)
        if (active.pk if active else None) != seen_active:
            raise Conflict(
                f"{active or 'None'} is active by now; somebody changed it since you opened the "
                "page. Compare again before you activate."
            )
        if active:
            _retire(active)
        changed = SkillVersion.objects.filter(pk=now.pk, status=expected).update(
            status=VersionStatus.ACTIVE, activated_at=timezone.now(), activated_by=user
        )
        if not changed:
            raise Conflict(f"{now} was changed by somebody else at the same moment. Look again.")
    return SkillVersion.objects.select_related("skill__project").get(pk=now.pk)


def _check(now: SkillVersion, expected: VersionStatus, seen: str) -> None:
    """Raise unless the version is in the expected state, as it was seen, and good."""
    if now.status != expected:
        raise Conflict(
            f"{now} has the status {now.get_status_display().lower()} by now. Look again."
        )
    if now.fingerprint != seen:
        raise Conflict(f"{now} was edited since you opened the page. Read it before you activate.")
    if expected == VersionStatus.DRAFT:
        lint.check(now.skill.slug, now.parameters, now.body, now.changelog).raise_errors()
        if not now.changelog.strip():
            raise InvalidInput(
                "Say in the changelog what this version changes and why; then activate it.",
                field="changelog",
            )


def _active(skill: Skill) -> SkillVersion | None:
    found: SkillVersion | None = skill.versions.filter(status=VersionStatus.ACTIVE).first()
    return found


def _retire(active: SkillVersion) -> None:
    rows = SkillVersion.objects.filter(pk=active.pk, status=VersionStatus.ACTIVE)
    if not rows.update(status=VersionStatus.RETIRED):
        raise Conflict(f"{active} was changed by somebody else at the same moment. Look again.")
