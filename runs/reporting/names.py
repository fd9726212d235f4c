"""What the ids of a report are called."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from observability.models import Grain, SpanCost
from observability.reports.asked import Id, Unset
from observability.rollups import spans
from reqplatform.teams.models import Project, User
from runs.models import Revision, Subsystem

NOBODY = "no person"
NO_SUBSYSTEM = "no subsystem (extraction)"


@dataclass(frozen=True, slots=True)
class Names:
    """Of one project, by id."""

    subsystems: Mapping[int, str]  # codes
    full: Mapping[int, str]  # "NAV Navigation"
    people: Mapping[int, str]
    usernames: Mapping[int, str]

    @classmethod
    def of(cls, project: Project) -> "Names":
        rows = list(Subsystem.objects.filter(project=project).only("code", "name"))
        people = list(User.objects.filter(pk__in=people_of(project)))
        return cls(
            {row.pk: row.code for row in rows},
            {row.pk: str(row) for row in rows},
            {row.pk: row.display_name for row in people},
            {row.pk: row.username for row in people},
        )

    def code(self, pk: int | None) -> str | None:
        return None if pk is None else self.subsystems.get(pk)

    def username(self, pk: int | None) -> str | None:
        return None if pk is None else self.usernames.get(pk)

    def of_id(self, what: str, value: Id) -> str:
        """ "subsystem NAV", "person Ada", "no subsystem" """
        if value is Unset.NONE or value is None:
            return f"no {what}"
        known = self.subsystems if what == "subsystem" else self.people
        return f"{what} {known.get(int(value), 'unknown')}"

    def subsystem(self, pk: int | None) -> str:
        return NO_SUBSYSTEM if pk is None else self.full.get(pk, f"subsystem {pk}")

    def person(self, pk: int | None) -> str:
        return NOBODY if pk is None else self.people.get(pk, f"person {pk}")


def people_of(project: Project) -> set[int]:
    """Members, and whoever else is in the project's sums."""
    rows = SpanCost.objects.filter(spans.rows_ever([project.pk]), grain=Grain.PERSON)
    asked = rows.filter(person__isnull=False).order_by().values_list("person", flat=True).distinct()
    return {*asked, *project.memberships.values_list("user", flat=True)}


def revisions(ids: set[UUID]) -> dict[UUID, str]:
    rows = Revision.objects.filter(pk__in=ids).select_related("specification")
    return {row.pk: f"{row.specification.title}, revision {row.number}" for row in rows}
