from django.db import models
from django.db.models import Q
from django.utils import timezone

from observability.models.node import Node
from reqplatform.teams.models import Project, ProjectScoped


class NodeCost(ProjectScoped):
    """What one node took in one iteration of a run: time, calls, tokens, money.

    Time is measured by the executor; the rest is added up from the calls, again and again with the
    same result. An extraction has one row of its own, without a run: the revision paid for it.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="node_costs")
    run = models.ForeignKey(
        "runs.Run", on_delete=models.PROTECT, null=True, blank=True, related_name="node_costs"
    )
    extraction = models.ForeignKey(
        "runs.Extraction",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="node_costs",
    )
    subsystem = models.ForeignKey(
        "runs.Subsystem", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    node = models.CharField(max_length=10, choices=Node.choices)
    iteration = models.PositiveSmallIntegerField(default=0)
    duration_ms = models.PositiveBigIntegerField(default=0)
    calls = models.PositiveIntegerField(default=0)
    input_tokens = models.PositiveBigIntegerField(default=0)
    output_tokens = models.PositiveBigIntegerField(default=0)
    cost_nusd = models.BigIntegerField(default=0)
    energy_low_wh = models.FloatField(null=True, blank=True, help_text="Null: unknown.")
    energy_high_wh = models.FloatField(null=True, blank=True)
    energy_unknown_calls = models.PositiveIntegerField(default=0)
    sources = models.JSONField(default=list, help_text="The cost sources of its calls, sorted.")
    is_dirty = models.BooleanField(
        default=False, help_text="A call changed after it was added up; it is due again."
    )
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["run", "iteration", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "node", "iteration"],
                name="node_cost_run_unique",
                condition=Q(run__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["extraction"],
                name="node_cost_extraction_unique",
                condition=Q(run__isnull=True),
            ),
            models.CheckConstraint(
                name="node_cost_belongs_somewhere",
                condition=Q(run__isnull=False) | Q(extraction__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_node_display()} {self.iteration or ''}".strip()
