"""Who asks, and what they may do: the first lines of every page."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from reqplatform.errors import Conflict, NotAllowed, NotFound
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.models.membership import RANK
from reqplatform.teams.permissions import role_of

P = ParamSpec("P")


class MemberRequest(HttpRequest):
    """A request of a person who is signed in."""

    user: User
    htmx: HtmxDetails


MemberView = Callable[Concatenate[MemberRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def signed_in(view: MemberView[P]) -> View[P]:
    """Send anonymous people to sign in, and answer an action's refusal with its page: a missing
    role with 403, a stranger with 404, a state that forbids it with 409.
    """

    @wraps(view)
    def guarded(request: MemberRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except NotAllowed as refusal:
            raise PermissionDenied(refusal.message) from refusal
        except NotFound as refusal:
            raise Http404(refusal.message) from refusal
        except Conflict as refusal:
            return render(request, "409.html", {"message": refusal.message}, status=409)

    signed_out = login_required(guarded)

    @wraps(view)
    def answered(request: MemberRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.htmx and not request.user.is_authenticated:
            # The whole page goes to sign in; a part of it would show the form inside another.
            page = request.htmx.current_url_abs_path or request.path
            return HttpResponseClientRedirect(redirect_to_login(page).url)
        return signed_out(request, *args, **kwargs)

    return cast("View[P]", answered)


@dataclass(frozen=True, slots=True)
class Access:
    """What the person may do on the project; pages hide what would be refused."""

    role: Role
    archived: bool

    def _at_least(self, role: Role) -> bool:
        return not self.archived and RANK[self.role] >= RANK[role]

    @property
    def can_edit(self) -> bool:
        return self._at_least(Role.EDITOR)

    @property
    def can_own(self) -> bool:
        return self._at_least(Role.OWNER)

    @property
    def can_review(self) -> bool:
        return self._at_least(Role.REVIEWER)


def project_of(request: MemberRequest, slug: str) -> Project:
    """The project of that slug, or 404 for those who are not its members."""
    project: Project = get_object_or_404(Project.objects.for_user(request.user), slug=slug)
    return project


def access_to(request: MemberRequest, project: Project) -> Access:
    role = role_of(request.user, project)
    if role is None:
        raise Http404("There is no such project, or you are not a member of it.")
    return Access(role=role, archived=project.archived_at is not None)
