from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from uuid_utils.compat import uuid7

from reqplatform.teams.models import Project, ProjectScoped

KEPT = timedelta(days=7)


class ExportState(models.TextChoices):
    QUEUED = "queued", "Queued"
    WRITING = "writing", "Being written"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"


UNFINISHED = (ExportState.QUEUED, ExportState.WRITING)


def lost_writer() -> Q:
    """Being written in name only: the lease has run out, by the database's clock."""
    return Q(state=ExportState.WRITING, lease_expires_at__lt=Now())


class StoredExport(ProjectScoped):
    """A spreadsheet too large to wait for: what is in it, who asked, and how far it is.

    QUEUED -> WRITING -> READY -> EXPIRED   (its parts are removed)
              WRITING -> QUEUED             (its worker was lost, up to three times)
    QUEUED | WRITING -> FAILED              (`reason` says why)
    QUEUED | WRITING -> CANCELLED           (by its owner; its parts are removed)

    Every arrow is a compare-and-swap UPDATE in `runs.actions.exports`; while it is being written,
    fenced by `lease_token`. `changes` counts the updates, so that a page can ask what is new.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="stored_exports")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="stored_exports"
    )
    what = models.CharField(
        max_length=80, help_text="A list of the pages, or admin: and a model of the admin."
    )
    title = models.CharField(max_length=80)
    asked = models.JSONField(default=dict, help_text="What the list was narrowed down by.")
    columns = models.JSONField(default=list, help_text="The names of its columns.")
    format = models.CharField(max_length=4)
    state = models.CharField(max_length=9, choices=ExportState.choices, default=ExportState.QUEUED)
    reason = models.TextField(blank=True, help_text="Why it failed, or what its reader must know.")
    rows_total = models.PositiveBigIntegerField(null=True, blank=True)
    rows_written = models.PositiveBigIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")
    changes = models.PositiveIntegerField(default=1)
    lease_token = models.PositiveBigIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Counted when it is claimed.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    woken_at = models.DateTimeField(default=timezone.now, help_text="When a worker was last asked.")
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["owner", "project", "-id"], name="stored_export_owner"),
            models.Index(
                fields=["state"],
                name="stored_export_open",
                condition=Q(state__in=["queued", "writing"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="stored_export_state_valid", condition=Q(state__in=ExportState.values)
            ),
            models.CheckConstraint(
                name="stored_export_failure_explained",
                condition=~Q(state="failed") | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.format})"

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED

    @property
    def filename(self) -> str:
        name = self.what.rpartition(".")[2]
        return f"{self.project.slug}-{name}-{self.id.hex[-8:]}.{self.format}"


class StoredExportPart(ProjectScoped):
    """A piece of the file. In the database, because web and worker machines share nothing else,
    and in pieces, so that neither ever holds the whole."""

    project_path: ClassVar[str] = "export__project"

    export = models.ForeignKey(StoredExport, on_delete=models.CASCADE, related_name="parts")
    ordinal = models.PositiveIntegerField(help_text="From 1.")
    content = models.BinaryField()

    class Meta:
        ordering = ["export", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["export", "ordinal"], name="stored_export_part_unique")
        ]

    def __str__(self) -> str:
        return f"{self.export} {self.ordinal}"
