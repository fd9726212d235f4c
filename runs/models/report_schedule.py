from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from reqplatform.teams.models import Project, ProjectScoped


class Cadence(models.TextChoices):
    WEEKLY = "weekly", "Every week: the seven days before"
    MONTHLY = "monthly", "Every month: the month before"


class Weekday(models.IntegerChoices):
    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"


class MailFormat(models.TextChoices):
    XLSX = "xlsx", "Workbook (xlsx)"
    ODS = "ods", "Workbook (ods)"
    CSV = "csv", "CSV, in a zip file"
    HTML = "html", "Page (html)"


class ReportSchedule(ProjectScoped):
    """Reports that are mailed by the calendar, at an hour of the project's time zone."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="report_schedules")
    name = models.CharField(max_length=80)
    reports = models.JSONField(default=list, help_text="Some of cost, quality, subsystems.")
    cadence = models.CharField(max_length=7, choices=Cadence.choices, default=Cadence.WEEKLY)
    weekday = models.PositiveSmallIntegerField(
        choices=Weekday.choices, default=Weekday.MONDAY, help_text="Of a weekly one."
    )
    day = models.PositiveSmallIntegerField(
        default=1, validators=[MaxValueValidator(28)], help_text="Of the month, 1 to 28."
    )
    hour = models.PositiveSmallIntegerField(default=7, validators=[MaxValueValidator(23)])
    file_format = models.CharField(
        max_length=4, choices=MailFormat.choices, default=MailFormat.XLSX
    )
    members: "models.ManyToManyField[models.Model, models.Model]" = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="report_schedules"
    )
    addresses = models.TextField(
        blank=True, max_length=2000, help_text="Others' e-mail addresses, commas between them."
    )
    enabled = models.BooleanField(default=True)
    since = models.DateTimeField(
        default=timezone.now,
        editable=False,
        help_text="When it was last changed; what was due before is not sent.",
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="report_schedule_name_once"),
            models.CheckConstraint(
                name="report_schedule_valid",
                condition=Q(weekday__lte=6, hour__lte=23, day__gte=1, day__lte=28),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MailedReport(ProjectScoped):
    """One sending of a schedule: once for each time that it was due.

    `sent_at` is null until the mail server took it. Whoever sends takes the row by moving `due_at`
    on (compare-and-swap); what fails is tried again, and given up after a day.
    """

    project_path: ClassVar[str] = "schedule__project"

    schedule = models.ForeignKey(ReportSchedule, on_delete=models.PROTECT, related_name="sendings")
    due_on = models.DateField(help_text="The day of the schedule; the report ends the day before.")
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    recipients = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    gave_up = models.BooleanField(default=False)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "due_on"], name="mailed_report_once")
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="mailed_report_due",
                condition=Q(sent_at__isnull=True, gave_up=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.schedule}, {self.due_on}"
