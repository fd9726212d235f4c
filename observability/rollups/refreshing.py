"""Taking in what is due, a batch at a time."""

import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Model, QuerySet
from django.utils import timezone

from observability.models import (
    CallState,
    LLMCall,
    PayerCost,
    QualityRecord,
    RollupState,
    RunCosts,
    RunFigures,
    SpanCost,
    SpanQuality,
)
from observability.rollups import days, judged
from observability.rollups.figures import figures_of
from observability.rollups.payers import Payers, costs_of, rows_of
from observability.rollups.spans import to_make
from reqplatform.contention import retried
from reqplatform.teams.models import Project

TABLES: tuple[type[Model], ...] = (PayerCost, SpanCost, RunCosts, RunFigures, SpanQuality)
BATCH = 500  # calls in one transaction, which others wait for on SQLite
_COUNTED = 1_000
_COMPARED = tuple(
    field.attname for field in PayerCost._meta.local_concrete_fields if not field.primary_key
)


def due(project_id: int) -> int:
    """How many calls and records of a project are not in its sums yet; more than 1,000 count as
    1,000. Calls that are still held are not due."""
    calls = LLMCall.objects.filter(project=project_id, is_due=True).exclude(state=CallState.HELD)
    records = QualityRecord.objects.filter(project=project_id, is_due=True)
    found = sum(rows.order_by()[:_COUNTED].count() for rows in (calls, records))
    return min(found, _COUNTED)


def refresh(
    project_id: int | None = None,
    batch: int = BATCH,
    seconds: float | None = None,
    *,
    wait: bool = False,
) -> int:
    """Take in all that is due, of one project or of all; how many calls and records that were.

    Begins no further batch after so many seconds. Where another process is at it, that one goes on
    alone, unless this one shall `wait` for it.
    """
    taken, began = 0, time.monotonic()
    for pk in [project_id] if project_id is not None else _projects():
        while step := _step(pk, batch, wait):
            taken += step
            if seconds is not None and time.monotonic() - began > seconds:
                return taken
    return taken


def _projects() -> list[int]:
    """Those in which something is due, or whose time zone was changed."""
    calls = LLMCall.objects.filter(is_due=True).exclude(state=CallState.HELD)
    records = QualityRecord.objects.filter(is_due=True)
    moved = RollupState.objects.exclude(time_zone=F("project__time_zone"))
    found = [rows.order_by().values_list("project").distinct() for rows in (calls, records)]
    return sorted({pk for (pk,) in chain(*found, moved.values_list("project"))})


@retried
def _step(project_id: int, batch: int, wait: bool) -> int:
    """One batch, in a transaction of its own; 0 if nothing is due, or if others are at it."""
    zone = _begin(project_id)
    with transaction.atomic():
        locked = RollupState.objects.select_for_update(skip_locked=not wait)
        state = locked.filter(project=project_id).first()
        if state is None:
            return 0
        if state.time_zone != zone:  # every call may be on another day now
            _mark_all(project_id)
            state.time_zone = zone
            state.save(update_fields=["time_zone"])
        calls = LLMCall.objects.filter(project=project_id, is_due=True)
        calls = calls.exclude(state=CallState.HELD).order_by("id")
        found = list(calls.values_list("pk", "run_id", "extraction_id")[:batch])
        records = QualityRecord.objects.filter(project=project_id, is_due=True).order_by("id")
        records_due = list(records.values_list("pk", "run_id")[:batch])
        if not (found or records_due):
            return 0
        # Cleared first: a call that changes from here on makes its run due again.
        LLMCall.objects.filter(pk__in=[pk for pk, _, _ in found]).update(is_due=False)
        QualityRecord.objects.filter(pk__in=[pk for pk, _ in records_due]).update(is_due=False)
        runs = ({run for _, run, _ in found} | {run for _, run in records_due}) - {None}
        shared = {extraction for _, _, extraction in found} - {None}
        _write(state, Payers(frozenset(runs), frozenset(shared)), ZoneInfo(zone))
        state.refreshed_at = timezone.now()
        state.save(update_fields=["closed_on", "refreshed_at"])
    return len(found) + len(records_due)


def _write(state: RollupState, payers: Payers, zone: ZoneInfo) -> None:
    """Make the rows of these payers anew, and those of every day on which that changed something.

    An extraction that many runs share is on many days, of which few change: the others stay.
    """
    project_id = state.project_id
    figures = RunFigures.objects.filter(pk__in=payers.runs)
    judged_on = set(figures.values_list("judged_on", flat=True))
    figures.delete()
    calls = list(rows_of(payers))
    costs = costs_of(project_id, calls, zone)
    found = figures_of(project_id, sorted(payers.runs), calls, costs, zone)
    changed, begun_on = _replace(payers, costs)
    RunFigures.objects.bulk_create(found, batch_size=200)
    judged_on |= {row.judged_on for row in found}
    scored = {day for day in judged_on if day is not None}
    days.write_costs(project_id, changed)
    days.write_run_costs(project_id, begun_on)
    judged.write(project_id, scored)
    closed = timezone.now().astimezone(zone).date() - timedelta(days=1)
    days.write_span_costs(project_id, to_make(changed, state.closed_on, closed))
    judged.write_spans(project_id, to_make(scored, state.closed_on, closed))
    state.closed_on = closed


def _replace(payers: Payers, costs: list[PayerCost]) -> tuple[set[date], set[date]]:
    """Have these rows instead of those that there are; on which days they differ, and on which the
    runs of these rows began."""
    there: list[PayerCost] = list(chain(*_rows(payers)))
    old, new = _by_day(there), _by_day(costs)
    changed = {day for day in old.keys() | new.keys() if old[day] != new[day]}
    gone = [row for row in there if row.day in changed]
    come = [row for row in costs if row.day in changed]
    for first in range(0, len(gone), 500):
        some = [row.pk for row in gone[first : first + 500]]
        PayerCost.objects.filter(pk__in=some).delete()
    PayerCost.objects.bulk_create(come, batch_size=200)
    return changed, {row.begun_on for row in (*gone, *come) if row.begun_on is not None}


def _by_day(rows: Iterable[PayerCost]) -> dict[date, set[tuple[object, ...]]]:
    found: dict[date, set[tuple[object, ...]]] = defaultdict(set)
    for row in rows:
        found[row.day].add(tuple(getattr(row, name) for name in _COMPARED))
    return found


def _rows(payers: Payers) -> "list[QuerySet[PayerCost]]":
    shared = PayerCost.objects.filter(run=None, extraction__in=payers.extractions)
    return [PayerCost.objects.filter(run__in=payers.runs), shared]


def _mark_all(project_id: int) -> None:
    for model in (LLMCall, QualityRecord):
        model.objects.filter(project=project_id, is_due=False).update(is_due=True)


def rebuild(projects: Iterable[int], batch: int = 20_000) -> int:
    """Throw the sums of these projects away and add everything up again; how many calls and
    records that were. Until it is done, reports lack what `due` counts."""
    taken = 0
    for project_id in projects:
        _begin(project_id)
        with transaction.atomic():
            # A sweep that is at it must not clear marks of calls whose sums are thrown away here.
            RollupState.objects.select_for_update().get(pk=project_id)
            for model in TABLES:
                model._default_manager.filter(project=project_id).delete()
            _mark_all(project_id)
        taken += refresh(project_id, batch, wait=True)
    return taken


def _begin(project_id: int) -> str:
    """The time zone of a project, for whose state there is a row from now on."""
    zone: str = Project.objects.values_list("time_zone", flat=True).get(pk=project_id)
    RollupState.objects.get_or_create(project_id=project_id, defaults={"time_zone": zone})
    return zone
