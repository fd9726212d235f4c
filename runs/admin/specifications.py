"""Specifications, their files, and what was read out of them."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from unfold.decorators import action

from observability.sheets.admin import SheetExport
from reqplatform.teams.admin_base import (
    RecordAdmin,
    ScopedRelatedFilter,
    TeamAdmin,
    changelist_link,
)
from runs.models import Extraction, Revision, RevisionContent, Run, SourceRequirement, Specification


@admin.register(Specification)
class SpecificationAdmin(TeamAdmin):
    """Documents. Their files come in through the upload page, where they are read first."""

    list_display = ("title", "project", "revisions", "created_at")
    list_filter = (("project", ScopedRelatedFilter),)
    search_fields = ("title", "project__name", "revisions__filename", "revisions__sha256")
    date_hierarchy = "created_at"
    list_select_related = ("project",)
    fields = ("title", "project", "created_at", "revisions")
    readonly_fields = ("project", "created_at", "revisions")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Specification]:
        rows: QuerySet[Specification] = super().get_queryset(request)
        return rows.annotate(revision_count=Count("revisions"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description="Revisions", ordering="revision_count")
    def revisions(self, row: Any) -> str:
        return changelist_link(str(row.revision_count), Revision, specification__id=row.pk)


@admin.register(Revision)
class RevisionAdmin(RecordAdmin):
    """Immutable files. A run is started from here, on the page that asks what is needed."""

    list_display = (
        "specification",
        "number",
        "filename",
        "pages",
        "file_size",
        "language",
        "created_at",
    )
    list_display_links = ("specification", "number")
    list_filter = (
        "language",
        "media_type",
        ("specification__project", ScopedRelatedFilter),
        ("specification", ScopedRelatedFilter),
    )
    search_fields = ("specification__title", "filename", "sha256")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    list_select_related = ("specification__project", "uploaded_by")
    readonly_fields = ("file_size", "runs")
    actions_detail = ("start_run", "download")
    fieldsets = (
        (None, {"fields": ("specification", "number", "language", "warnings", "runs")}),
        ("File", {"fields": ("filename", "media_type", "file_size", "pages", "sha256")}),
        ("Origin", {"fields": ("uploaded_by", "created_at")}),
    )

    @admin.display(description="Size", ordering="size")
    def file_size(self, row: Revision) -> str:
        return filesizeformat(row.size)

    @admin.display(description="Runs")
    def runs(self, row: Revision) -> str:
        return changelist_link("Runs of this revision", Run, revision__id=row.pk)

    @action(description="Start a run")  # type: ignore[untyped-decorator]
    def start_run(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = get_object_or_404(self.get_queryset(request), pk=object_id)
        page = reverse("runs:run_new", args=[row.specification.project.slug])
        return redirect(f"{page}?revision={row.pk}")

    @action(description="Download the file")  # type: ignore[untyped-decorator]
    def download(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = get_object_or_404(self.get_queryset(request), pk=object_id)
        return redirect("runs:download", row.pk)


@admin.register(RevisionContent)
class RevisionContentAdmin(RecordAdmin):
    """How much room files take. The bytes themselves never come here."""

    project_path = "revision__specification__project"
    list_display = ("revision", "original_size", "document_size")
    list_filter = (("revision__specification__project", ScopedRelatedFilter),)
    search_fields = ("revision__specification__title", "revision__filename")
    list_select_related = ("revision__specification__project",)
    fields = ("revision", "original_size", "document_size")
    readonly_fields = ("original_size", "document_size")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RevisionContent]:
        return (
            RevisionContent._default_manager.filter(
                revision__in=Revision.objects.for_user(request.user)
            )
            .defer("original", "document")
            .annotate(original_bytes=Length("original"), document_bytes=Length("document"))
            .order_by("-revision__created_at")
        )

    @admin.display(description="As uploaded", ordering="original_bytes")
    def original_size(self, row: Any) -> str:
        return filesizeformat(row.original_bytes)

    @admin.display(description="As parsed", ordering="document_bytes")
    def document_size(self, row: Any) -> str:
        return filesizeformat(row.document_bytes)


@admin.register(Extraction)
class ExtractionAdmin(RecordAdmin):
    """What a method and a model read out of a revision, once for all runs that share it."""

    list_display = ("revision", "model", "state", "requirements", "created_at", "finished_at")
    list_filter = ("state", "model", ("revision__specification__project", ScopedRelatedFilter))
    search_fields = ("revision__specification__title", "model")
    date_hierarchy = "created_at"
    list_select_related = ("revision__specification__project", "skill_version__skill__project")
    readonly_fields = ("requirements",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "revision",
                    "skill_version",
                    "domain_version",
                    "model",
                    "requirements",
                    "warnings",
                )
            },
        ),
        ("State", {"fields": ("state", "reader", "lease_token")}),
        ("When", {"fields": ("created_at", "finished_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Extraction]:
        rows: QuerySet[Extraction] = super().get_queryset(request)
        return rows.annotate(requirement_count=Count("requirements"))

    @admin.display(description="Requirements", ordering="requirement_count")
    def requirements(self, row: Any) -> str:
        return changelist_link(str(row.requirement_count), SourceRequirement, extraction__id=row.pk)


@admin.register(SourceRequirement)
class SourceRequirementAdmin(SheetExport, RecordAdmin):
    list_display = ("key", "type", "statement", "section", "page", "modal", "confidence")
    list_filter = (
        "type",
        "quality_class",
        "modal",
        ("extraction__revision__specification", ScopedRelatedFilter),
        ("extraction", ScopedRelatedFilter),
    )
    search_fields = ("identifier", "text", "lead_in", "section")
    ordering = ("-extraction_id", "ordinal")
    list_select_related = ("extraction__revision__specification__project",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("identifier", "ordinal"),
                    "text",
                    "lead_in",
                    "part",
                    "type",
                    "quality_class",
                    "modal",
                )
            },
        ),
        (
            "Where",
            {"fields": ("section", "page", ("start", "end"), ("lead_in_start", "lead_in_end"))},
        ),
        ("Why", {"fields": ("reason", "confidence", "extraction", "fingerprint")}),
    )

    @admin.display(description="Requirement", ordering="ordinal")
    def key(self, row: SourceRequirement) -> str:
        return row.key

    @admin.display(description="Text")
    def statement(self, row: SourceRequirement) -> str:
        return row.statement
