from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from reqplatform.teams.models import ProjectScoped
from runs.models.run import Run


class ReviewKind(models.TextChoices):
    STRATEGY = "strategy", "Strategy, before decomposition"
    RESULT = "result", "Result, after validation"


class Decision(models.TextChoices):
    PENDING = "pending", "Pending"
    APPROVED = "approved", "Approved"
    CHANGES = "changes", "Changes wanted"
    REJECTED = "rejected", "Rejected"
    EXPIRED = "expired", "Expired"


UNDECIDED = (Decision.PENDING, Decision.EXPIRED)


class Review(ProjectScoped):
    """A person's word that a run waits for, or what the project's policy says in its place.

    PENDING -> APPROVED   the run goes on
            -> CHANGES    the feedback goes back to the agent (once more beyond the last iteration)
            -> REJECTED   the run is cancelled
            -> EXPIRED    nobody decided in time and the project cancels such runs; resumed, it
                          waits for a review of its own
    The first decision counts: the change is a compare-and-swap on PENDING.
    """

    project_path: ClassVar[str] = "run__project"

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="reviews")
    kind = models.CharField(max_length=8, choices=ReviewKind.choices)
    iteration = models.PositiveSmallIntegerField()
    decision = models.CharField(max_length=8, choices=Decision.choices, default=Decision.PENDING)
    feedback = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    by_policy = models.BooleanField(
        default=False, help_text="Nobody decided in time, and the project's review policy did."
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0, help_text="How many were sent.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["run", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["run"], name="review_one_pending", condition=Q(decision="pending")
            ),
            models.CheckConstraint(
                name="review_decided_at_known",
                condition=Q(decision="pending") | Q(decided_at__isnull=False),
            ),
        ]

    @property
    def decider(self) -> str:
        """Who decided, in words. Needs `decided_by` loaded."""
        if self.by_policy:
            return "the project's review policy"
        return self.decided_by.display_name if self.decided_by else "the operator"

    @property
    def expires_at(self) -> datetime | None:
        """When the project's policy decides, as it stands now."""
        hours = self.run.project.review_expiry_hours
        return None if hours is None else self.created_at + timedelta(hours=hours)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_decision_display()}"
