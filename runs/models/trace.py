from typing import ClassVar

from django.db import models
from django.db.models import Q

from reqplatform.teams.models import ProjectScoped
from runs.models.extraction import SourceRequirement
from runs.models.requirement import RequirementVersion
from runs.models.run import Run
from runs.requests import Relationship

RELATIONSHIP_CHOICES = [(kind.value, kind.value.capitalize()) for kind in Relationship]


class Allocation(ProjectScoped):
    """Whether a source requirement belongs to the run's subsystem, by which rule, and why."""

    project_path: ClassVar[str] = "run__project"

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="allocations")
    source = models.ForeignKey(
        SourceRequirement, on_delete=models.PROTECT, related_name="allocations"
    )
    allocated = models.BooleanField()
    rule = models.CharField(max_length=60)
    rationale = models.TextField()
    shared_with = models.JSONField(default=list, help_text="Codes of the other subsystems it fits.")

    class Meta:
        ordering = ["run", "source__ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["run", "source"], name="allocation_unique"),
            models.CheckConstraint(
                name="allocation_explained", condition=~Q(rule="") & ~Q(rationale="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {'allocated' if self.allocated else 'not allocated'}"


class TraceLink(ProjectScoped):
    """From a source requirement (parent) to what an iteration made of it (child)."""

    project_path: ClassVar[str] = "child__requirement__project"

    parent = models.ForeignKey(
        SourceRequirement, on_delete=models.PROTECT, related_name="trace_links"
    )
    child = models.ForeignKey(
        RequirementVersion, on_delete=models.PROTECT, related_name="trace_links"
    )
    relationship = models.CharField(max_length=10, choices=RELATIONSHIP_CHOICES)
    rationale = models.TextField()

    class Meta:
        ordering = ["parent__ordinal", "child__ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "child"], name="trace_link_unique"),
            models.CheckConstraint(
                name="trace_relationship_valid",
                condition=Q(relationship__in=[kind.value for kind in Relationship]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parent} → {self.child.requirement}"
