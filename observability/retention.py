"""Prompts and answers that are old enough are removed; what they cost and took stays.

A project says after how many days (`Project.prompt_days`, else PROMPT_DAYS of the installation; 0
keeps them forever). Calls whose answers may still be needed stay whatever their age: those that are
held or unconfirmed, and those of runs and extractions that can be resumed, which would replay them.
The room above registers which these are. A question that is asked again after its answer was pruned
is a new call, with a cost of its own.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from observability.models import CallState, LLMCall
from reqplatform.teams.models import Project

AT_ONCE = 500

_needed: list[Callable[[], Q]] = []


def register_needed(calls: Callable[[], Q]) -> None:
    """Calls whose answers may still be replayed."""
    _needed.append(calls)


def days_of(project: Project) -> int:
    """0: forever."""
    own = project.prompt_days
    return int(settings.PROMPT_DAYS) if own is None else own


def due(project: Project, now: datetime) -> "QuerySet[LLMCall]":
    """The calls of a project whose words are to be removed, the oldest first."""
    days = days_of(project)
    rows: QuerySet[LLMCall] = LLMCall.objects.filter(project=project, pruned_at=None)
    if not days:
        return rows.none()
    rows = rows.filter(
        created_at__lt=now - timedelta(days=days),
        state__in=[CallState.SETTLED, CallState.RELEASED],
    )
    for needed in _needed:
        rows = rows.exclude(needed())
    return rows.order_by("created_at", "id")


def prune(now: datetime | None = None) -> int:
    """Remove what is due in all projects, a few calls at a time; of how many calls that was."""
    now = now or timezone.now()
    return sum(_prune(project, now) for project in Project.objects.all())


def _prune(project: Project, now: datetime) -> int:
    """In the order of time, so that no batch looks again at what those before it have done."""
    pruned, rows = 0, due(project, now)
    while batch := list(rows.values_list("pk", "created_at")[:AT_ONCE]):
        ids = [pk for pk, _ in batch]
        pruned += LLMCall.objects.filter(pk__in=ids).update(prompt=[], answer="", pruned_at=now)
        rows = due(project, now).filter(created_at__gte=batch[-1][1])
    return pruned
