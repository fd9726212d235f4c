from django.http import Http404, HttpResponse
from django.shortcuts import render

from reqplatform.teams.views.access import MemberRequest, project_of, signed_in
from skills.comparison import compare
from skills.views.access import skill_of, version_of


@signed_in
def diff(request: MemberRequest, slug: str, skill: str) -> HttpResponse:
    """Two versions of a method, `?old=` and `?new=` by their ids, from either side."""
    project = project_of(request, slug)
    try:
        old, new = int(request.GET.get("old", "")), int(request.GET.get("new", ""))
    except ValueError as error:
        raise Http404("Choose the two versions to compare.") from error
    before = version_of(request, project, skill, old)
    after = version_of(request, project, skill, new)
    context = {
        "project": project,
        "section": "skills",
        "method": skill_of(skill),
        "old": before,
        "new": after,
        "lines": compare(before, after),
    }
    return render(request, "skills/diff.html", context)
