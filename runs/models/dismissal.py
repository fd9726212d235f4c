from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from reqplatform.teams.models import Project, ProjectScoped
from runs.models.quality_issue import QualityIssue


class Dismissal(ProjectScoped):
    """A person's word that a rule's finding is none in this project.

    Standing -> withdrawn (once, with who and when). Standing ones are pinned by the runs that start
    after them; what runs were judged by before stays as it was.
    """

    project_path: ClassVar[str] = "project"

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="dismissals")
    issue = models.ForeignKey(QualityIssue, on_delete=models.PROTECT, related_name="dismissals")
    rule = models.CharField(max_length=60)
    term = models.CharField(
        max_length=200, blank=True, help_text="The words, in lower case. Empty: the whole rule."
    )
    reason = models.TextField()
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["project", "rule", "term", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["issue"],
                name="dismissal_one_for_issue",
                condition=Q(withdrawn_at__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["project", "rule", "term"],
                name="dismissal_one_for_term",
                condition=Q(withdrawn_at__isnull=True) & ~Q(term=""),
            ),
            models.CheckConstraint(name="dismissal_reason_given", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.term or 'the whole rule'}"

    @property
    def stands(self) -> bool:
        return self.withdrawn_at is None
