from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from reqplatform.errors import Conflict
from reqplatform.teams.models import Project, ProjectScoped
from reqplatform.teams.models.scoped import ScopedQuerySet
from skills.domain import DomainContent


class Domain(ProjectScoped):
    """How a project writes requirements, and what its words mean: the newest of its versions."""

    project = models.OneToOneField(Project, on_delete=models.PROTECT, related_name="domain")
    enabled = models.BooleanField(
        "in use",
        default=True,
        help_text="Runs that start from now on follow it, and are scored against it.",
    )

    class Meta:
        ordering = ["project"]

    def __str__(self) -> str:
        return f"Domain of {self.project.name}"


class DomainVersionQuerySet(ScopedQuerySet["DomainVersion"]):
    def update(self, **values: Any) -> int:
        raise TypeError("What a run may have used never changes: save a new version.")


class DomainVersion(models.Model):
    """What a domain said at one time. Never changed and never deleted: runs pin it."""

    project_path: ClassVar[str] = "domain__project"
    objects: ClassVar[Any] = DomainVersionQuerySet.as_manager()

    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField(help_text="As its author wrote it, in Markdown.")
    content = models.JSONField(help_text="What was read out of the text.")
    changelog = models.CharField(max_length=300, blank=True, help_text="What changed and why.")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["domain", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["domain", "number"], name="domain_version_unique")
        ]

    def __str__(self) -> str:
        return f"{self.domain} v{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Conflict(f"{self} may have been used by a run. Save a new version instead.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Conflict(f"{self} may have been used by a run, so it stays on record.")

    @property
    def label(self) -> str:
        """How records name it: `domain@survey/3`."""
        return f"domain@{self.domain.project.slug}/{self.number}"

    @property
    def reading(self) -> DomainContent:
        return DomainContent.model_validate(self.content)
