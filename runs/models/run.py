from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from uuid_utils.compat import uuid7

from reqplatform.teams.models import Project, ProjectScoped
from runs.models.extraction import Extraction
from runs.models.specification import Revision
from runs.models.subsystem import Subsystem
from runs.quality.dismissals import Dismissed


class RunStatus(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    OUT_OF_BUDGET = "out_of_budget", "Out of budget"
    WAITING_REVIEW = "waiting_review", "Waiting for review"


WORKING = (RunStatus.QUEUED, RunStatus.RUNNING)
STOPPED = (RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.OUT_OF_BUDGET)
ENDED = (RunStatus.COMPLETED, *STOPPED)


def lost_worker() -> Q:
    """Running in name only: the lease has run out, so whoever executed it is gone.

    By the database's clock, which all workers share, as the lease itself: see `runs.actions.claim`.
    """
    return Q(status=RunStatus.RUNNING, lease_expires_at__lt=Now())


class Run(ProjectScoped):
    """One revision decomposed for one subsystem.

    QUEUED -> RUNNING -> COMPLETED | FAILED | CANCELLED | OUT_OF_BUDGET | WAITING_REVIEW
    QUEUED -> CANCELLED
    WAITING_REVIEW | FAILED | CANCELLED | OUT_OF_BUDGET -> QUEUED   (resumed by a person)

    Every arrow is a compare-and-swap UPDATE in `runs.records.transition` that appends a RunEvent.
    `gate_passed` stands beside the state: yes, no, or null for not judged. All that the run depends
    on is pinned when it starts: nothing that is edited later changes it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="runs")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="runs")
    subsystem = models.ForeignKey(Subsystem, on_delete=models.PROTECT, related_name="runs")
    extraction = models.ForeignKey(
        Extraction, on_delete=models.PROTECT, null=True, blank=True, related_name="runs"
    )
    campaign = models.ForeignKey(
        "runs.Campaign", on_delete=models.PROTECT, null=True, blank=True, related_name="runs"
    )
    status = models.CharField(max_length=14, choices=RunStatus.choices, default=RunStatus.QUEUED)
    gate_passed = models.BooleanField(null=True, help_text="Null: not judged.")
    iteration = models.PositiveSmallIntegerField(default=0, help_text="0 before decomposition.")
    reason = models.TextField(blank=True, help_text="Why it stands where it stands, in words.")

    quality_threshold = models.DecimalField(max_digits=4, decimal_places=3)
    max_iterations = models.PositiveSmallIntegerField()
    weights = models.JSONField()
    dismissals = models.JSONField(
        default=dict, blank=True, help_text="The project's dismissals when it was started."
    )
    gate_policy = models.CharField(max_length=10, default="minimum")
    review_strategy = models.BooleanField(
        default=False, help_text="Wait for a person before decomposition."
    )
    unattended = models.BooleanField(
        default=False, help_text="Complete below the gate instead of waiting for a review."
    )
    routes = models.JSONField(default=dict, help_text="node -> pinned models, asked in this order.")
    group = models.CharField(
        max_length=64, blank=True, help_text="Runs of the same group share a budget."
    )
    estimate = models.JSONField(
        null=True, blank=True, help_text="What it was expected to cost when it was started."
    )
    graph_version = models.PositiveSmallIntegerField()
    strategy = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    skill_versions = models.ManyToManyField(
        "skills.SkillVersion", through="PinnedSkill", related_name="+"
    )

    domain_version = models.ForeignKey(
        "skills.DomainVersion",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="runs",
        help_text="The domain that it follows; empty without one.",
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lease_token = models.PositiveBigIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(
        max_length=100, blank=True, help_text="Machine and process that executes it, or did last."
    )
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Counted when it is claimed.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["project", "-id"], name="run_project"),
            models.Index(fields=["project", "status", "-id"], name="run_project_status"),
            models.Index(
                fields=["created_at"],
                name="run_working",
                condition=Q(status__in=["queued", "running"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="run_status_valid", condition=Q(status__in=RunStatus.values)
            ),
            models.CheckConstraint(
                name="run_threshold_range",
                condition=Q(quality_threshold__gte=0, quality_threshold__lte=1),
            ),
            models.CheckConstraint(
                name="run_iterations_range",
                condition=Q(max_iterations__gte=1, max_iterations__lte=10),
            ),
        ]

    def __str__(self) -> str:
        return f"Run {self.short_id}"

    @property
    def short_id(self) -> str:
        """The random end of the id, enough to tell runs apart in a list."""
        return self.id.hex[-8:]

    @property
    def dismissed(self) -> Dismissed:
        """What its rules weigh, and which words cost nothing."""
        return Dismissed.of((rule, term) for rule, term in self.dismissals.get("rows", ()))

    @property
    def is_working(self) -> bool:
        return self.status in WORKING

    @property
    def has_lost_worker(self) -> bool:
        """What `lost_worker` asks the database, of the row as it was read."""
        return (
            self.status == RunStatus.RUNNING
            and self.lease_expires_at is not None
            and self.lease_expires_at < timezone.now()
        )


class PinnedSkill(ProjectScoped):
    """A skill version that a run was started with."""

    project_path: ClassVar[str] = "run__project"

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="pinned_skills")
    skill_version = models.ForeignKey(
        "skills.SkillVersion", on_delete=models.PROTECT, related_name="pins"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "skill_version"], name="pinned_skill_unique")
        ]

    def __str__(self) -> str:
        return str(self.skill_version)
