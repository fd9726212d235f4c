"""The pages of one run."""

from django.db.models import Max
from django.urls import reverse

from reqplatform.pagination import counted
from reqplatform.teams.models import User
from reqplatform.teams.templatetags.navigation import Tab
from runs.models import QualityIssue, RequirementVersion, Run


def result_iteration(user: User, run: Run) -> int:
    """The last iteration that wrote requirements; 0 if none did."""
    versions = RequirementVersion.objects.for_user(user).filter(run=run)
    return int(versions.aggregate(last=Max("iteration"))["last"] or 0)


def run_tabs(user: User, run: Run, current: str, iteration: int | None = None) -> list[Tab]:
    last = result_iteration(user, run) if iteration is None else iteration
    versions = RequirementVersion.objects.for_user(user).filter(run=run, iteration=last)
    issues = QualityIssue.objects.for_user(user).filter(run=run, iteration=last)
    pages = (
        ("overview", "Overview", "runs:run", None),
        ("requirements", "Requirements", "runs:requirements", counted(versions)),
        ("trace", "Trace", "runs:trace", None),
        ("quality", "Quality", "runs:quality", None),
        ("issues", "Issues", "runs:issues", counted(issues)),
        ("files", "Files", "runs:files", None),
    )
    return [
        Tab(label, reverse(name, args=[run.pk]), key == current, count)
        for key, label, name, count in pages
    ]
