from typing import Any

from django.db.models import Count, Max, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from observability.shown import costs_are_shown
from reqplatform.teams.models import Project
from reqplatform.teams.views.access import MemberRequest, access_to, project_of, signed_in
from runs.forms import RunFilter
from runs.models import Run, Specification, Subsystem
from runs.reporting.ahead import budgets_of
from runs.views.budgets import open_alerts, run_budget
from runs.views.listing import listed_runs
from runs.views.paging import page_of

PER_PAGE = 25
LISTED = 8  # specifications beside the runs; all of them have a page of their own


@signed_in
def project(request: MemberRequest, slug: str) -> HttpResponse:
    """A project's runs, and what new ones are started from."""
    project = project_of(request, slug)
    subsystems = list(Subsystem.objects.for_user(request.user).filter(project=project))
    filters = RunFilter(request.GET, subsystems=subsystems)
    page = page_of(request, _runs(request, project, filters), ("-id",), PER_PAGE)
    specifications = list(specifications_of(request, project).order_by("-latest")[: LISTED + 1])
    return render(
        request,
        "runs/project.html",
        {
            "project": project,
            "section": "runs",
            "access": access_to(request, project),
            "filters": filters,
            "filtered": any(filters.chosen(name) for name in filters.fields),
            "page": page,
            "subsystems": subsystems,
            "specifications": specifications[:LISTED],
            "more_specifications": len(specifications) > LISTED,
            "budgets": budgets_of(project, timezone.now()) if costs_are_shown() else [],
            "run_budget": run_budget(request.user, project),
            "alerts": open_alerts(request.user, project),
        },
    )


def specifications_of(request: MemberRequest, project: Project) -> QuerySet[Any]:
    """Specifications with `revision_count` and `latest`, the time of the newest revision."""
    found: QuerySet[Any] = (
        Specification.objects.for_user(request.user)
        .filter(project=project)
        .annotate(revision_count=Count("revisions"), latest=Max("revisions__created_at"))
    )
    return found


def _runs(request: MemberRequest, project: Project, filters: RunFilter) -> QuerySet[Run]:
    runs = listed_runs(request.user).filter(project=project)
    if status := filters.chosen("status"):
        runs = runs.filter(status=status)
    if subsystem := filters.chosen("subsystem"):
        runs = runs.filter(subsystem_id=int(subsystem))
    return runs
