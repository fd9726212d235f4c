from django.db import models
from django.db.models import Q


class Provider(models.TextChoices):
    EMBEDDED = "embedded", "Embedded analyst"


class ModelProfile(models.Model):
    """A model that calls can be routed to, and what the gateway must know about it."""

    name = models.CharField(max_length=80, unique=True)
    provider = models.CharField(max_length=20, choices=Provider.choices)
    model = models.CharField(max_length=120, help_text="The provider's own name of the model.")
    context_window = models.PositiveIntegerField(help_text="Tokens, input and output together.")
    max_output_tokens = models.PositiveIntegerField(help_text="The cap sent with every call.")
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "model"], name="profile_model_unique"),
            models.CheckConstraint(
                name="profile_output_fits_window",
                condition=Q(max_output_tokens__lte=models.F("context_window")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """How rows that pin a model name it: `embedded/analyst-1`."""
        return f"{self.provider}/{self.model}"
