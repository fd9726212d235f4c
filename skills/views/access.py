"""Which skill and version a page is asked for, and how it tells a refusal."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from reqplatform.errors import ActionError
from reqplatform.teams.models import Project
from reqplatform.teams.views.access import MemberRequest
from skills.models import SkillSlug, SkillVersion


def skill_of(name: str) -> SkillSlug:
    try:
        return SkillSlug(name)
    except ValueError as error:
        raise Http404("There is no such method.") from error


def version_of(request: MemberRequest, project: Project, skill: str, pk: int) -> SkillVersion:
    """A version of the library's method or of the project's own variant of it, or 404."""
    rows = SkillVersion.objects.for_user(request.user).filter(
        Q(skill__project=project) | Q(skill__project=None), skill__slug=skill_of(skill)
    )
    related = rows.select_related("skill__project", "author", "activated_by")
    version: SkillVersion = get_object_or_404(related, pk=pk)
    return version


def refused(request: MemberRequest, refusal: ActionError, *where: object) -> HttpResponseBase:
    """Tell why an action was refused, on the page where the person can look again."""
    messages.error(request, refusal.message)
    return redirect(str(where[0]), *where[1:])
