"""What the ids of a report are called."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

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

    @classmethod
    def of(cls, project: Project) -> "Names":
        rows = list(Subsystem.objects.filter(project=project).only("code", "name"))
        people = User.objects.filter(pk__in=_people(project))
        return cls(
            {row.pk: row.code for row in rows},
            {row.pk: str(row) for row in rows},
            {row.pk: row.display_name for row in people},
        )

    def code(self, pk: int | None) -> str | None:
        return None if pk is None else self.subsystems.get(pk)

    def subsystem(self, pk: int | None) -> str:
        return NO_SUBSYSTEM if pk is None else self.full.get(pk, f"subsystem {pk}")

    def person(self, pk: int | None) -> str:
        return NOBODY if pk is None else self.people.get(pk, f"person {pk}")


def _people(project: Project) -> set[int]:
    """Members, and whoever else is in the project's sums."""
    from observability.models import DailyCost, Grain

    rows = DailyCost.objects.filter(project=project, grain=Grain.PERSON, person__isnull=False)
    asked = rows.order_by().values_list("person", flat=True).distinct()
    return {*asked, *project.memberships.values_list("user", flat=True)}


def revisions(ids: set[UUID]) -> dict[UUID, str]:
    rows = Revision.objects.filter(pk__in=ids).select_related("specification")
    return {row.pk: f"{row.specification.title}, revision {row.number}" for row in rows}
