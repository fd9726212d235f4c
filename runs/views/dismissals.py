"""Dismissing findings: the form, the project's list, and taking one back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from reqplatform.errors import InvalidInput
from reqplatform.teams.models import Role
from reqplatform.teams.permissions import require
from reqplatform.teams.views.access import MemberRequest, access_to, project_of, signed_in
from runs.actions.dismissals import dismiss, dismissed_in_project, why_not, withdraw
from runs.forms import DismissalForm, show_refusal
from runs.models import Dismissal, QualityIssue
from runs.views.paging import page_of


@signed_in
def new(request: MemberRequest, pk: int) -> HttpResponse:
    """Dismiss a finding, for its words or for its rule. Editors and above."""
    rows = QualityIssue.objects.for_user(request.user)
    rows = rows.select_related("run__project", "child__requirement", "parent")
    issue = get_object_or_404(rows, pk=pk)
    project = issue.run.project
    require(request.user, project, Role.EDITOR)
    form = DismissalForm(request.POST or None, issue=issue)
    refusal = why_not(issue)
    if request.method == "POST" and not refusal and form.is_valid():
        try:
            dismissal = dismiss(
                request.user, issue, form.cleaned_data["reason"], whole_rule=form.whole_rule
            )
        except InvalidInput as fault:
            show_refusal(form, fault)
        else:
            messages.success(request, f"{dismissal} is dismissed, from the next run on.")
            return redirect("runs:dismissals", project.slug)
    context = {"project": project, "section": "runs", "issue": issue, "form": form}
    return render(request, "runs/dismiss.html", context | {"refusal": refusal})


@require_safe
@signed_in
def index(request: MemberRequest, slug: str) -> HttpResponse:
    """What the project has dismissed, why, and what its rules weigh because of it."""
    project = project_of(request, slug)
    rows = Dismissal.objects.for_user(request.user).filter(project=project, withdrawn_at=None)
    listed = rows.select_related("dismissed_by", "issue__run")
    page = page_of(request, listed, ("rule", "term", "id"))
    context = {
        "project": project,
        "section": "runs",
        "access": access_to(request, project),
        "page": page,
        "weights": sorted(dismissed_in_project(project).weights.items()),
    }
    return render(request, "runs/dismissals.html", context)


@require_POST
@signed_in
def take_back(request: MemberRequest, pk: int) -> HttpResponse:
    rows = Dismissal.objects.for_user(request.user).select_related("project")
    dismissal = get_object_or_404(rows, pk=pk)
    withdraw(request.user, dismissal)
    messages.success(request, f"{dismissal} counts again, from the next run on.")
    return redirect("runs:dismissals", dismissal.project.slug)
