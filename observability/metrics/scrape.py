"""What every collector is handed: the moment, and the projects that are told of."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone

from observability.models import CallState, LLMCall, QualityRecord
from reqplatform.teams.models import Project

BEHIND_AFTER = timedelta(minutes=5)
"""Sums are added up every few seconds. A call that ended this long ago and is not in them means
that nobody adds up, or that a history is being added up again."""

COUNTED = 2_000


@dataclass(frozen=True, slots=True)
class Live:
    """A project that is not archived.

    `due`: calls and records that are not in its sums yet, COUNTED of each at most. `is_behind`: its
    sums lack old calls, so what they say now is less than what they said before.
    """

    slug: str
    zone: ZoneInfo
    due: int
    is_behind: bool


@dataclass(frozen=True, slots=True)
class Scrape:
    now: datetime
    projects: dict[int, Live]

    def slug(self, project_id: int) -> str:
        return self.projects[project_id].slug

    @property
    def summed(self) -> list[int]:
        """The projects whose sums are whole, but for the last seconds."""
        return [pk for pk, live in self.projects.items() if not live.is_behind]


def begin(now: datetime | None = None) -> Scrape:
    """What is due comes before the sums are read: see `calls`."""
    now = now or timezone.now()
    ended = LLMCall.objects.filter(is_due=True).exclude(state=CallState.HELD)
    calls = _due(ended, "finished_at")
    records = _due(QualityRecord.objects.filter(is_due=True), "timestamp")
    rows = Project.objects.filter(archived_at=None).order_by("slug")
    return Scrape(
        now,
        {
            pk: Live(
                slug,
                ZoneInfo(zone),
                len(calls[pk]) + len(records[pk]),
                any(at is not None and at < now - BEHIND_AFTER for at in calls[pk]),
            )
            for pk, slug, zone in rows.values_list("pk", "slug", "time_zone")
        },
    )


def _due(rows: QuerySet[Any], moment: str) -> dict[int, list[datetime | None]]:
    """The moments of the first COUNTED rows of each project, the oldest first.

    In the order of the partial index of what is due, so that a database without statistics finds
    them by it as well. One question, and up to two more for each project with more than that.
    """
    found: dict[int, list[datetime | None]] = defaultdict(list)
    first = 0
    while True:
        asked = rows.filter(project__gte=first).order_by("project", "id")
        batch = list(asked.values_list("project", moment)[:COUNTED])
        for project, at in batch:
            found[project].append(at)
        if len(batch) < COUNTED:
            return found
        last = batch[-1][0]
        if len(found[last]) < COUNTED:  # its rows go on
            first = last
            del found[last]
        else:
            first = last + 1
