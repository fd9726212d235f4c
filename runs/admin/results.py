"""What runs yield: allocations, requirements, links and findings. All of it is a record."""

from django.contrib import admin

from observability.admin.columns import score_column
from observability.sheets.admin import SheetExport
from reqplatform.teams.admin_base import RecordAdmin, ScopedRelatedFilter, changelist_link
from runs.models import (
    Allocation,
    Dismissal,
    QualityIssue,
    Requirement,
    RequirementVersion,
    TraceLink,
)


@admin.register(Allocation)
class AllocationAdmin(RecordAdmin):
    list_display = ("source", "allocated", "rule", "rationale", "run")
    list_filter = ("allocated", "rule", ("run__project", ScopedRelatedFilter))
    search_fields = ("=run__id", "source__identifier", "source__text", "rule", "rationale")
    ordering = ("-run_id", "source__ordinal")
    list_select_related = ("run", "source")
    fields = ("run", "source", "allocated", "rule", "rationale", "shared_with")


@admin.register(Requirement)
class RequirementAdmin(SheetExport, RecordAdmin):
    """The identities. What they say is in their versions."""

    list_display = ("identifier", "type", "subsystem", "project", "created_at")
    list_filter = (
        "type",
        ("project", ScopedRelatedFilter),
        ("subsystem", ScopedRelatedFilter),
        "created_at",
    )
    search_fields = ("identifier", "versions__text")
    list_select_related = ("project", "subsystem")
    readonly_fields = ("versions", "derivation")
    fields = ("identifier", "type", "subsystem", "project", "created_at", "versions", "derivation")

    @admin.display(description="Versions")
    def versions(self, row: Requirement) -> str:
        return changelist_link("What it says", RequirementVersion, requirement__id=row.pk)


@admin.register(RequirementVersion)
class RequirementVersionAdmin(SheetExport, RecordAdmin):
    list_display = ("requirement", "text", "status", "iteration", "rule_score", "run")
    list_filter = (
        "status",
        "type",
        "pattern",
        "verification_method",
        ("requirement__project", ScopedRelatedFilter),
        ("requirement__subsystem", ScopedRelatedFilter),
        "created_at",
    )
    search_fields = ("=run__id", "requirement__identifier", "text")
    ordering = ("-run_id", "-iteration", "ordinal")
    list_select_related = ("requirement", "run", "edited_by")
    rule_score = score_column("score", "Score")
    fieldsets = (
        (None, {"fields": ("requirement", "text", "status", "type")}),
        (
            "In detail",
            {"fields": ("acceptance_criteria", "verification_method", "rationale", "pattern")},
        ),
        (
            "Origin",
            {"fields": ("run", ("iteration", "ordinal"), "score", "edited_by", "created_at")},
        ),
    )


@admin.register(TraceLink)
class TraceLinkAdmin(SheetExport, RecordAdmin):
    list_display = ("parent", "child_identifier", "relationship", "rationale", "run")
    list_filter = ("relationship", ("child__requirement__project", ScopedRelatedFilter))
    search_fields = ("=child__run__id", "parent__identifier", "child__requirement__identifier")
    ordering = ("-child__run_id", "parent__ordinal", "child__ordinal")
    list_select_related = ("parent", "child__requirement", "child__run")
    fields = ("parent", "child", "relationship", "rationale")

    @admin.display(description="Child", ordering="child__requirement__identifier")
    def child_identifier(self, row: TraceLink) -> str:
        return str(row.child.requirement)

    @admin.display(description="Run", ordering="child__run")
    def run(self, row: TraceLink) -> str:
        return str(row.child.run)


@admin.register(QualityIssue)
class QualityIssueAdmin(SheetExport, RecordAdmin):
    list_display = ("rule", "severity", "dimension", "source", "message", "about", "run")
    list_filter = ("severity", "dimension", "source", "rule", ("run__project", ScopedRelatedFilter))
    search_fields = ("=run__id", "rule", "message", "quote", "child__requirement__identifier")
    ordering = ("-id",)
    list_select_related = ("run", "child__requirement", "child__run", "parent")
    fieldsets = (
        (None, {"fields": ("rule", "severity", "dimension", "source", "message", "suggestion")}),
        ("Where", {"fields": ("run", "iteration", "child", "parent", "quote", ("start", "end"))}),
    )

    @admin.display(description="About")
    def about(self, row: QualityIssue) -> str:
        if row.child:
            return str(row.child.requirement)
        return str(row.parent) if row.parent else "the whole set"


@admin.register(Dismissal)
class DismissalAdmin(RecordAdmin):
    """Findings that a team has dismissed. It is done and taken back on the project's pages."""

    list_display = ("rule", "term", "reason", "project", "dismissed_by", "created_at", "stands")
    list_filter = ("rule", ("project", ScopedRelatedFilter), "created_at")
    search_fields = ("rule", "term", "reason", "project__name")
    ordering = ("-id",)
    list_select_related = ("project", "dismissed_by")
    fieldsets = (
        (None, {"fields": ("project", "rule", "term", "reason", "issue")}),
        ("Who", {"fields": ("dismissed_by", "created_at", "withdrawn_by", "withdrawn_at")}),
    )

    @admin.display(description="Stands", boolean=True, ordering="withdrawn_at")
    def stands(self, row: Dismissal) -> bool:
        return row.stands
