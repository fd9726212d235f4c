"""The admin of money and measures. What was measured is read only; models and routes are chosen."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from observability.models import CallState, LLMCall, ModelProfile, NodeCost, QualityRecord, Route
from observability.money import format_usd
from reqplatform.teams.admin_base import (
    RecordAdmin,
    ScopedRelatedFilter,
    SettingAdmin,
    TeamAdmin,
    changelist_link,
)


def score_column(field: str, title: str) -> Callable[[Any, Any], str]:
    """A column of a score, 0 to 1, with two decimals."""

    @admin.display(description=title, ordering=field)
    def column(_admin: Any, row: Any) -> str:
        value = getattr(row, field)
        return "–" if value is None else f"{value:.2f}"

    return column


@admin.register(ModelProfile)
class ModelProfileAdmin(SettingAdmin):
    """Models that calls can be routed to. One that was called can be disabled, not deleted."""

    list_display = ("name", "provider", "model", "context_window", "max_output_tokens", "enabled")
    list_filter = ("provider", "enabled")
    search_fields = ("name", "model")
    readonly_fields = ("calls_link",)
    deletable = True
    fieldsets = (
        (None, {"fields": ("name", "provider", "model", "enabled")}),
        ("Limits, in tokens", {"fields": ("context_window", "max_output_tokens")}),
        ("Use", {"fields": ("calls_link",)}),
    )

    @admin.display(description="Calls")
    def calls_link(self, profile: ModelProfile) -> str:
        if profile.pk is None:
            return "–"
        return changelist_link("Calls of this model", LLMCall, profile__id=profile.pk)


@admin.register(Route)
class RouteAdmin(TeamAdmin):
    """Which model a project's node asks. Without a route it is the embedded analyst."""

    list_display = ("project", "node", "position", "profile", "temperature")
    list_display_links = ("project", "node")
    list_filter = ("node", ("project", ScopedRelatedFilter), ("profile", ScopedRelatedFilter))
    search_fields = ("project__name", "profile__name")
    list_select_related = ("project", "profile")
    fixed_fields = ("project",)
    fields = ("project", "node", "position", "profile", "temperature")
    deletable = True


@admin.register(LLMCall)
class LLMCallAdmin(RecordAdmin):
    """The journal of all calls, and so the ledger."""

    list_display = (
        "created_at",
        "node",
        "model",
        "state",
        "cost",
        "cost_source",
        "tokens",
        "run",
        "project",
    )
    list_filter = (
        "state",
        "cost_source",
        "node",
        ("project", ScopedRelatedFilter),
        ("profile", ScopedRelatedFilter),
    )
    search_fields = ("=id", "=run__id", "request_key", "model", "error")
    date_hierarchy = "created_at"
    list_select_related = ("project", "run", "extraction__revision__specification", "profile")
    readonly_fields = ("cost", "held", "tokens")
    fieldsets = (
        (None, {"fields": ("state", "node", "iteration", "ordinal", "provider", "model", "skill")}),
        (
            "Belongs to",
            {"fields": ("project", "run", "extraction", "subsystem", "person", "profile")},
        ),
        ("Money", {"fields": ("cost", "cost_source", "held")}),
        (
            "Tokens",
            {
                "fields": (
                    ("input_fresh", "cache_read", "cache_write"),
                    ("output", "reasoning", "tokens"),
                    "raw_usage",
                )
            },
        ),
        (
            "Words",
            {"fields": ("request_key", "error", "prompt", "answer"), "classes": ("collapse",)},
        ),
        ("When", {"fields": ("created_at", "finished_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[LLMCall]:
        rows: QuerySet[LLMCall] = super().get_queryset(request)
        return rows.defer("prompt", "answer", "raw_usage")  # long, and no list shows them

    @admin.display(description="Cost", ordering="cost_nusd")
    def cost(self, call: LLMCall) -> str:
        if call.state == CallState.RELEASED:
            return "released"
        if call.cost_nusd is None:  # unknown is never $0
            return f"up to {format_usd(call.held_nusd)}"
        return format_usd(call.cost_nusd)

    @admin.display(description="Held", ordering="held_nusd")
    def held(self, call: LLMCall) -> str:
        return format_usd(call.held_nusd)

    @admin.display(description="Tokens")
    def tokens(self, call: LLMCall) -> str:
        return f"{call.tokens:,}"


@admin.register(NodeCost)
class NodeCostAdmin(RecordAdmin):
    """What each node took; an extraction has a row without a run."""

    list_display = (
        "node",
        "iteration",
        "seconds",
        "calls",
        "tokens",
        "cost",
        "cost_sources",
        "run",
        "project",
    )
    list_filter = ("node", ("project", ScopedRelatedFilter), ("subsystem", ScopedRelatedFilter))
    search_fields = ("=run__id", "project__name")
    date_hierarchy = "updated_at"
    ordering = ("-id",)
    list_select_related = ("project", "run", "extraction__revision__specification", "subsystem")
    readonly_fields = ("seconds", "tokens", "cost", "cost_sources")
    fieldsets = (
        (None, {"fields": ("node", "iteration", "seconds", "calls")}),
        ("Money", {"fields": ("cost", "cost_sources")}),
        ("Tokens", {"fields": (("input_tokens", "output_tokens"),)}),
        ("Belongs to", {"fields": ("project", "run", "extraction", "subsystem", "updated_at")}),
    )

    @admin.display(description="Seconds", ordering="duration_ms")
    def seconds(self, row: NodeCost) -> str:
        return f"{row.duration_ms / 1000:,.1f}"

    @admin.display(description="Tokens")
    def tokens(self, row: NodeCost) -> str:
        return f"{row.input_tokens + row.output_tokens:,}"

    @admin.display(description="Cost", ordering="cost_nusd")
    def cost(self, row: NodeCost) -> str:
        return format_usd(row.cost_nusd)

    @admin.display(description="Cost sources")
    def cost_sources(self, row: NodeCost) -> str:
        return ", ".join(row.sources) or "no call"


@admin.register(QualityRecord)
class QualityRecordAdmin(RecordAdmin):
    """The scores of each iteration, by the rules and by the judge, and what the gate said."""

    list_display = (
        "timestamp",
        "run",
        "subsystem",
        "iteration_count",
        "requirements_count",
        "overall_score",
        "rules_score",
        "judge_score",
        "critical_count",
        "validation_passed",
        "project",
    )
    list_filter = (
        "validation_passed",
        ("project", ScopedRelatedFilter),
        ("subsystem", ScopedRelatedFilter),
    )
    search_fields = ("=run__id", "subsystem__code", "specification__title")
    date_hierarchy = "timestamp"
    list_select_related = ("project", "run", "subsystem", "specification")
    fieldsets = (
        (
            "The gate",
            {
                "fields": (
                    "validation_passed",
                    "gate_reason",
                    ("overall", "threshold", "gate_policy"),
                    "critical_count",
                )
            },
        ),
        (
            "Scores, 0 to 1",
            {
                "fields": (
                    ("completeness", "clarity"),
                    ("testability", "traceability"),
                    "domain_compliance",
                    ("rules_overall", "judge_overall"),
                    "judge_scores",
                    "weights",
                )
            },
        ),
        (
            "Counts",
            {
                "fields": (
                    ("iteration_count", "requirements_count", "allocated_count"),
                    "findings_by_rule",
                )
            },
        ),
        (
            "Belongs to",
            {
                "fields": (
                    "project",
                    "run",
                    "subsystem",
                    "specification",
                    "person",
                    "skill_versions",
                    "timestamp",
                )
            },
        ),
    )
    overall_score = score_column("overall", "Overall")
    rules_score = score_column("rules_overall", "Rules")
    judge_score = score_column("judge_overall", "Judge")
