"""Who asks, and which project, skill and version they ask for: the first lines of every page."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from reqplatform.errors import ActionError, NotAllowed, NotFound
from reqplatform.teams.models import Project, User
from skills.models import SkillSlug, SkillVersion

P = ParamSpec("P")


class MemberRequest(HttpRequest):
    """A request of a person who is signed in."""

    user: User


MemberView = Callable[Concatenate[MemberRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def signed_in(view: MemberView[P]) -> View[P]:
    """Send anonymous people to sign in, and answer an action's refusal with its page: a missing
    role with 403, a stranger with 404.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(cast(MemberRequest, request), *args, **kwargs)
        except NotAllowed as refusal:
            raise PermissionDenied(refusal.message) from refusal
        except NotFound as refusal:
            raise Http404(refusal.message) from refusal

    return login_required(cast(View[P], guarded))


def project_of(request: MemberRequest, slug: str) -> Project:
    """The project of that slug, or 404 for those who are not its members."""
    project: Project = get_object_or_404(Project.objects.for_user(request.user), slug=slug)
    return project


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
