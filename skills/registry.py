"""Which version of each method holds for a project."""

from reqplatform.errors import Conflict
from reqplatform.teams.models import Project
from skills.models import DomainVersion, SkillSlug, SkillVersion, VersionStatus


def active_versions(project: Project) -> dict[SkillSlug, SkillVersion]:
    """The active version of each of the four skills: the project's own variant, else the library's.

    Raises Conflict if a skill has none, which a set-up without `manage.py load_skills` shows.
    """
    rows = SkillVersion.objects.filter(
        status=VersionStatus.ACTIVE, skill__project__in=[project]
    ) | SkillVersion.objects.filter(status=VersionStatus.ACTIVE, skill__project__isnull=True)
    found: dict[SkillSlug, SkillVersion] = {}
    for version in rows.select_related("skill", "skill__project").order_by("skill__project_id"):
        slug = SkillSlug(version.skill.slug)
        if slug not in found or version.skill.project_id is not None:
            found[slug] = version
    missing = [slug.label for slug in SkillSlug if slug not in found]
    if missing:
        raise Conflict(
            f"No active version of {', '.join(missing)}. Run 'manage.py load_skills', or activate "
            "one under Skills."
        )
    return found


def domain_in_use(project: Project) -> DomainVersion | None:
    """The newest version of the project's domain; None without one, or if it is not in use."""
    rows = DomainVersion.objects.filter(domain__project=project, domain__enabled=True)
    newest: DomainVersion | None = (
        rows.select_related("domain__project").order_by("-number").first()
    )
    return newest
