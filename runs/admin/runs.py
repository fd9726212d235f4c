"""Runs, and what happened in them. They change through actions only."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from observability.models import LLMCall, NodeCost, QualityRecord
from observability.sheets.admin import SheetExport
from reqplatform.errors import Conflict
from reqplatform.teams.admin_base import RecordAdmin, ScopedRelatedFilter, changelist_link
from runs import exports
from runs.actions.cancel import cancel_run
from runs.actions.resume import resume_run
from runs.models import (
    Allocation,
    PinnedSkill,
    QualityIssue,
    RequirementVersion,
    Review,
    Run,
    RunEvent,
    RunStatus,
)

PASSED = "passed"
COLOURS = {
    RunStatus.QUEUED: "info",
    RunStatus.RUNNING: "info",
    PASSED: "success",  # a completed run is green only if it passed its gate
    RunStatus.COMPLETED: "warning",
    RunStatus.FAILED: "danger",
    RunStatus.CANCELLED: "warning",
    RunStatus.OUT_OF_BUDGET: "danger",
    RunStatus.WAITING_REVIEW: "warning",
}


@admin.register(Run)
class RunAdmin(SheetExport, RecordAdmin):
    list_display = (
        "short",
        "state",
        "gate_passed",
        "subsystem",
        "revision",
        "iteration",
        "project",
        "started_by",
        "created_at",
    )
    list_filter = (
        "status",
        "gate_passed",
        ("project", ScopedRelatedFilter),
        ("subsystem", ScopedRelatedFilter),
        "created_at",
    )
    search_fields = ("=id", "subsystem__code", "subsystem__name", "revision__specification__title")
    list_select_related = ("project", "subsystem", "revision__specification", "started_by")
    readonly_fields = ("rows", "skills")
    actions = ("cancel", "resume")
    actions_detail = ("open_page", "download")
    fieldsets = (
        (None, {"fields": ("status", "gate_passed", "reason", "iteration", "rows")}),
        (
            "What",
            {
                "fields": (
                    "project",
                    "revision",
                    "subsystem",
                    "extraction",
                    "campaign",
                    "group",
                    "started_by",
                )
            },
        ),
        (
            "Pinned when it started",
            {
                "fields": (
                    ("quality_threshold", "max_iterations"),
                    "weights",
                    ("gate_policy", "graph_version"),
                    ("review_strategy", "unattended"),
                    "routes",
                    "estimate",
                    "skills",
                    "strategy",
                )
            },
        ),
        ("Worker", {"fields": ("attempts", "lease_token", "lease_expires_at")}),
        ("When", {"fields": ("created_at", "started_at", "finished_at")}),
    )

    @admin.display(description="Run", ordering="id")
    def short(self, run: Run) -> str:
        return run.short_id

    @display(description="Status", ordering="status", label=COLOURS)  # type: ignore[untyped-decorator]
    def state(self, run: Run) -> tuple[str, str]:
        if run.status != RunStatus.COMPLETED:
            return run.status, run.get_status_display()
        if run.gate_passed:
            return PASSED, "Completed"
        return run.status, "Completed, gate missed"

    @admin.display(description="Pinned skills and domain")
    def skills(self, run: Run) -> str:
        pins = run.pinned_skills.select_related("skill_version__skill__project")
        labels = sorted(pin.skill_version.label for pin in pins)
        return (
            ", ".join([*labels, *([run.domain_version.label] if run.domain_version else [])])
            or "none"
        )

    @admin.display(description="Its rows")
    def rows(self, run: Run) -> SafeString:
        models: tuple[tuple[str, Any], ...] = (
            ("Requirements", RequirementVersion),
            ("Allocations", Allocation),
            ("Issues", QualityIssue),
            ("Quality", QualityRecord),
            ("Reviews", Review),
            ("Events", RunEvent),
            ("Calls", LLMCall),
            ("Costs", NodeCost),
        )
        links = ((changelist_link(text, model, run__id=run.pk),) for text, model in models)
        return format_html_join(" · ", "{}", links)

    @admin.action(description="Cancel")
    def cancel(self, request: HttpRequest, rows: QuerySet[Run]) -> None:
        person: Any = request.user
        self.apply(request, rows, lambda run: cancel_run(person, run), "cancelled")

    @admin.action(description="Resume from the last checkpoint (approves a pending review)")
    def resume(self, request: HttpRequest, rows: QuerySet[Run]) -> None:
        person: Any = request.user
        self.apply(request, rows, lambda run: resume_run(person, run), "queued again")

    @action(description="Open its page")  # type: ignore[untyped-decorator]
    def open_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        run = get_object_or_404(self.get_queryset(request), pk=object_id)
        return redirect("runs:run", run.pk)

    @action(description="Download its files")  # type: ignore[untyped-decorator]
    def download(self, request: HttpRequest, object_id: str) -> HttpResponse:
        run = get_object_or_404(self.get_queryset(request), pk=object_id)
        try:
            exports.require_complete(run)
        except Conflict as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
            return redirect("admin:runs_run_change", run.pk)
        name = exports.archive_name(run)
        return HttpResponse(
            exports.archive(run),
            content_type="application/zip",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "X-Content-Type-Options": "nosniff",
            },
        )


@admin.register(PinnedSkill)
class PinnedSkillAdmin(RecordAdmin):
    list_display = ("run", "skill_version")
    list_filter = (("run__project", ScopedRelatedFilter), "skill_version__skill__slug")
    search_fields = ("=run__id", "skill_version__skill__slug")
    ordering = ("-id",)
    list_select_related = ("run", "skill_version__skill__project")


@admin.register(RunEvent)
class RunEventAdmin(RecordAdmin):
    list_display = ("created_at", "run", "seq", "kind", "node", "iteration", "message")
    list_display_links = ("created_at", "seq")
    list_filter = ("kind", "node", ("run__project", ScopedRelatedFilter), "created_at")
    search_fields = ("=run__id", "message")
    ordering = ("-id",)
    list_select_related = ("run",)
    fields = ("run", "seq", "kind", "node", "iteration", "message", "figures", "created_at")


@admin.register(Review)
class ReviewAdmin(RecordAdmin):
    """What runs wait for and what was decided. It is decided on the run's page."""

    list_display = ("run", "kind", "iteration", "decision", "decided_by", "decided_at")
    list_filter = ("decision", "kind", ("run__project", ScopedRelatedFilter), "created_at")
    search_fields = ("=run__id", "feedback", "decided_by__username")
    ordering = ("-id",)
    list_select_related = ("run", "decided_by")
    fields = (
        "run",
        "kind",
        "iteration",
        "decision",
        "feedback",
        "decided_by",
        "by_policy",
        "decided_at",
        "reminders",
        "created_at",
    )
