from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reqplatform.teams.models import Membership
from reqplatform.teams.views.access import MemberRequest, project_of, signed_in


@require_safe
@signed_in
def index(request: MemberRequest, slug: str) -> HttpResponse:
    """Who may do what on the project. Owners change it in the admin."""
    project = project_of(request, slug)
    members = (
        Membership.objects.for_user(request.user)
        .filter(project=project)
        .select_related("user")
        .order_by("user__username")
    )
    return render(
        request,
        "teams/members.html",
        {"project": project, "section": "members", "members": members},
    )
