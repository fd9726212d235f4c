from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from reqplatform.teams.models import Project, ProjectScoped


class Specification(ProjectScoped):
    """A document of a project. What it says is in its revisions."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="specifications")
    title = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["title"]
        constraints = [
            models.UniqueConstraint(fields=["project", "title"], name="specification_title_unique")
        ]

    def __str__(self) -> str:
        return self.title


class Revision(ProjectScoped):
    """One immutable file of a specification, and what parsing found in it."""

    project_path: ClassVar[str] = "specification__project"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    specification = models.ForeignKey(
        Specification, on_delete=models.PROTECT, related_name="revisions"
    )
    number = models.PositiveIntegerField()
    filename = models.CharField(
        max_length=255, help_text="As uploaded; shown, never used as a path."
    )
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveIntegerField()
    language = models.CharField(max_length=8, blank=True)
    warnings = models.JSONField(default=list)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["specification", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["specification", "number"], name="revision_number_unique"
            ),
            models.UniqueConstraint(
                fields=["specification", "sha256"], name="revision_content_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.specification} r{self.number}"


class RevisionContent(models.Model):
    """The bytes of a revision, apart from it so that lists never load them.

    They live in the database, not in a folder: web and worker machines share nothing else,
    and a revision and its file are committed together or not at all.
    """

    revision = models.OneToOneField(
        Revision, on_delete=models.CASCADE, primary_key=True, related_name="content"
    )
    original = models.BinaryField()
    document = models.BinaryField(help_text="The parsed Document, see runs.documents.serialise.")

    def __str__(self) -> str:
        return f"Content of {self.revision}"
