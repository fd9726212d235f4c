"""Looking at each project's figures for what its people want to be warned of.

Causes that are told at the moment they happen (a budget's warning, a failed run) are raised where
they happen. The others are looked for here, hourly: `CHECKS` has one function for each, and rooms
above register theirs. What a check finds again under the same subject is not told again.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from observability import rollups
from observability.alerts import raise_alert, raise_for_missed
from observability.alerts.consequences import missed_overruns
from observability.models import Alert, AlertCause, AlertRule, RollupState
from reqplatform.teams.models import Project

FURTHEST = timedelta(days=31)  # that is looked back after an outage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What an alert will say. `subject` names the window as well, so that each is told once."""

    subject: str
    message: str
    run_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """A look at a project at a moment. Since `since` nobody has looked with success, so what came
    up after that is told now."""

    project: Project
    now: datetime
    since: datetime


Check = Callable[[Look, Decimal], Iterable[Found]]


@dataclass(frozen=True, slots=True)
class Watched:
    """A cause that is looked for. `means` says what its threshold is. `passes`: an alert that is
    not found again has settled by itself, and is closed."""

    check: Check
    default: Decimal
    means: str
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(10**6)
    passes: bool = False


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
    state = RollupState.objects.get(pk=project.pk)
    since = max(state.watched_at or project.created_at, now - FURTHEST)
    look = Look(project, now, min(since, now))
    new = raise_for_missed(project.pk) + missed_overruns(project.pk, now - FURTHEST)
    rules = {rule.cause: rule for rule in AlertRule.objects.filter(project=project)}
    whole = not rollups.due(project.pk)
    for cause, watched in CHECKS.items():
        rule = rules.get(cause)
        if rule is not None and not rule.enabled:
            continue
        limit = watched.default if rule is None or rule.threshold is None else rule.threshold
        try:
            new += _check(look, cause, watched, limit)
        except Exception:  # one check's fault must not hide what the others find
            log.exception("Project %s could not be checked for %s.", project.slug, cause)
            whole = False
    if whole:
        RollupState.objects.filter(pk=project.pk).update(watched_at=now)
    return new


def _check(look: Look, cause: AlertCause, watched: Watched, limit: Decimal) -> int:
    new, subjects = 0, []
    for one in watched.check(look, limit):
        subjects.append(one.subject)
        new += raise_alert(
            look.project.pk, cause, one.subject, one.message, run_id=one.run_id, reopen=False
        )
    if watched.passes:
        open_ones = Alert.objects.filter(project=look.project, cause=cause, acknowledged_at=None)
        open_ones.exclude(subject__in=subjects).update(acknowledged_at=look.now)
    return new
