from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from reqplatform.teams.models import User
from reqplatform.teams.models.scoped import ScopedQuerySet
from skills.models.skill import Skill


class VersionStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    ACTIVE = "active", "Active"
    RETIRED = "retired", "Retired"


class SkillVersionQuerySet(ScopedQuerySet["SkillVersion"]):
    def for_user(self, user: User | AnonymousUser) -> "SkillVersionQuerySet":
        return self.filter(skill__in=Skill.objects.for_user(user))


class SkillVersion(models.Model):
    """What a skill said at one time: parameters (front matter) and method (Markdown).

    DRAFT -> ACTIVE -> RETIRED, and RETIRED -> ACTIVE on a roll back. One version of a skill is
    active at a time. Only drafts can be edited: what a run may have used never changes.
    """

    project_path: ClassVar[str] = "skill__project"
    objects: ClassVar[Any] = SkillVersionQuerySet.as_manager()

    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    status = models.CharField(
        max_length=8, choices=VersionStatus.choices, default=VersionStatus.DRAFT
    )
    parameters = models.JSONField(default=dict)
    body = models.TextField(help_text="The method, in Markdown.")
    changelog = models.CharField(max_length=300, blank=True, help_text="What changed and why.")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    activated_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["skill", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["skill", "number"], name="skill_version_unique"),
            models.UniqueConstraint(
                fields=["skill"], name="skill_one_active", condition=Q(status="active")
            ),
            models.CheckConstraint(
                name="skill_version_status_valid", condition=Q(status__in=VersionStatus.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.skill.get_slug_display()} v{self.number}"

    @property
    def label(self) -> str:
        """How calls and records name it: `requirement-extraction@3`, or `...@demo/3` if it is the
        variant of the project `demo`."""
        variant = f"{self.skill.project.slug}/" if self.skill.project else ""
        return f"{self.skill.slug}@{variant}{self.number}"
