"""What things that reports are about are called: by themselves, through the rows that name them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from observability.models import Grain, RunFigures, SpanCost
from observability.reports.anomalies import CostAnomaly
from observability.reports.changes import What
from observability.reports.degradation import TOLD, Degradation
from observability.reports.excess import By
from reqplatform.teams.models import User


def called(rows: "QuerySet[Any]", column: str, pk: int | str) -> str:
    """What something calls itself that rows belong to; one query."""
    row = rows.filter(**{column: pk}).select_related(column).order_by().first()
    return f"{column} {pk}" if row is None else str(getattr(row, column))


def subsystem(project_id: int, pk: int | None) -> str:
    """ "NAV Navigation" of a subsystem that had runs."""
    if pk is None:
        return "No subsystem"
    return called(RunFigures.objects.filter(project=project_id), "subsystem", pk)


def of_anomalies(project_id: int, days: Iterable[CostAnomaly]) -> Mapping[tuple[By, int], str]:
    """Of those who had most of an excess."""
    ids: dict[By, set[int]] = {By.SUBSYSTEM: set(), By.PERSON: set()}
    for one in days:
        for by, found in ids.items():
            most = one.most_of(by)
            found |= {most.key} if most is not None and isinstance(most.key, int) else set()
    people = User.objects.filter(pk__in=ids[By.PERSON])
    rows = SpanCost.objects.filter(project=project_id, grain=Grain.SUBSYSTEM)
    names = {(By.PERSON, person.pk): str(person) for person in people}
    return names | {(By.SUBSYSTEM, pk): called(rows, "subsystem", pk) for pk in ids[By.SUBSYSTEM]}


def of_falls(project_id: int, falls: Iterable[Degradation]) -> Mapping[int | str, str]:
    """Of subsystems, specifications and revisions that are told of."""
    rows = RunFigures.objects.filter(project=project_id)
    names: dict[int | str, str] = {}
    for fall in falls:
        if fall.subsystem is not None and fall.subsystem not in names:
            names[fall.subsystem] = called(rows, "subsystem", fall.subsystem)
        for change in fall.changes[:TOLD]:
            if change.what not in {What.SPECIFICATION, What.REVISION}:
                continue
            for pk in {change.before, change.after} - {"", *map(str, names)}:
                names[pk] = called(rows, change.what, pk)
    return names
