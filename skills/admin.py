"""Methods and their versions in the admin. Every change goes through the actions of the pages."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reqplatform.teams.admin_base import ScopedRelatedFilter, TeamAdmin, changelist_link
from skills import lint
from skills.actions import activation, drafts
from skills.actions.drafts import Draft
from skills.domain_admin import DomainAdmin, DomainVersionAdmin
from skills.models import Skill, SkillSlug, SkillVersion, VersionStatus
from skills.rendering import render_markdown

__all__ = ["DomainAdmin", "DomainVersionAdmin", "SkillAdmin", "SkillVersionAdmin"]


@admin.register(Skill)
class SkillAdmin(TeamAdmin):
    """The four methods of the library and the projects' variants; their texts are in versions."""

    list_display = ("method", "project", "active", "version_list")
    list_filter = ("slug", ("project", ScopedRelatedFilter))
    list_select_related = ("project",)
    readonly_fields = ("slug", "project")
    actions = ("start_draft",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        active = SkillVersion.objects.for_user(request.user).filter(
            skill=models.OuterRef("pk"), status=VersionStatus.ACTIVE
        )
        rows = super().get_queryset(request)
        annotated: models.QuerySet[Any] = rows.annotate(
            active_number=models.Subquery(active.values("number")[:1])
        )
        return annotated

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description="Method", ordering="slug")
    def method(self, skill: Skill) -> str:
        return skill.get_slug_display()

    @admin.display(description="Active version", ordering="active_number")
    def active(self, skill: Any) -> str:
        return f"v{skill.active_number}" if skill.active_number else "None"

    @admin.display(description="Versions")
    def version_list(self, skill: Skill) -> SafeString:
        return changelist_link("Show", SkillVersion, skill=skill.pk)

    @admin.action(description="Start a new draft")
    def start_draft(self, request: HttpRequest, queryset: models.QuerySet[Skill]) -> None:
        user: Any = request.user

        def start(skill: Skill) -> None:
            slug = SkillSlug(skill.slug)
            if skill.project is None:
                drafts.create_library_draft(user, slug)
            else:
                drafts.create_variant(user, skill.project, slug)

        self.apply(request, queryset, start, "drafts started")


class DraftAdminForm(forms.ModelForm[SkillVersion]):
    """Checks what lint checks; `seen` tells whether the draft was edited since it was opened."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = SkillVersion
        fields = ("changelog", "parameters", "body")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen"] = self.instance.fingerprint

    def clean(self) -> dict[str, Any] | None:
        typed = super().clean() or self.cleaned_data
        if "body" in typed and isinstance(typed.get("parameters"), dict):
            slug = self.instance.skill.slug
            report = lint.check(slug, typed["parameters"], typed["body"], typed["changelog"])
            for error in report.errors:
                self.add_error(None, error)
        elif "parameters" in typed:
            self.add_error("parameters", "The parameters must be an object: names with values.")
        return typed


@admin.register(SkillVersion)
class SkillVersionAdmin(TeamAdmin):
    """Drafts are edited and discarded here; what may have been used is read only."""

    form = DraftAdminForm
    deletable = True
    list_display = ("__str__", "project", "state", "changelog", "author", "activated_at")
    list_filter = ("status", "skill__slug", ("skill", ScopedRelatedFilter))
    list_select_related = ("skill__project", "author")
    actions = ("activate_drafts", "roll_back_to")
    readonly_fields = (
        "skill", "number", "status", "author", "created_at", "activated_at", "activated_by",
        "rendered",
    )  # fmt: skip
    fields = ("changelog", "parameters", "body", "seen", *readonly_fields)

    def get_actions(self, request: HttpRequest) -> Any:
        """Without the deletion in bulk, which would go round the actions."""
        found = super().get_actions(request)
        found.pop("delete_selected", None)
        return found

    def get_fields(self, request: HttpRequest, obj: SkillVersion | None = None) -> Any:
        return [name for name in self.fields if name != "seen" or self._editable(request, obj)]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        if isinstance(obj, SkillVersion) and not obj.is_draft:
            return False
        return super().has_change_permission(request, obj)

    def _editable(self, request: HttpRequest, obj: SkillVersion | None) -> bool:
        return obj is not None and self.has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: SkillVersion, form: Any, change: bool) -> None:
        user: Any = request.user
        typed = form.cleaned_data
        draft = Draft(typed["parameters"], typed["body"], typed["changelog"])
        drafts.edit_draft(user, obj, draft, seen=typed["seen"])

    def delete_model(self, request: HttpRequest, obj: SkillVersion) -> None:
        user: Any = request.user
        drafts.discard_draft(user, obj, seen=obj.fingerprint)

    @admin.display(description="Project", ordering="skill__project")
    def project(self, version: SkillVersion) -> str:
        return str(version.skill.project or "Library")

    @admin.display(description="Status", ordering="status")
    def state(self, version: SkillVersion) -> str:
        return version.get_status_display()

    @admin.display(description="As it reads")
    def rendered(self, version: SkillVersion) -> SafeString:
        return format_html('<div class="prose">{}</div>', render_markdown(version.body))

    @admin.action(description="Activate drafts")
    def activate_drafts(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        self._switch(request, queryset, activation.activate)

    @admin.action(description="Roll back to retired versions")
    def roll_back_to(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        self._switch(request, queryset, activation.roll_back)

    def _switch(self, request: HttpRequest, rows: models.QuerySet[Any], act: Any) -> None:
        def switch(version: SkillVersion) -> None:
            active = SkillVersion.objects.for_user(request.user).filter(
                skill=version.skill_id, status=VersionStatus.ACTIVE
            )
            seen_active = active.values_list("pk", flat=True).first()
            act(request.user, version, seen=version.fingerprint, seen_active=seen_active)

        self.apply(request, rows, switch, "activated")
