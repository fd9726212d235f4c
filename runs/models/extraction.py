from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from reqplatform.teams.models import ProjectScoped
from runs.models.specification import Revision
from runs.requests import QualityClass, RequirementType

TYPE_CHOICES = [(kind.value, kind.value) for kind in RequirementType]
QUALITY_CHOICES = [(quality.value, quality.value.capitalize()) for quality in QualityClass]


class ExtractionState(models.TextChoices):
    PENDING = "pending", "Pending"
    DONE = "done", "Done"


class Extraction(ProjectScoped):
    """What one method and one model read out of a revision, in a domain or in none; all runs that
    pin the same share it.

    PENDING -> DONE. One run reads at a time, for as long as it holds its own lease; the others that
    need the extraction wait, so it is paid once. `lease_token` fences a reader that was replaced.
    """

    project_path: ClassVar[str] = "revision__specification__project"

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="extractions")
    skill_version = models.ForeignKey(
        "skills.SkillVersion", on_delete=models.PROTECT, related_name="+"
    )
    model = models.CharField(max_length=150, help_text="The pinned model: embedded/analyst-1.")
    domain_version = models.ForeignKey(
        "skills.DomainVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(
        max_length=8, choices=ExtractionState.choices, default=ExtractionState.PENDING
    )
    reader = models.ForeignKey(
        "runs.Run", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lease_token = models.PositiveBigIntegerField(default=0)
    warnings = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "skill_version", "model"],
                name="extraction_unique",
                condition=Q(domain_version__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["revision", "skill_version", "model", "domain_version"],
                name="extraction_in_domain_unique",
                condition=Q(domain_version__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Extraction of {self.revision}"


class SourceRequirement(ProjectScoped):
    """An atomic requirement as the specification says it.

    `text` is the document's own: its text from `start` to `end`. Below a lead-in ("The system
    shall:") `lead_in` is the document's text from `lead_in_start` to `lead_in_end`.
    """

    project_path: ClassVar[str] = "extraction__revision__specification__project"

    extraction = models.ForeignKey(
        Extraction, on_delete=models.PROTECT, related_name="requirements"
    )
    ordinal = models.PositiveIntegerField(help_text="From 1, in the order of the document.")
    identifier = models.CharField(max_length=80, blank=True, help_text="The document's own.")
    fingerprint = models.CharField(
        max_length=64, help_text="The same for the same requirement in another extraction."
    )
    text = models.TextField()
    lead_in = models.TextField(blank=True)
    section = models.CharField(max_length=300, blank=True)
    page = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    lead_in_start = models.PositiveIntegerField(null=True, blank=True)
    lead_in_end = models.PositiveIntegerField(null=True, blank=True)
    part = models.BooleanField(
        default=False, help_text="An item of a statement that is a source requirement itself."
    )
    type = models.CharField(max_length=4, choices=TYPE_CHOICES)
    quality_class = models.CharField(
        max_length=20, choices=QUALITY_CHOICES, blank=True, help_text="Empty for a function."
    )
    modal = models.CharField(max_length=40, blank=True)
    confidence = models.FloatField()
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["extraction", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["extraction", "ordinal"], name="source_ordinal_unique"),
            models.UniqueConstraint(
                fields=["extraction", "fingerprint"], name="source_fingerprint_unique"
            ),
            models.CheckConstraint(name="source_span_valid", condition=Q(end__gt=F("start"))),
            models.CheckConstraint(
                name="source_confidence_range",
                condition=Q(confidence__gte=0, confidence__lte=1),
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """What reports call it: the document's identifier, else SR-007 by its ordinal."""
        return self.identifier or f"SR-{self.ordinal:03d}"

    @property
    def statement(self) -> str:
        """The requirement as one sentence, its lead-in included."""
        return f"{self.lead_in.rstrip(' :')} {self.text}" if self.lead_in else self.text
