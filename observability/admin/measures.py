"""What was measured: the costs of nodes and the quality of results. Read only."""

from django.contrib import admin

from observability.admin.columns import score_column
from observability.models import NodeCost, QualityRecord
from observability.sheets.admin import SheetExport
from observability.shown import cost_text, energy_text, source_text
from reqplatform.teams.admin_base import RecordAdmin, ScopedRelatedFilter


@admin.register(NodeCost)
class NodeCostAdmin(SheetExport, RecordAdmin):
    """What each node took; an extraction has a row without a run."""

    list_display = (
        "node",
        "iteration",
        "seconds",
        "calls",
        "tokens",
        "cost",
        "cost_sources",
        "energy",
        "run",
        "project",
    )
    list_filter = (
        "node",
        ("project", ScopedRelatedFilter),
        ("subsystem", ScopedRelatedFilter),
        "updated_at",
    )
    search_fields = ("=run__id", "project__name")
    ordering = ("-id",)
    list_select_related = ("project", "run", "extraction__revision__specification", "subsystem")
    readonly_fields = ("seconds", "tokens", "cost", "cost_sources", "energy")
    fieldsets = (
        (None, {"fields": ("node", "iteration", "seconds", "calls")}),
        ("Money", {"fields": ("cost", "cost_sources", "is_dirty")}),
        ("Energy, estimated", {"fields": ("energy", "energy_unknown_calls")}),
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
        return cost_text(row.cost_nusd, row.sources)

    @admin.display(description="Cost sources")
    def cost_sources(self, row: NodeCost) -> str:
        return ", ".join(map(source_text, row.sources)) or "no call"

    @admin.display(description="Energy")
    def energy(self, row: NodeCost) -> str:
        return energy_text(row.energy_low_wh, row.energy_high_wh, row.energy_unknown_calls)


@admin.register(QualityRecord)
class QualityRecordAdmin(SheetExport, RecordAdmin):
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
        "timestamp",
    )
    search_fields = ("=run__id", "subsystem__code", "specification__title")
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
