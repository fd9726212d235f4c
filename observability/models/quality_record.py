from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from reqplatform.teams.models import Project, ProjectScoped

SCORES = ("overall", "completeness", "clarity", "testability", "traceability")


def _in_range(field: str) -> Q:
    return Q(**{f"{field}__gte": 0, f"{field}__lte": 1})


class QualityRecord(ProjectScoped):
    """How good the result of one iteration of a run was, by the rules and by the judge.

    Scores are 0 (worst) to 1 (best). `overall` is what the gate compared with the threshold.
    The row carries all that a report needs, so that reports join nothing above.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="quality_records")
    run = models.ForeignKey("runs.Run", on_delete=models.PROTECT, related_name="quality_records")
    subsystem = models.ForeignKey("runs.Subsystem", on_delete=models.PROTECT, related_name="+")
    specification = models.ForeignKey(
        "runs.Specification", on_delete=models.PROTECT, related_name="+"
    )
    revision = models.ForeignKey(
        "runs.Revision", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    iteration_count = models.PositiveSmallIntegerField()
    requirements_count = models.PositiveIntegerField()
    allocated_count = models.PositiveIntegerField(
        help_text="0: nothing to decompose; scores of 1 by definition, left out of averages."
    )
    overall = models.FloatField()
    completeness = models.FloatField()
    clarity = models.FloatField()
    testability = models.FloatField()
    traceability = models.FloatField()
    domain_compliance = models.FloatField(null=True, blank=True)
    rules_overall = models.FloatField()
    judge_scores = models.JSONField(
        null=True, blank=True, help_text="The judge's own scores; null when rules alone judged."
    )
    judge_overall = models.FloatField(null=True, blank=True)
    gate_policy = models.CharField(max_length=10)
    threshold = models.DecimalField(max_digits=4, decimal_places=3)
    weights = models.JSONField()
    critical_count = models.PositiveIntegerField()
    findings_by_rule = models.JSONField(default=dict)
    validation_passed = models.BooleanField()
    gate_reason = models.CharField(max_length=500)
    skill_versions = models.JSONField(default=dict, help_text="slug -> slug@version")
    timestamp = models.DateTimeField(default=timezone.now)
    is_due = models.BooleanField(
        default=True, editable=False, help_text="It is not in the totals yet."
    )

    class Meta:
        ordering = ["-id"]
        get_latest_by = "iteration_count"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "iteration_count"], name="quality_record_unique"
            ),
            *(
                models.CheckConstraint(name=f"quality_{field}_range", condition=_in_range(field))
                for field in SCORES
            ),
            models.CheckConstraint(
                name="quality_domain_range",
                condition=Q(domain_compliance__isnull=True) | _in_range("domain_compliance"),
            ),
        ]
        indexes = [
            models.Index(fields=["project", "-timestamp"], name="quality_project_time"),
            models.Index(fields=["project", "id"], name="quality_due", condition=Q(is_due=True)),
        ]

    def __str__(self) -> str:
        return f"Iteration {self.iteration_count}: {self.overall:.2f}"
