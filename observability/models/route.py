from typing import ClassVar

from django.db import models
from django.db.models import Q

from observability.models.model_profile import ModelProfile
from observability.models.node import Node
from reqplatform.teams.models import Project, ProjectScoped


class Route(ProjectScoped):
    """Which models a project's node asks, in the order of their positions.

    A project without a route for a node uses the embedded analyst.
    """

    project_path: ClassVar[str] = "project"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="routes")
    node = models.CharField(max_length=10, choices=Node.choices)
    position = models.PositiveSmallIntegerField(default=1, help_text="1 is asked first.")
    profile = models.ForeignKey(ModelProfile, on_delete=models.PROTECT, related_name="routes")
    temperature = models.DecimalField(max_digits=3, decimal_places=2, default=0)

    class Meta:
        ordering = ["project", "node", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "node", "position"], name="route_position_unique"
            ),
            models.UniqueConstraint(
                fields=["project", "node", "profile"], name="route_profile_once"
            ),
            models.CheckConstraint(name="route_node_valid", condition=Q(node__in=Node.values)),
            models.CheckConstraint(
                name="route_temperature_range",
                condition=Q(temperature__gte=0, temperature__lte=2),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.get_node_display()} {self.position} → {self.profile}"
