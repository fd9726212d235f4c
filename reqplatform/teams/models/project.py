from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from reqplatform.teams.models.scoped import ProjectScoped

DIMENSIONS = ("completeness", "clarity", "testability", "traceability")
DOMAIN_DIMENSION = "domain"  # judged only where the project has a domain


def default_threshold() -> Decimal:
    return Decimal(settings.QUALITY_THRESHOLD)


def default_iterations() -> int:
    return int(settings.MAX_ITERATIONS)


def default_weights() -> dict[str, float]:
    return dict.fromkeys(DIMENSIONS, 0.25)


def check_weights(weights: Any) -> None:
    """Weights are a number of at least 0 for each dimension, not all of them 0.

    That of the domain may be missing: it then counts what a dimension counts by default.
    """
    good = (
        isinstance(weights, dict)
        and set(weights) - {DOMAIN_DIMENSION} == set(DIMENSIONS)
        and all(type(weight) in {int, float} and 0 <= weight <= 1000 for weight in weights.values())
        and sum(weights[dimension] for dimension in DIMENSIONS) > 0
    )
    if not good:
        raise ValidationError(
            "Give one weight of 0 or more for each of %(dimensions)s, at least one above 0, "
            "and if you like one for domain.",
            params={"dimensions": ", ".join(DIMENSIONS)},
        )


def check_time_zone(name: str) -> None:
    """A name that the time zone database knows; UTC is known without one."""
    if name != "UTC" and name not in available_timezones():
        raise ValidationError(
            "%(name)s is no time zone. Give a name such as UTC, Europe/Berlin or Asia/Tokyo.",
            params={"name": name},
        )


class ReviewExpiry(models.TextChoices):
    """What happens to a run whose review nobody decides in time."""

    CANCEL = "cancel", "Cancel the run; it can be resumed for its review"
    GO_ON = "go_on", "Go on as if it was approved"


class Project(ProjectScoped):
    """A team's room: its specifications, subsystems, runs, skills, money and members.

    Projects are archived, never deleted: their money rows must stay.
    """

    project_path: ClassVar[str] = "pk"

    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    quality_threshold = models.DecimalField(
        max_digits=4,
        decimal_places=3,
        default=default_threshold,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text="A run passes its gate at this weighted score or above, 0 to 1.",
    )
    max_iterations = models.PositiveSmallIntegerField(
        default=default_iterations,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text="How often a run may decompose before it waits for a review, 1 to 10.",
    )
    weights = models.JSONField(
        default=default_weights,
        validators=[check_weights],
        help_text="What each dimension counts in the overall score.",
    )
    embedded_fallback = models.BooleanField(
        "embedded analyst as last resort",
        default=True,
        help_text="Where no model of a route can be reached, the embedded analyst answers at no "
        "cost, and the run says so.",
    )
    cheaper_route = models.BooleanField(
        "start on a cheaper model",
        default=False,
        help_text="A run whose expected cost does not fit its budget starts with the next model "
        "of its routes that does, instead of being refused.",
    )
    review_reminder_hours = models.PositiveSmallIntegerField(
        "remind of reviews every",
        null=True,
        blank=True,
        default=24,
        validators=[MinValueValidator(1)],
        help_text="Hours. Empty: never.",
    )
    review_expiry_hours = models.PositiveSmallIntegerField(
        "reviews expire after",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Hours. Empty: a run waits until somebody decides.",
    )
    review_expiry = models.CharField(
        "then",
        max_length=6,
        choices=ReviewExpiry.choices,
        default=ReviewExpiry.CANCEL,
        help_text="A strategy that nobody reviewed is decomposed, and a result below its gate is "
        "completed, only if you choose to go on.",
    )
    prompt_days = models.PositiveIntegerField(
        "keep prompts for",
        null=True,
        blank=True,
        validators=[MaxValueValidator(36_500)],
        help_text="Days, after which prompts and answers of its calls are removed; what they cost "
        "stays. 0: forever. Empty: as the installation says (PROMPT_DAYS).",
    )
    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="project_threshold_range",
                condition=Q(quality_threshold__gte=0, quality_threshold__lte=1),
            ),
            models.CheckConstraint(
                name="project_iterations_range",
                condition=Q(max_iterations__gte=1, max_iterations__lte=10),
            ),
            models.CheckConstraint(
                name="project_review_expiry_valid",
                condition=Q(review_expiry__in=ReviewExpiry.values),
            ),
            models.CheckConstraint(
                name="project_review_hours_range",
                condition=(Q(review_reminder_hours=None) | Q(review_reminder_hours__gte=1))
                & (Q(review_expiry_hours=None) | Q(review_expiry_hours__gte=1)),
            ),
        ]

    def __str__(self) -> str:
        return self.name
