"""What every collector is handed: the moment, and the projects that are told of."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.utils import timezone

from observability.models import CallState, LLMCall, QualityRecord
from reqplatform.teams.models import Project

BEHIND_AFTER = timedelta(minutes=5)
"""Sums are added up every few seconds. A call that ended this long ago and is not in them means
that nobody adds up, or that a history is being added up again."""

COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Live:
    """A project that is not archived.

    `due`: calls and records that are not in its sums yet, at most 2,000. `is_behind`: its sums lack
    old calls, so what they say now is less than what they said before.
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


class _Count(Subquery):
    """How many rows a query has; with a limit, it stops counting there."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def begin(now: datetime | None = None) -> Scrape:
    """One question for all projects. It comes before their sums are read: see `calls`."""
    now = now or timezone.now()
    calls = LLMCall.objects.filter(project=OuterRef("pk"), is_due=True).exclude(
        state=CallState.HELD
    )
    records = QualityRecord.objects.filter(project=OuterRef("pk"), is_due=True)
    rows = Project.objects.filter(archived_at=None).annotate(
        due_calls=_counted(calls),
        due_records=_counted(records),
        is_behind=Exists(calls.filter(finished_at__lt=now - BEHIND_AFTER)),
    )
    read = rows.order_by("slug").values_list(
        "pk", "slug", "time_zone", "due_calls", "due_records", "is_behind"
    )
    return Scrape(
        now,
        {
            pk: Live(slug, ZoneInfo(zone), calls + records, bool(behind))
            for pk, slug, zone, calls, records, behind in read
        },
    )


def _counted(rows: "QuerySet[LLMCall] | QuerySet[QualityRecord]") -> _Count:
    return _Count(rows.order_by().values("pk")[:COUNTED])
