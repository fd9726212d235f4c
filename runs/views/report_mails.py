"""Reports by mail: a project's schedules, their forms, and getting no more."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from reqplatform.errors import InvalidInput
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.permissions import require
from reqplatform.teams.views.access import MemberRequest, access_to, project_of, signed_in
from runs.actions import report_schedules
from runs.forms import show_refusal
from runs.models import MailedReport, ReportSchedule
from runs.reporting.making import TITLES, offered
from runs.views.paging import page_of
from runs.views.reports import report_tabs


class ScheduleForm(forms.ModelForm[ReportSchedule]):
    reports = forms.MultipleChoiceField(label="Reports", widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = ReportSchedule
        fields = (
            "name", "reports", "cadence", "weekday", "day", "hour", "file_format", "members",
            "addresses", "enabled",
        )  # fmt: skip
        widgets = {
            "members": forms.CheckboxSelectMultiple,
            "addresses": forms.Textarea({"rows": 2}),
        }

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members: Any = self.fields["members"]
        members.queryset = User.objects.filter(memberships__project=project).order_by("username")
        members.label_from_instance = lambda user: (
            f"{user.display_name} ({user.email or 'no mail'})"
        )
        reports: Any = self.fields["reports"]
        reports.choices = [(name.value, TITLES[name]) for name in offered()]


@require_safe
@signed_in
def index(request: MemberRequest, slug: str) -> HttpResponse:
    project = project_of(request, slug)
    rows = ReportSchedule.objects.for_user(request.user).filter(project=project)
    sent = MailedReport.objects.for_user(request.user).filter(schedule__project=project)
    mine = set(rows.filter(members=request.user).values_list("pk", flat=True))
    context = _frame(request, project) | {
        "schedules": [(row, row.pk in mine) for row in rows.prefetch_related("members")],
        "page": page_of(request, sent.select_related("schedule"), ("-id",), 20),
    }
    return render(request, "runs/reports/mails.html", context)


@signed_in
def add(request: MemberRequest, slug: str) -> HttpResponse:
    """Owners only."""
    project = project_of(request, slug)
    return _form(request, ReportSchedule(project=project, reports=[n.value for n in offered()]))


@signed_in
def edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Owners only."""
    return _form(request, _schedule(request, pk))


@require_POST
@signed_in
def send(request: MemberRequest, pk: int) -> HttpResponse:
    row = _schedule(request, pk)
    count = report_schedules.send_now(request.user, row)
    messages.success(request, f"Sent to {count} reader{'s' if count > 1 else ''}.")
    return redirect("runs:report_mails", row.project.slug)


@require_POST
@signed_in
def leave(request: MemberRequest, pk: int) -> HttpResponse:
    row = _schedule(request, pk)
    report_schedules.leave(request.user, row)
    messages.success(request, f"You do not get {row.name} any more.")
    return redirect("runs:report_mails", row.project.slug)


def _schedule(request: MemberRequest, pk: int) -> ReportSchedule:
    rows = ReportSchedule.objects.for_user(request.user).select_related("project")
    found: ReportSchedule = get_object_or_404(rows, pk=pk)
    return found


def _form(request: MemberRequest, row: ReportSchedule) -> HttpResponse:
    require(request.user, row.project, Role.OWNER)
    form = ScheduleForm(request.POST or None, instance=row, project=row.project)
    if request.method == "POST" and form.is_valid():
        try:
            report_schedules.save_schedule(request.user, row, form.cleaned_data["members"])
        except InvalidInput as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, f"{row.name} is saved.")
            return redirect("runs:report_mails", row.project.slug)
    context = _frame(request, row.project) | {"form": form, "row": row}
    return render(request, "runs/reports/mail_form.html", context)


def _frame(request: MemberRequest, project: Project) -> dict[str, Any]:
    return {
        "project": project,
        "section": "reports",
        "report_tabs": report_tabs(project, "mails"),
        "access": access_to(request, project),
    }
