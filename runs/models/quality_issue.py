from typing import ClassVar

from django.db import models
from django.db.models import Q

from reqplatform.teams.models import ProjectScoped
from runs.models.extraction import SourceRequirement
from runs.models.requirement import RequirementVersion
from runs.models.run import Run
from runs.quality.finding import Dimension, Severity

DIMENSION_CHOICES = [(item.value, item.value.capitalize()) for item in Dimension]
SEVERITY_CHOICES = [(item.value, item.value.capitalize()) for item in Severity]


class IssueSource(models.TextChoices):
    RULE = "rule", "Rule"
    JUDGE = "judge", "Judge"


class QualityIssue(ProjectScoped):
    """A finding in the result of one iteration: of a child, of a parent, or of the whole set."""

    project_path: ClassVar[str] = "run__project"

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="quality_issues")
    iteration = models.PositiveSmallIntegerField()
    child = models.ForeignKey(
        RequirementVersion,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="quality_issues",
    )
    parent = models.ForeignKey(
        SourceRequirement, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    source = models.CharField(max_length=5, choices=IssueSource.choices)
    rule = models.CharField(max_length=60)
    dimension = models.CharField(max_length=12, choices=DIMENSION_CHOICES)
    severity = models.CharField(max_length=8, choices=SEVERITY_CHOICES)
    start = models.PositiveIntegerField(default=0, help_text="In the child's text.")
    end = models.PositiveIntegerField(default=0, help_text="Equal to start: the whole text.")
    quote = models.TextField(blank=True)
    message = models.TextField()
    suggestion = models.TextField(blank=True)

    class Meta:
        ordering = ["run", "iteration", "id"]
        indexes = [models.Index(fields=["run", "iteration"], name="issue_run_iteration")]
        constraints = [
            models.CheckConstraint(
                name="issue_severity_valid",
                condition=Q(severity__in=[item.value for item in Severity]),
            ),
            models.CheckConstraint(
                name="issue_span_valid", condition=Q(end__gte=models.F("start"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} ({self.severity})"
