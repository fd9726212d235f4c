from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from observability.models import Node
from reqplatform.teams.models import ProjectScoped
from runs.models.run import Run


class EventKind(models.TextChoices):
    STATUS = "status", "Status changed"
    NODE_STARTED = "node_started", "Node started"
    NODE_FINISHED = "node_finished", "Node finished"
    REVIEW = "review", "Review"
    WARNING = "warning", "Warning"
    RECONCILED = "reconciled", "Reconciled with LangSmith"


class RunEvent(ProjectScoped):
    """What happened in a run, in order. Pages poll `seq > n`; nothing is ever changed or removed.

    NODE_FINISHED is written in the transaction that commits the node's output, once for each
    (run, node, iteration): it is how a node that is executed again knows that it has nothing to do.
    """

    project_path: ClassVar[str] = "run__project"

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField(help_text="From 1, without gaps, in each run.")
    kind = models.CharField(max_length=14, choices=EventKind.choices)
    node = models.CharField(max_length=10, choices=Node.choices, blank=True)
    iteration = models.PositiveSmallIntegerField(default=0)
    message = models.TextField()
    figures = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["run", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["run", "seq"], name="event_seq_unique"),
            models.UniqueConstraint(
                fields=["run", "node", "iteration"],
                name="event_node_finished_once",
                condition=models.Q(kind="node_finished"),
            ),
        ]

    @property
    def tells_costs(self) -> bool:
        """Whether it is about costs alone, so that it is not shown where costs are hidden."""
        cheaper = self.figures.get("happening") == "cheaper_route"
        return cheaper or self.kind == EventKind.RECONCILED

    def __str__(self) -> str:
        return f"{self.run} #{self.seq}: {self.message}"
