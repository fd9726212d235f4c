from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from reqplatform.teams.models import Project, ProjectScoped
from runs.models.extraction import TYPE_CHOICES
from runs.models.run import Run
from runs.models.subsystem import Subsystem
from runs.requests import Pattern, RequirementType, Verification

VERIFICATION_CHOICES = [(method.value, method.value.capitalize()) for method in Verification]
PATTERN_CHOICES = [(pattern.value, pattern.value.capitalize()) for pattern in Pattern]


class IdentifierCounter(ProjectScoped):
    """The last number given to an identifier `{CODE}-{TYPE}-{NNN}`. Numbers are never reused."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=10)
    type = models.CharField(max_length=4, choices=TYPE_CHOICES)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "code", "type"], name="counter_unique")
        ]

    def __str__(self) -> str:
        return f"{self.code}-{self.type}-{self.last:03d}"


class Requirement(ProjectScoped):
    """The identity of a requirement in its subsystem. What it says is in its versions.

    `derivation` tells what it was derived from (specification, parents, type): whoever derives the
    same thing from the same parents, in a later iteration or run, adds a version to this identity.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="requirements")
    subsystem = models.ForeignKey(Subsystem, on_delete=models.PROTECT, related_name="requirements")
    identifier = models.CharField(max_length=30)
    type = models.CharField(max_length=4, choices=TYPE_CHOICES)
    derivation = models.CharField(max_length=64, editable=False)
    sibling = models.PositiveSmallIntegerField(
        default=1, editable=False, help_text="Among those of one derivation, from 1."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["project", "identifier"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "identifier"], name="requirement_identifier_unique"
            ),
            models.UniqueConstraint(
                fields=["subsystem", "derivation", "sibling"],
                name="requirement_derivation_unique",
            ),
            models.CheckConstraint(
                name="requirement_type_valid",
                condition=Q(type__in=[kind.value for kind in RequirementType]),
            ),
        ]

    def __str__(self) -> str:
        return self.identifier


class VersionState(models.TextChoices):
    DRAFT = "draft", "Draft"  # of an iteration whose run has not ended
    PROPOSED = "proposed", "Proposed"  # of a completed run; its gate says how good it is
    ACCEPTED = "accepted", "Accepted"  # by a person, in the review of the result
    SUPERSEDED = "superseded", "Superseded"  # a later iteration of the same run says it anew


class RequirementVersion(ProjectScoped):
    """What one iteration of a run, or a person, says that a requirement is.

    DRAFT -> PROPOSED when its run completes, or ACCEPTED if a person approved the result;
    DRAFT -> SUPERSEDED by the next iteration.
    """

    project_path: ClassVar[str] = "requirement__project"

    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="versions")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="requirement_versions")
    iteration = models.PositiveSmallIntegerField()
    ordinal = models.PositiveIntegerField(help_text="From 1, in the order of the result.")
    text = models.TextField()
    type = models.CharField(max_length=4, choices=TYPE_CHOICES)
    acceptance_criteria = models.JSONField(default=list)
    rationale = models.TextField()
    verification_method = models.CharField(max_length=13, choices=VERIFICATION_CHOICES)
    pattern = models.CharField(max_length=10, choices=PATTERN_CHOICES)
    status = models.CharField(
        max_length=10, choices=VersionState.choices, default=VersionState.DRAFT
    )
    score = models.FloatField(null=True, blank=True, help_text="By the rules, 0 to 1.")
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["run", "iteration", "ordinal"]
        constraints = [
            models.UniqueConstraint(
                fields=["requirement", "run", "iteration"], name="version_iteration_unique"
            ),
            models.UniqueConstraint(
                fields=["run", "iteration", "ordinal"], name="version_ordinal_unique"
            ),
            models.CheckConstraint(name="version_text_given", condition=~Q(text="")),
            models.CheckConstraint(
                name="version_status_valid", condition=Q(status__in=VersionState.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.requirement} ({self.run}, iteration {self.iteration})"
