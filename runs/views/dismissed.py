"""What dismissals did to a run's scores, and which of its issues are dismissed by now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reqplatform.teams.models import Project, User
from runs.models import Dismissal, QualityIssue, Run
from runs.quality.dismissals import term_of


@dataclass(frozen=True, slots=True)
class LoweredRule:
    """A rule that weighed less in a run, and the dismissals that the run had pinned."""

    rule: str
    weight: float
    dismissals: tuple[Dismissal, ...]


def lowered_rules(user: User, run: Run) -> list[LoweredRule]:
    """By rule. Empty for a run that was started while nothing was dismissed."""
    weights = run.dismissed.weights
    if not weights:
        return []
    rows = Dismissal.objects.for_user(user).filter(pk__in=run.dismissals.get("ids", ()))
    by_rule: defaultdict[str, list[Dismissal]] = defaultdict(list)
    for row in rows.select_related("dismissed_by").order_by("pk"):
        by_rule[row.rule].append(row)
    return [
        LoweredRule(rule, weight, tuple(by_rule[rule])) for rule, weight in sorted(weights.items())
    ]


def dismissals_of(
    user: User, project: Project, issues: Iterable[QualityIssue]
) -> Mapping[int, Dismissal]:
    """The standing dismissal of each issue, by its key: its own, or that of its words."""
    rows = Dismissal.objects.for_user(user).filter(project=project, withdrawn_at=None)
    standing = list(rows)
    of_issues = {row.issue_id: row for row in standing}
    of_terms = {(row.rule, row.term): row for row in standing if row.term}
    found = (
        (issue.pk, of_issues.get(issue.pk) or of_terms.get((issue.rule, term_of(issue.quote))))
        for issue in issues
    )
    return {key: row for key, row in found if row is not None}
