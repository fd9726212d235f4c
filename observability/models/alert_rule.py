from decimal import Decimal
from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from observability.models.alert import Alert, AlertCause
from reqplatform.teams.models import Project, ProjectScoped


class ChannelKind(models.TextChoices):
    EMAIL = "email", "E-mail"
    WEBHOOK = "webhook", "Signed webhook"
    APPRISE = "apprise", "Chat or pager (Apprise)"


class AlertChannel(ProjectScoped):
    """Where a project's alerts go. Target and secret are written, and never shown again in full."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="alert_channels")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=ChannelKind.choices)
    target = models.TextField(
        max_length=2000, help_text="Addresses with commas between them, or one URL."
    )
    secret = models.CharField(
        max_length=120, blank=True, help_text="A webhook's signing secret: whsec_ and base64."
    )
    enabled = models.BooleanField(default=True)
    quiet_from = models.TimeField(
        null=True, blank=True, help_text="In the project's time zone; what is critical is sent."
    )
    quiet_until = models.TimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="alert_channel_name_once"),
            models.CheckConstraint(
                name="alert_channel_quiet_hours_whole",
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AlertRule(ProjectScoped):
    """What a project is warned of, from where on, and who is told. A cause without a row is watched
    at its default threshold, put on record, and sent to nobody."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="alert_rules")
    cause = models.CharField(max_length=16, choices=AlertCause.choices)
    enabled = models.BooleanField(default=True)
    threshold = models.DecimalField(
        max_digits=12,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text="What it means depends on the cause; empty: its default.",
    )
    channels: "models.ManyToManyField[AlertChannel, models.Model]" = models.ManyToManyField(
        AlertChannel, blank=True, related_name="rules"
    )
    critical = models.BooleanField(default=False, help_text="Sent in quiet hours, too.")
    muted_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then put on record and sent to nobody."
    )

    class Meta:
        ordering = ["project", "cause"]
        constraints = [
            models.UniqueConstraint(fields=["project", "cause"], name="alert_rule_once"),
            models.CheckConstraint(
                name="alert_rule_threshold_valid",
                condition=Q(threshold__isnull=True) | Q(threshold__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project}: {AlertCause(self.cause).label}"


class DeliveryState(models.TextChoices):
    PENDING = "pending", "To be sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    DROPPED = "dropped", "Not sent"


class Delivery(ProjectScoped):
    """One alert on its way to one channel.

    PENDING -> SENT      the receiver took it
            -> FAILED    it will not, or did not within a day
            -> DROPPED   the channel was switched off meanwhile
    Whoever sends takes it by moving `due_at` on (compare-and-swap): a sender that dies loses
    nothing, and the id, which a webhook's receiver can tell repeats by, stays.
    """

    project_path: ClassVar[str] = "alert__project"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.ForeignKey(AlertChannel, on_delete=models.PROTECT, related_name="deliveries")
    raised_at = models.DateTimeField(help_text="When the alert was raised, or opened again.")
    critical = models.BooleanField(default=False)
    state = models.CharField(
        max_length=8, choices=DeliveryState.choices, default=DeliveryState.PENDING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "channel", "raised_at"], name="delivery_once_per_occasion"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], name="delivery_due", condition=Q(state="pending"))
        ]

    def __str__(self) -> str:
        return f"{self.alert} to {self.channel}"
