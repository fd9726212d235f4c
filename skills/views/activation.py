"""Activating a draft, rolling back to an earlier version, and using the library's again.

Each address asks first, on GET, and shows what would change; the POST does it.
"""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render

from reqplatform.errors import Conflict, InvalidInput
from reqplatform.teams.models import Project, Role
from reqplatform.teams.permissions import require
from reqplatform.teams.views.access import MemberRequest, project_of, signed_in
from skills.actions import activation as actions
from skills.actions.access import require_lead
from skills.comparison import compare
from skills.models import SkillVersion, VersionStatus
from skills.views.access import refused, skill_of, version_of


@signed_in
def activate(request: MemberRequest, slug: str, skill: str, pk: int) -> HttpResponseBase:
    project = project_of(request, slug)
    version = version_of(request, project, skill, pk)
    require_lead(request.user, version.skill)
    here = ("skills:version", slug, skill, pk)
    if request.method == "POST":
        act = actions.activate if version.is_draft else actions.roll_back
        try:
            act(
                request.user,
                version,
                seen=request.POST.get("seen", ""),
                seen_active=_number(request.POST.get("seen_active", "")),
            )
        except (Conflict, InvalidInput) as refusal:
            return refused(request, refusal, *here)
        messages.success(request, f"{version} is active. Runs that start from now on use it.")
        return redirect("skills:detail", slug, skill)
    if version.status == VersionStatus.ACTIVE:
        return refused(request, Conflict(f"{version} is active already."), *here)
    active = _active(request, version.skill.slug, version.skill.project)
    replaced = active or _active(request, version.skill.slug, None)
    context = {
        "project": project,
        "section": "skills",
        "version": version,
        "active": active,
        "replaced": replaced,
        "lines": compare(replaced, version) if replaced else [],
    }
    return render(request, "skills/activate.html", context)


@signed_in
def library(request: MemberRequest, slug: str, skill: str) -> HttpResponseBase:
    project, method = project_of(request, slug), skill_of(skill)
    require(request.user, project, Role.OWNER)
    if request.method == "POST":
        seen = _number(request.POST.get("seen_active", "")) or 0
        try:
            actions.use_library(request.user, project, method, seen_active=seen)
        except Conflict as refusal:
            return refused(request, refusal, "skills:detail", slug, skill)
        messages.success(request, f"{project.name} uses the library's {method.label} again.")
        return redirect("skills:detail", slug, skill)
    own, shared = _active(request, method, project), _active(request, method, None)
    if own is None or shared is None:
        nothing = Conflict(f"{project.name} has no active variant of its own.")
        return refused(request, nothing, "skills:detail", slug, skill)
    context = {
        "project": project,
        "section": "skills",
        "method": method,
        "own": own,
        "shared": shared,
        "lines": compare(own, shared),
    }
    return render(request, "skills/use_library.html", context)


def _active(request: MemberRequest, slug: str, project: Project | None) -> SkillVersion | None:
    """The active version in the library, or of the project's variant."""
    visible = SkillVersion.objects.for_user(request.user)
    rows = visible.filter(skill__slug=slug, skill__project=project)
    found: SkillVersion | None = (
        rows.filter(status=VersionStatus.ACTIVE).select_related("skill__project").first()
    )
    return found


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None
