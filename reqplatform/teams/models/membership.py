from django.conf import settings
from django.db import models
from django.utils import timezone

from reqplatform.teams.models.project import Project
from reqplatform.teams.models.scoped import ProjectScoped


class Role(models.TextChoices):
    OWNER = "owner", "Owner"  # leads: members, subsystems, skills, budgets, and all below
    EDITOR = "editor", "Editor"  # uploads, starts runs, edits requirements, and all below
    REVIEWER = "reviewer", "Reviewer"  # decides reviews, and all below
    VIEWER = "viewer", "Viewer"  # reads and exports


RANK = {Role.VIEWER: 0, Role.REVIEWER: 1, Role.EDITOR: 2, Role.OWNER: 3}


class Membership(ProjectScoped):
    """What one person may do on one project. A higher role includes the lower ones."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["project", "user"]
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="membership_unique"),
            models.CheckConstraint(
                name="membership_role_valid", condition=models.Q(role__in=Role.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} of {self.project}"
