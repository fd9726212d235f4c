from typing import Any, ClassVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from reqplatform.teams.models import Project, User
from reqplatform.teams.models.scoped import ScopedQuerySet


class SkillSlug(models.TextChoices):
    """The four methods that the agents work by."""

    EXTRACTION = "requirement-extraction", "Requirement extraction"
    SYSTEM_ANALYSIS = "system-analysis", "System analysis"
    DECOMPOSITION = "requirement-decomposition", "Requirement decomposition"
    QUALITY_VALIDATION = "quality-validation", "Quality validation"


class SkillQuerySet(ScopedQuerySet["Skill"]):
    def for_user(self, user: User | AnonymousUser) -> "SkillQuerySet":
        """The library's skills, which everybody signed in may read, and those of own projects."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(
            Q(project__isnull=True) | Q(project__in=user.memberships.values("project"))
        )


class Skill(models.Model):
    """A method, in the library (no project) or as one project's own variant of it.

    A project's runs use the project's variant as soon as it has an active version,
    and the library's otherwise.
    """

    project_path: ClassVar[str] = "project"
    objects: ClassVar[Any] = SkillQuerySet.as_manager()

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, null=True, blank=True, related_name="skills"
    )
    slug = models.CharField(max_length=40, choices=SkillSlug.choices)

    class Meta:
        ordering = ["slug", "project"]
        constraints = [
            models.UniqueConstraint(
                fields=["slug"], name="skill_library_unique", condition=Q(project__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["project", "slug"],
                name="skill_project_unique",
                condition=Q(project__isnull=False),
            ),
            models.CheckConstraint(name="skill_slug_valid", condition=Q(slug__in=SkillSlug.values)),
        ]

    def __str__(self) -> str:
        where = self.project.name if self.project else "library"
        return f"{self.get_slug_display()} ({where})"

    def next_number(self) -> int:
        """The number of the next version. Call it with the skill's row locked."""
        highest = self.versions.aggregate(highest=models.Max("number"))["highest"]
        return int(highest or 0) + 1
