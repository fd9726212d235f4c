"""Dismissing findings of the rules, and taking it back."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from reqplatform.errors import Conflict, InvalidInput
from reqplatform.security.plain_text import lines
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.permissions import require
from runs.models import Dismissal, QualityIssue
from runs.models.quality_issue import IssueSource
from runs.quality.dismissals import Dismissed, term_of
from runs.quality.finding import Severity

REASON_LIMIT = 2000  # characters
TERM_LIMIT = 200


def dismiss(
    user: User | None, issue: QualityIssue, reason: str, *, whole_rule: bool = False
) -> Dismissal:
    """Dismiss a finding in its project, for its words or for its rule. Editors and above.

    Runs that start from now on count it: the words cost nothing, and the rule weighs less. Raises
    InvalidInput for a missing reason and for words that there are none of, and Conflict for what
    cannot be dismissed or is already.
    """
    project: Project = issue.run.project
    require(user, project, Role.EDITOR)
    refusal = why_not(issue)
    if refusal:
        raise Conflict(refusal)
    reason = lines(reason)
    if not reason:
        raise InvalidInput("Say why it is none here; others will read it.", field="reason")
    if len(reason) > REASON_LIMIT:
        raise InvalidInput(
            f"The reason may have {REASON_LIMIT} characters at most; it has {len(reason)}.",
            field="reason",
        )
    term = "" if whole_rule else _term(issue)
    try:
        with transaction.atomic():
            return Dismissal.objects.create(
                project=project,
                issue=issue,
                rule=issue.rule,
                term=term,
                reason=reason,
                dismissed_by=user,
            )
    except IntegrityError as error:
        raise Conflict(
            f"“{term or issue.rule}” is dismissed already; the project's dismissals say by whom "
            "and why."
        ) from error


def why_not(issue: QualityIssue) -> str:
    """Why a finding can't be dismissed, or "" if it can."""
    if issue.source != IssueSource.RULE:
        return (
            "It is the judge's finding, and only rules have a weight that dismissals can lower. "
            "Change the quality-validation method instead."
        )
    if issue.severity == Severity.CRITICAL:
        return (
            "Critical findings can't be dismissed: the requirement, its parent or its link has to "
            "be mended."
        )
    return ""


def _term(issue: QualityIssue) -> str:
    term = term_of(issue.quote)
    if not term or len(term) > TERM_LIMIT:
        raise InvalidInput(
            "The finding is about no words in particular, so it can only be dismissed for its "
            "rule.",
            field="scope",
        )
    return term


def withdraw(user: User | None, dismissal: Dismissal) -> Dismissal:
    """Take a dismissal back: runs that start from now on don't count it. Editors and above."""
    require(user, dismissal.project, Role.EDITOR)
    changed = Dismissal.objects.filter(pk=dismissal.pk, withdrawn_at=None).update(
        withdrawn_at=timezone.now(), withdrawn_by=user
    )
    if not changed:
        raise Conflict("It is withdrawn already; reload to see who was first.")
    dismissal.refresh_from_db()
    return dismissal


def dismissals_to_pin(project: Project) -> dict[str, Any]:
    """What a run that starts now is judged with: {"ids": [...], "rows": [[rule, term], ...]}."""
    standing = Dismissal.objects.filter(project=project, withdrawn_at=None).order_by("pk")
    rows = list(standing.values_list("pk", "rule", "term"))
    if not rows:
        return {}
    return {"ids": [pk for pk, _, _ in rows], "rows": [[rule, term] for _, rule, term in rows]}


def dismissed_in_project(project: Project) -> Dismissed:
    """What holds for the next run."""
    standing = Dismissal.objects.filter(project=project, withdrawn_at=None)
    return Dismissed.of(standing.values_list("rule", "term"))
