"""Sums over calls and quality records, so that a report reads hundreds of rows and not a million.

    LLMCall -> PayerCost -> SpanCost, RunCosts
    LLMCall, QualityRecord -> RunFigures -> SpanQuality

Everything here can be made again from the calls and records at any time, with the same result:
`observability.rollups` does it, off the path on which calls are settled. Days are those of the
project's time zone. Money is in nano-USD, tokens are in exclusive buckets.

Days are added up once more to spans of 4, 16 and 64 days, as soon as the last of these is over: a
report of a year reads some twenty spans (`observability.rollups.spans`).
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from observability.models.node import Node
from reqplatform.teams.models import Project, ProjectScoped

RELEASED = "released"
"""In the place of a cost source: attempts that surely cost nothing."""


class CallSums(ProjectScoped):
    """What some calls come to. A call that is still held is in none of these sums."""

    calls = models.PositiveIntegerField(default=0, help_text="Without what was released.")
    released_calls = models.PositiveIntegerField(default=0)
    failed_calls = models.PositiveIntegerField(default=0, help_text="No answer of theirs came.")
    failed_nusd = models.BigIntegerField(default=0)
    again_calls = models.PositiveIntegerField(
        default=0, help_text="Made because one before had failed: retry, repair, fallback."
    )
    again_nusd = models.BigIntegerField(default=0)
    revised_calls = models.PositiveIntegerField(
        default=0, help_text="From the second iteration on."
    )
    revised_nusd = models.BigIntegerField(default=0)
    input_fresh = models.BigIntegerField(default=0)
    cache_read = models.BigIntegerField(default=0)
    cache_write = models.BigIntegerField(default=0)
    cache_write_1h = models.BigIntegerField(default=0)
    output = models.BigIntegerField(default=0)
    reasoning = models.BigIntegerField(default=0)
    cost_nusd = models.BigIntegerField(default=0)
    saved_nusd = models.BigIntegerField(
        default=0, help_text="What caches saved; negative if writing to them cost more."
    )
    busy_ms = models.BigIntegerField(default=0, help_text="From asking to the answer.")
    energy_low_wh = models.FloatField(default=0)
    energy_high_wh = models.FloatField(default=0)
    energy_known_calls = models.PositiveIntegerField(default=0)
    energy_unknown_calls = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True


SUMS = tuple(field.name for field in CallSums._meta.local_fields)
"""The names of the columns that are added up."""


class OfSomebody(ProjectScoped):
    """Whose calls or runs a row is about. Indexes of its own would be one too many."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+", db_index=False)
    subsystem = models.ForeignKey(
        "runs.Subsystem", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )

    class Meta:
        abstract = True


class OfResults(OfSomebody):
    """And what the runs worked on."""

    specification = models.ForeignKey(
        "runs.Specification", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    revision = models.ForeignKey(
        "runs.Revision", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        abstract = True


class DaySums(OfSomebody, CallSums):
    """The calls of a project on one day that have these in common."""

    day = models.DateField()
    node = models.CharField(max_length=10, choices=Node.choices)
    provider = models.CharField(max_length=20)
    model = models.CharField(max_length=120)
    source = models.CharField(max_length=12)

    class Meta:
        abstract = True


class PayerCost(DaySums):
    """The calls of one run or extraction on one day, by agent, model and source of their cost."""

    begun_on = models.DateField(null=True, help_text="The day of the run's first call.")
    run = models.ForeignKey("runs.Run", on_delete=models.PROTECT, null=True, related_name="+")
    extraction = models.ForeignKey(
        "runs.Extraction", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(fields=["project", "day"], name="payer_cost_day"),
            models.Index(
                fields=["project", "subsystem", "person", "day"], name="payer_cost_subsystem"
            ),
            models.Index(  # what single runs cost, by agent, model and source
                fields=[
                    "project",
                    "begun_on",
                    "run",
                    "node",
                    "provider",
                    "model",
                    "source",
                    "calls",
                    "cost_nusd",
                ],
                name="payer_cost_begun",
                condition=Q(begun_on__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="payer_cost_belongs_somewhere",
                condition=Q(run__isnull=False, begun_on__isnull=False)
                | Q(run__isnull=True, begun_on__isnull=True, extraction__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.node} {self.model}"


class Grain(models.TextChoices):
    """By what the calls or runs of a span are told apart, beside agent, model and source of calls
    and skill versions of runs. Only costs are told by agent, only runs by specification and by
    revision and route."""

    ALL = "all", "Nothing else"
    SUBSYSTEM = "subsystem", "Subsystem"
    PERSON = "person", "Person"
    SPECIFICATION = "specification", "Specification"
    ROUTE = "route", "Revision and models"


class SpanCost(DaySums):
    """The calls of a project on 1, 4, 16 or 64 days from `day` on, three times over: once for each
    grain. A report reads one grain; adding two of them would count every call twice."""

    grain = models.CharField(max_length=13, choices=Grain.choices)
    days = models.PositiveSmallIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(
                fields=["project", "grain", "days", "day", "subsystem", "person"],
                name="span_cost_day",
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="span_cost_grain_valid",
                condition=Q(grain="all", subsystem__isnull=True, person__isnull=True)
                | Q(grain="subsystem", person__isnull=True)
                | Q(grain="person", subsystem__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} and {self.days} days, {self.grain} {self.node} {self.model}"


class RunCosts(ProjectScoped):
    """What each run that began on a day has cost, without telling which is which: for medians.

    Once for whole runs, and once for each agent, model and source with what it cost in the runs
    that asked it.
    """

    class By(models.TextChoices):
        RUN = "run", "Whole runs"
        NODE = "node", "Agent"
        MODEL = "model", "Model"
        SOURCE = "source", "Source"

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    by = models.CharField(max_length=6, choices=By.choices)
    key = models.CharField(max_length=150, blank=True)
    costs = models.BinaryField(help_text="Nano-USD, ascending, little-endian in 8 bytes each.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "by", "key", "day"], name="run_costs_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.by} {self.key}"


class RunFigures(OfResults, CallSums):
    """A run in one row: what its own calls took, and how its latest result was judged.

    What the extraction of its revision cost is not in it. Scores are null until it is judged.
    """

    run = models.OneToOneField(
        "runs.Run", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    begun_at = models.DateTimeField(help_text="Of its first call.")
    judged_at = models.DateTimeField(null=True)
    judged_on = models.DateField(null=True)
    route = models.CharField(max_length=300, help_text="The models that answered it.")
    sources = models.JSONField(default=list, help_text="The cost sources of its calls, sorted.")
    iterations = models.PositiveSmallIntegerField(default=0)
    requirements = models.PositiveIntegerField(default=0)
    allocated = models.PositiveIntegerField(null=True)
    overall = models.FloatField(null=True)
    completeness = models.FloatField(null=True)
    clarity = models.FloatField(null=True)
    testability = models.FloatField(null=True)
    traceability = models.FloatField(null=True)
    domain = models.FloatField(null=True)
    rules = models.FloatField(null=True)
    judge = models.FloatField(null=True)
    threshold = models.FloatField(null=True)
    critical = models.PositiveIntegerField(default=0)
    findings = models.PositiveIntegerField(default=0)
    findings_by_rule = models.JSONField(default=dict)
    passed = models.BooleanField(null=True)
    skills = models.CharField(max_length=600, blank=True, help_text="slug@version, sorted.")

    class Meta:
        indexes = [
            models.Index(
                fields=["project", "begun_at", "subsystem", "person", "calls", "cost_nusd"],
                name="run_figures_begun",
            ),
            models.Index(
                fields=["project", "judged_at"],
                name="run_figures_judged",
                condition=Q(judged_at__isnull=False),
            ),
            models.Index(
                fields=["project", "judged_on"],
                name="run_figures_judged_on",
                condition=Q(judged_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Figures of {self.run_id}"


class SpanQuality(OfResults):
    """The runs that were judged on 1, 4, 16 or 64 days from `day` on, once for each grain.

    `measures`: by name (`observability.rollups.measures`) how many runs had it, the sum of its
    values and of their squares, the least and the most.
    """

    grain = models.CharField(max_length=13, choices=Grain.choices)
    days = models.PositiveSmallIntegerField(default=1)
    day = models.DateField()
    route = models.CharField(max_length=300, blank=True)
    skills = models.CharField(max_length=600, blank=True)
    measures = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["project", "grain", "days", "day"], name="span_quality_day")
        ]

    def __str__(self) -> str:
        return f"{self.day} and {self.days} days, {self.grain}"


class RollupState(models.Model):
    """One row for each project: whoever adds up locks it, the time zone that days are in, and how
    far adding up and looking for alerts have come."""

    project = models.OneToOneField(
        Project, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    time_zone = models.CharField(max_length=64)
    closed_on = models.DateField(
        null=True, help_text="Spans of several days that ended by this day are there."
    )
    refreshed_at = models.DateTimeField(default=timezone.now)
    watched_at = models.DateTimeField(
        null=True, help_text="When the project was last looked at for alerts, with success."
    )

    def __str__(self) -> str:
        return f"Sums of {self.project_id}"
