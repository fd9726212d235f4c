"""Looking at each project's figures for what its people want to be warned of.

Causes that are told at the moment they happen (a budget's warning, a failed run) are raised where
they happen. The others are looked for here, hourly: `CHECKS` has one function for each, and rooms
above register theirs. What a check finds again under the same subject is not told again.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from observability import rollups
from observability.alerts import raise_alert, raise_for_missed
from observability.alerts.consequences import missed_overruns
from observability.models import AlertCause, AlertRule
from reqplatform.teams.models import Project

FURTHEST = timedelta(days=31)  # that is looked back

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What an alert will say. `subject` names the window as well, so that each is told once."""

    subject: str
    message: str
    run_id: UUID | None = None


Check = Callable[[Project, Decimal, datetime], Iterable[Found]]


@dataclass(frozen=True, slots=True)
class Watched:
    """A cause that is looked for. `means` says what its threshold is."""

    check: Check
    default: Decimal
    means: str
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(10**6)


CHECKS: dict[AlertCause, Watched] = {}


def register(cause: AlertCause, watched: Watched) -> None:
    CHECKS[cause] = watched


def watch(now: datetime, projects: Iterable[Project] | None = None) -> int:
    """Look at all projects that are not archived; how many alerts are new. One check's fault keeps
    no other from being made."""
    if projects is None:
        projects = Project.objects.filter(archived_at=None)
    new = 0
    for project in projects:
        try:
            new += _watch(project, now)
        except Exception:  # one project's fault must not keep the others from being looked at
            log.exception("Project %s could not be watched.", project.slug)
    return new


def _watch(project: Project, now: datetime) -> int:
    rollups.refresh(project.pk, seconds=3)
    new = raise_for_missed(project.pk) + missed_overruns(project.pk, now - FURTHEST)
    rules: Mapping[str, AlertRule] = {
        rule.cause: rule for rule in AlertRule.objects.filter(project=project)
    }
    for cause, watched in CHECKS.items():
        rule = rules.get(cause)
        if rule is not None and not rule.enabled:
            continue
        limit = watched.default if rule is None or rule.threshold is None else rule.threshold
        try:
            for one in watched.check(project, limit, now):
                new += raise_alert(
                    project.pk, cause, one.subject, one.message, run_id=one.run_id, reopen=False
                )
        except Exception:  # one check's fault must not hide what the others find
            log.exception("Project %s could not be checked for %s.", project.slug, cause)
    return new
