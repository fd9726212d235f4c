from django.db import models
from django.db.models import Q
from django.utils import timezone

from reqplatform.teams.models import Project, ProjectScoped


class AlertCause(models.TextChoices):
    BUDGET_WARNING = "budget_warning", "A budget's warning was crossed"
    BUDGET_STOP = "budget_stop", "A budget stopped a run"
    OVERRUN = "overrun", "A call cost more than its cap allows"
    UNCONFIRMED = "unconfirmed", "A call's outcome is unknown"
    RUN_FAILED = "run_failed", "A run failed"
    RUN_WAITING = "run_waiting", "A run waits for a review"
    RUN_STUCK = "run_stuck", "A run makes no progress"
    RUN_COSTLY = "run_costly", "A run cost far more than others of its kind"
    FORECAST = "forecast", "A budget's stop is ahead"
    COST_ANOMALY = "cost_anomaly", "A day cost far more than expected"
    QUALITY_LOW = "quality_low", "Quality is below its floor"
    QUALITY_FALLING = "quality_falling", "Quality is falling"
    PASS_RATE = "pass_rate", "Few runs pass their gate"
    FAILING_OVER = "failing_over", "A model's calls fall back to another"


class Alert(ProjectScoped):
    """Something a lead must know of. One for each cause and subject, however often it recurs."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="alerts")
    cause = models.CharField(max_length=16, choices=AlertCause.choices)
    subject = models.CharField(
        max_length=80, help_text="What it is about: a budget window, a run, a model."
    )
    message = models.CharField(max_length=500)
    run = models.ForeignKey(
        "runs.Run", on_delete=models.PROTECT, null=True, blank=True, related_name="alerts"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "cause", "subject"], name="alert_once"),
        ]
        indexes = [
            models.Index(
                fields=["project"], name="alert_open", condition=Q(acknowledged_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.message
