"""What is behind the figures of reports: calls, the runs that made them, and the judged runs."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from observability.models import BudgetWindow, LLMCall
from observability.reports.asked import begun_runs, calls_behind, runs_behind
from observability.reports.cost import total_of
from reqplatform.teams.models import Project
from reqplatform.teams.views.access import MemberRequest, project_of, signed_in
from runs.reporting.names import Names
from runs.views.paging import page_of
from runs.views.report_filters import ask_cost, ask_quality
from runs.views.reports import report_tabs, require_costs

UNREAD = ("prompt", "answer", "raw_usage", "price")


@require_safe
@signed_in
def calls(request: MemberRequest, slug: str) -> HttpResponse:
    """The calls that a figure of a cost report was added up from, the latest first."""
    project = project_of(request, slug)
    require_costs()
    question, names = ask_cost(request.GET, project, timezone.now()), Names.of(project)
    rows = calls_behind(question.asked).select_related("run").defer(*UNREAD)
    page = page_of(request, rows, ("-created_at", "-id"))
    context = {"total": total_of(question.asked), "names": names, "question": question}
    return _shown(request, project, "calls", context | {"page": page})


@require_safe
@signed_in
def begun(request: MemberRequest, slug: str) -> HttpResponse:
    """The runs that began in a period, with all that each ever cost."""
    project = project_of(request, slug)
    require_costs()
    question, names = ask_cost(request.GET, project, timezone.now()), Names.of(project)
    rows = begun_runs(question.asked).select_related("run")
    page = page_of(request, rows, ("-begun_at", "-run_id"))
    context = {"names": names, "question": question, "page": page}
    return _shown(request, project, "begun", context)


@require_safe
@signed_in
def judged(request: MemberRequest, slug: str) -> HttpResponse:
    """The judged runs that a figure of a quality report was made from."""
    project = project_of(request, slug)
    question, names = ask_quality(request.GET, project, timezone.now()), Names.of(project)
    rows = runs_behind(question.asked).select_related("run")
    page = page_of(request, rows, ("-judged_at", "-run_id"))
    context = {"names": names, "question": question, "page": page}
    return _shown(request, project, "judged", context)


def _shown(
    request: MemberRequest, project: Project, name: str, context: dict[str, Any]
) -> HttpResponse:
    frame = {
        "project": project,
        "section": "reports",
        "report_tabs": report_tabs(project, "quality" if name == "judged" else "cost"),
    }
    status = 400 if context["question"].form.errors else 200
    return render(request, f"runs/reports/{name}.html", frame | context, status=status)


@require_safe
@signed_in
def call(request: MemberRequest, pk: UUID) -> HttpResponse:
    """One call: what was asked, what was answered, and how its cost comes about."""
    require_costs()
    rows = LLMCall.objects.for_user(request.user)
    rows = rows.select_related("project", "run", "profile", "subsystem", "person", "extraction")
    found = get_object_or_404(rows, pk=pk)
    windows = BudgetWindow.objects.for_user(request.user).filter(holds__call=found)
    context = {
        "project": found.project,
        "section": "reports",
        "report_tabs": report_tabs(found.project, "cost"),
        "call": found,
        "windows": list(windows.select_related("budget").order_by("budget_id")),
    }
    return render(request, "runs/reports/call.html", context)
