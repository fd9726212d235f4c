"""Reports by mail: schedules are set, sendings are read."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from reqplatform.teams.admin_base import RecordAdmin, ScopedRelatedFilter, TeamAdmin
from reqplatform.teams.models import Project, User
from runs.actions.report_schedules import save_schedule, send_now
from runs.models import MailedReport, ReportSchedule
from runs.reporting.making import TITLES


class ScheduleForm(forms.ModelForm[ReportSchedule]):
    reports = forms.MultipleChoiceField(
        choices=[(name.value, title) for name, title in TITLES.items()],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )


@admin.register(ReportSchedule)
class ReportScheduleAdmin(TeamAdmin):
    form = ScheduleForm
    list_display = ("name", "project", "cadence", "what", "hour", "file_format", "enabled")
    list_filter = ("cadence", "enabled", ("project", ScopedRelatedFilter))
    search_fields = ("name", "project__name")
    list_select_related = ("project",)
    fixed_fields = ("project",)
    fields = (
        "project", "name", "reports", "cadence", "weekday", "day", "hour", "file_format",
        "members", "addresses", "enabled",
    )  # fmt: skip
    actions = ("send_them",)

    @admin.display(description="Reports")
    def what(self, row: ReportSchedule) -> str:
        return ", ".join(row.reports)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        projects = Project.objects.for_user(request.user)
        kwargs["queryset"] = User.objects.filter(memberships__project__in=projects).distinct()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: ReportSchedule, form: Any, change: bool
    ) -> None:
        person: Any = request.user
        save_schedule(person, obj, form.cleaned_data["members"])

    @admin.action(description="Send now")
    def send_them(self, request: HttpRequest, rows: QuerySet[ReportSchedule]) -> None:
        person: Any = request.user
        chosen = list(rows.select_related("project"))
        self.apply(request, chosen, lambda row: send_now(person, row), "sent")


@admin.register(MailedReport)
class MailedReportAdmin(RecordAdmin):
    list_display = ("schedule", "due_on", "sent_at", "recipients", "attempts", "gave_up", "error")
    list_filter = ("gave_up", ("schedule", ScopedRelatedFilter))
    search_fields = ("schedule__name",)
    date_hierarchy = "due_on"
    list_select_related = ("schedule__project",)
    fields = (
        "schedule", "due_on", "sent_at", "recipients", "attempts", "due_at", "gave_up", "error",
    )  # fmt: skip
