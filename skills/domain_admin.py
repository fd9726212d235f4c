"""A project's domain in the admin: its text is edited, and each saved text is a version."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reqplatform.teams.admin_base import (
    RecordAdmin,
    ScopedRelatedFilter,
    TeamAdmin,
    changelist_link,
)
from skills import domain as domains
from skills.actions.domains import save_domain, use_domain
from skills.models import Domain, DomainVersion
from skills.rendering import render_markdown

FORMAT = (domains.text.__doc__ or "").split("\n\n", 1)[-1]


class DomainForm(forms.ModelForm[Domain]):
    """The text that is in use, or a file in its place; mistakes are told by line."""

    text = forms.CharField(
        required=False, strip=False, widget=forms.Textarea(attrs={"rows": 32, "cols": 100})
    )
    file = forms.FileField(
        required=False, label="or a Markdown file", help_text="It takes the place of the text."
    )
    changelog = forms.CharField(required=False, max_length=300, help_text="What changed and why.")
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Domain
        fields = ("project", "enabled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = newest_of(self.instance) if self.instance.pk else None
        self.initial.setdefault("text", newest.text if newest else "")
        self.initial.setdefault("seen", newest.number if newest else 0)

    def clean(self) -> dict[str, Any] | None:
        typed = super().clean() or self.cleaned_data
        file = typed.get("file")
        if file is not None:
            if file.size > 4 * domains.text.LONGEST:
                self.add_error("file", f"A domain has up to {domains.text.LONGEST:,} characters.")
                return typed
            typed["text"] = file.read().decode("utf-8-sig", errors="replace")
        try:
            domains.parse(typed.get("text") or "")
        except domains.DomainTextError as error:
            for each in error.errors:
                self.add_error("text", str(each))
        return typed


def newest_of(domain: Domain) -> DomainVersion | None:
    newest: DomainVersion | None = domain.versions.order_by("-number").first()
    return newest


@admin.register(Domain)
class DomainAdmin(TeamAdmin):
    """Conventions, glossary and overviews; owners edit them, every saved text is a version."""

    form = DomainForm
    fixed_fields = ("project",)
    list_display = ("__str__", "enabled", "version_list")
    list_filter = ("enabled", ("project", ScopedRelatedFilter))
    list_select_related = ("project",)
    readonly_fields = ("how_it_is_written", "as_it_reads")
    fields = (
        "project", "enabled", "text", "file", "changelog", "seen", "how_it_is_written",
        "as_it_reads",
    )  # fmt: skip

    def get_fields(self, request: HttpRequest, obj: Domain | None = None) -> Any:
        if self.has_change_permission(request, obj):
            return self.fields
        return ("project", "enabled", "as_it_reads")

    def save_model(self, request: HttpRequest, obj: Domain, form: Any, change: bool) -> None:
        user: Any = request.user
        typed = form.cleaned_data
        enabled = obj.enabled
        seen = typed["seen"] if change else None
        version = save_domain(user, obj.project, typed["text"], typed["changelog"], seen=seen)
        obj.pk = version.domain_id
        obj._state.adding = False
        use_domain(user, obj, enabled=enabled)

    @admin.display(description="Versions")
    def version_list(self, domain: Domain) -> SafeString:
        return changelist_link("Show", DomainVersion, domain=domain.pk)

    @admin.display(description="How it is written")
    def how_it_is_written(self, domain: Domain) -> SafeString:
        return format_html("<pre>{}</pre>", FORMAT)

    @admin.display(description="As it reads")
    def as_it_reads(self, domain: Domain) -> SafeString:
        newest = newest_of(domain) if domain.pk else None
        text = newest.text if newest else ""
        return format_html('<div class="prose">{}</div>', render_markdown(text))


@admin.register(DomainVersion)
class DomainVersionAdmin(RecordAdmin):
    """What a domain said at one time; runs pin it, so it never changes."""

    list_display = ("__str__", "changelog", "author", "created_at")
    list_filter = (("domain", ScopedRelatedFilter),)
    list_select_related = ("domain__project", "author")
    fields = ("domain", "number", "changelog", "author", "created_at", "rendered")
    readonly_fields = ("rendered",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("text", "content")

    @admin.display(description="As it reads")
    def rendered(self, version: DomainVersion) -> SafeString:
        return format_html('<div class="prose">{}</div>', render_markdown(version.text))
