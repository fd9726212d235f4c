from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from reqplatform.teams.models import Project, ProjectScoped
from runs.models.run import WORKING, RunStatus
from runs.models.specification import Revision


class Campaign(ProjectScoped):
    """One revision decomposed for many subsystems: a run for each, one extraction, one budget.

    It has no state of its own; `Tally` tells it from those of its runs. While `reader` is set, that
    run reads the specification and the campaign's other queued runs wait for it, see `runs.waking`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="campaigns")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="campaigns")
    name = models.CharField(max_length=120, blank=True)
    group = models.CharField(
        max_length=64, help_text="The group of its runs: they share this group's budget."
    )
    reader = models.ForeignKey(
        "runs.Run",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The run that reads the specification for all; none once that is done.",
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["project", "-created_at"], name="campaign_project_time")]

    def __str__(self) -> str:
        return self.name or f"Campaign {self.short_id}"

    @property
    def short_id(self) -> str:
        return self.id.hex[-8:]

    @property
    def own_group(self) -> str:
        """The group that it has to itself, unless its runs were put into another one."""
        return f"campaign {self.id.hex[-12:]}"


class CampaignState(models.TextChoices):
    WORKING = "working", "Working"
    WAITING_REVIEW = "waiting_review", "Waiting for review"
    COMPLETED = "completed", "Completed"
    ENDED = "ended", "Ended, not all completed"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of a campaign's runs stand where, and what state that makes it."""

    runs: int
    working: int
    waiting: int
    completed: int

    @classmethod
    def of(cls, statuses: Iterable[str]) -> "Tally":
        counts = Counter(statuses)
        return cls(
            runs=counts.total(),
            working=sum(counts[status] for status in WORKING),
            waiting=counts[RunStatus.WAITING_REVIEW],
            completed=counts[RunStatus.COMPLETED],
        )

    @property
    def stopped(self) -> int:
        """Failed, cancelled or out of budget."""
        return self.runs - self.working - self.waiting - self.completed

    @property
    def state(self) -> CampaignState:
        if self.working:
            return CampaignState.WORKING
        if self.waiting:
            return CampaignState.WAITING_REVIEW
        return CampaignState.ENDED if self.stopped else CampaignState.COMPLETED

    @property
    def words(self) -> str:
        """ "3 of 5 completed, 1 at work or queued, 1 not completed"."""
        parts = [
            f"{self.completed} of {self.runs} completed",
            f"{self.working} at work or queued" if self.working else "",
            f"{self.waiting} waiting for a review" if self.waiting else "",
            f"{self.stopped} not completed" if self.stopped else "",
        ]
        return ", ".join(part for part in parts if part)
