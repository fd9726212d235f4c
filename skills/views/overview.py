"""Pages to read: the project's four methods, one method with its versions, one version."""

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from reqplatform.teams.models import Project
from reqplatform.teams.views.access import MemberRequest, project_of, signed_in
from skills import lint, parameters
from skills.actions.access import may_change
from skills.models import Skill, SkillSlug, SkillVersion, VersionStatus
from skills.rendering import render_markdown
from skills.views.access import skill_of, version_of

ABOUT = {
    SkillSlug.EXTRACTION: "Reads the specification and copies out its requirements.",
    SkillSlug.SYSTEM_ANALYSIS: "Decides which requirements concern a subsystem, and the strategy.",
    SkillSlug.DECOMPOSITION: "Writes the subsystem's own requirements from those allocated to it.",
    SkillSlug.QUALITY_VALIDATION: "Judges the requirements and says what has to be mended.",
}


@signed_in
def index(request: MemberRequest, slug: str) -> HttpResponse:
    project = project_of(request, slug)
    versions = _versions(request, project).defer("body", "parameters")
    rows = []
    for skill in SkillSlug:
        of_skill = [version for version in versions if version.skill.slug == skill]
        rows.append(
            {
                "slug": skill,
                "about": ABOUT[skill],
                "used": used_version(of_skill),
                "drafts": [version for version in of_skill if version.is_draft],
            }
        )
    context = {"project": project, "section": "skills", "rows": rows}
    return render(request, "skills/list.html", context)


@signed_in
def detail(request: MemberRequest, slug: str, skill: str) -> HttpResponse:
    project, method = project_of(request, slug), skill_of(skill)
    rows = _versions(request, project).filter(skill__slug=method).defer("body", "parameters")
    versions = list(rows)
    own = [version for version in versions if version.skill.project_id == project.pk]
    library = [version for version in versions if version.skill.project_id is None]
    can_change_own = may_change(request.user, Skill(project=project, slug=method))
    context = {
        "project": project,
        "section": "skills",
        "method": method,
        "about": ABOUT[method],
        "used": used_version(versions),
        "own": own,
        "library": library,
        "versions": versions,
        "can_change_own": can_change_own,
        "can_change_library": may_change(request.user, Skill(slug=method)),
        "own_draft": any(version.is_draft for version in own),
        "library_draft": any(version.is_draft for version in library),
    }
    return render(request, "skills/detail.html", context)


@signed_in
def version(request: MemberRequest, slug: str, skill: str, pk: int) -> HttpResponse:
    project = project_of(request, slug)
    shown = version_of(request, project, skill, pk)
    rows = _versions(request, project).filter(skill__slug=shown.skill.slug)
    used = used_version(list(rows.defer("body", "parameters")))
    schema = parameters.SCHEMAS[shown.skill.slug]
    values = parameters.with_defaults(shown.skill.slug, shown.parameters)
    context = {
        "project": project,
        "section": "skills",
        "version": shown,
        "used": used,
        "can_change": may_change(request.user, shown.skill),
        "rendered": render_markdown(shown.body),
        "warnings": lint.check(shown.skill.slug, shown.parameters, shown.body).warnings,
        "parameters": [
            (parameters.label(name), _as_read(value), schema.model_fields[name].description)
            for name, value in values.items()
        ],
    }
    return render(request, "skills/version.html", context)


def _as_read(value: object) -> str:
    """A parameter's value in words."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "None"
    return str(value)


def used_version(versions: list[SkillVersion]) -> SkillVersion | None:
    """The version that the project's next run takes: its own active one, else the library's.

    All of `versions` belong to one method, in the library or in the project's variant.
    """
    active = [version for version in versions if version.status == VersionStatus.ACTIVE]
    return max(active, key=lambda version: version.skill.project_id is not None, default=None)


def _versions(request: MemberRequest, project: Project) -> QuerySet[SkillVersion]:
    """The versions of the library's methods and of the project's variants of them."""
    rows: QuerySet[SkillVersion]
    rows = SkillVersion.objects.for_user(request.user).filter(
        Q(skill__project=project) | Q(skill__project=None)
    )
    return rows.select_related("skill__project", "author", "activated_by")
