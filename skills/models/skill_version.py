import hashlib
import json
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from reqplatform.errors import Conflict
from reqplatform.teams.models import User
from reqplatform.teams.models.scoped import ScopedQuerySet
from skills.models.skill import Skill

KEPT = "Only drafts can be discarded: a version that may have been used stays on record."


class VersionStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    ACTIVE = "active", "Active"
    RETIRED = "retired", "Retired"


FROZEN = ("skill_id", "number", "parameters", "body")


class SkillVersionQuerySet(ScopedQuerySet["SkillVersion"]):
    def update(self, **values: Any) -> int:
        """Only for state: content goes through `save`, which keeps what was used as it was."""
        if not values.keys().isdisjoint({*FROZEN, "skill"}):
            raise TypeError("Change a version's content with save(), which guards used versions.")
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        if self.exclude(status=VersionStatus.DRAFT).exists():
            raise Conflict(KEPT)
        return super().delete()

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
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text="Who activated it last; empty when it was loaded.",
    )

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

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises Conflict if this would change what a version says that isn't a draft any more."""
        stored = SkillVersion.objects.filter(pk=self.pk).first() if self.pk else None
        if stored and not stored.is_draft:
            changed = [name for name in FROZEN if getattr(self, name) != getattr(stored, name)]
            if changed or self.is_draft:
                raise Conflict(
                    f"{stored} is {stored.get_status_display().lower()}; what a run may have used "
                    "never changes. Start a new draft from it."
                )
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if not self.is_draft:
            raise Conflict(KEPT)
        return super().delete(*args, **kwargs)

    @property
    def label(self) -> str:
        """How calls and records name it: `requirement-extraction@3`, or `...@demo/3` if it is the
        variant of the project `demo`."""
        variant = f"{self.skill.project.slug}/" if self.skill.project else ""
        return f"{self.skill.slug}@{variant}{self.number}"

    @property
    def is_draft(self) -> bool:
        return self.status == VersionStatus.DRAFT

    @property
    def fingerprint(self) -> str:
        """Changes whenever an edit does; an editor sends back the one they saw."""
        content = [self.parameters, self.body, self.changelog]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
