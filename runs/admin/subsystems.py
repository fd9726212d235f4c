"""Subsystems: what leads tell the agents about the parts of the system."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextareaWidget

from observability.sheets.import_admin import SheetImport
from reqplatform.errors import InvalidInput
from reqplatform.teams.admin_base import (
    RecordAdmin,
    ScopedRelatedFilter,
    TeamAdmin,
    changelist_link,
)
from runs.actions.subsystems import check_subsystem, in_capitals, save_subsystem
from runs.forms import show_refusal
from runs.importing.subsystems import SubsystemResource
from runs.models import IdentifierCounter, Requirement, Run, Subsystem


class SubsystemForm(forms.ModelForm[Subsystem]):
    keywords = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget,
        help_text="Words of the specification that point to it, one on each line.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["keywords"] = "\n".join(self.instance.keywords)

    def clean_code(self) -> str:
        return in_capitals(str(self.cleaned_data["code"]))

    def clean_keywords(self) -> list[str]:
        lines = str(self.cleaned_data["keywords"]).splitlines()
        return [line.strip() for line in lines if line.strip()]

    def _post_clean(self) -> None:
        """Set the instance's values and ask the action, whose words are better than the model's."""
        for name, value in self.cleaned_data.items():
            setattr(self.instance, name, value)
        if not self.errors:
            try:
                check_subsystem(self.instance)
            except InvalidInput as refusal:
                show_refusal(self, refusal)


@admin.register(Subsystem)
class SubsystemAdmin(SheetImport, TeamAdmin):
    """Owners add and describe subsystems. A code that begins identifiers stays as it is."""

    form = SubsystemForm
    import_resource = SubsystemResource
    list_display = ("code", "name", "project", "run_count", "created_at")
    list_display_links = ("code", "name")
    list_filter = (("project", ScopedRelatedFilter),)
    search_fields = ("code", "name", "description", "keywords", "project__name")
    list_select_related = ("project",)
    fixed_fields = ("project", "used_by")
    readonly_fields = ("created_at",)
    fieldsets = (
        (None, {"fields": ("project", "code", "name")}),
        (
            "What the agents read",
            {
                "fields": ("description", "interfaces", "keywords"),
                "description": "Allocation goes by these words; use the specification's own.",
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subsystem]:
        rows: QuerySet[Subsystem] = super().get_queryset(request)
        return rows.annotate(runs_number=Count("runs"))

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return fieldsets
        return (*fieldsets, ("Use", {"fields": ("used_by", "created_at")}))

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> tuple[str, ...]:
        fields = super().get_readonly_fields(request, obj)
        begun = isinstance(obj, Subsystem) and obj.requirements.exists()
        return (*fields, "code") if begun else fields

    def save_model(self, request: HttpRequest, obj: Subsystem, form: Any, change: bool) -> None:
        save_subsystem(request.user, obj)  # type: ignore[arg-type]

    @admin.display(description="Runs", ordering="runs_number")
    def run_count(self, row: Any) -> str:
        return changelist_link(str(row.runs_number), Run, subsystem__id=row.pk)

    @admin.display(description="Requirements")
    def used_by(self, row: Subsystem) -> str:
        return changelist_link("Requirements of this subsystem", Requirement, subsystem__id=row.pk)


@admin.register(IdentifierCounter)
class IdentifierCounterAdmin(RecordAdmin):
    """The last number given; numbers are never given twice."""

    list_display = ("code", "type", "last", "project")
    list_filter = ("type", ("project", ScopedRelatedFilter))
    search_fields = ("code", "project__name")
    ordering = ("project", "code", "type")
    list_select_related = ("project",)
