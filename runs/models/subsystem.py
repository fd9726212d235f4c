from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from reqplatform.teams.models import Project, ProjectScoped

CODE = r"^[A-Z][A-Z0-9]{1,9}$"
CODE_RULE = "2 to 10 capital letters and digits, beginning with a letter, such as NAV"


class Subsystem(ProjectScoped):
    """A part of the system that requirements are allocated to. Its code begins identifiers."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="subsystems")
    code = models.CharField(
        max_length=10,
        validators=[RegexValidator(CODE, f"The code must be {CODE_RULE}.")],
        help_text=f"{CODE_RULE[0].upper()}{CODE_RULE[1:]}. It begins every identifier.",
    )
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True, help_text="What it does, in the spec's words.")
    interfaces = models.TextField(
        blank=True, help_text="What it exchanges something with, and what."
    )
    keywords = models.JSONField(
        default=list, blank=True, help_text="Words of the spec that point to it: a JSON list."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["project", "code"]
        constraints = [
            models.UniqueConstraint(fields=["project", "code"], name="subsystem_code_unique"),
            models.UniqueConstraint("project", Lower("name"), name="subsystem_name_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
