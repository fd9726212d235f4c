"""A run in one row: what its calls took, and how its latest result was judged."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from observability.models import CostSource, Node, PayerCost, QualityRecord, RunFigures
from observability.models.rollup import RELEASED, SUMS
from observability.rollups.payers import Row

_NODES = list(Node)
_SCORES = ("overall", "completeness", "clarity", "testability", "traceability")


def figures_of(
    project_id: int,
    runs: Iterable[UUID],
    rows: Iterable[Row],
    costs: Iterable[PayerCost],
    zone: ZoneInfo,
) -> list[RunFigures]:
    """The rows of RunFigures, not saved yet; none for runs without calls and record."""
    runs = list(runs)
    begun = _begun(rows)
    parts: dict[UUID, list[PayerCost]] = defaultdict(list)
    for cost in costs:
        if cost.run_id is not None:
            parts[cost.run_id].append(cost)
    records = _latest(runs)
    return [
        _figures(project_id, run, begun.get(run), parts[run], records.get(run), zone)
        for run in runs
        if run in begun or run in records
    ]


def _begun(rows: Iterable[Row]) -> dict[UUID, datetime]:
    found: dict[UUID, datetime] = {}
    for row in rows:
        if row.run_id is not None:
            found[row.run_id] = min(row.created_at, found.get(row.run_id, row.created_at))
    return found


def _latest(runs: list[UUID]) -> dict[UUID, QualityRecord]:
    """The record of each run's last iteration."""
    rows = QualityRecord.objects.filter(run__in=runs).order_by("iteration_count")
    return {row.run_id: row for row in rows}


def _figures(
    project_id: int,
    run: UUID,
    begun: datetime | None,
    parts: list[PayerCost],
    record: QualityRecord | None,
    zone: ZoneInfo,
) -> RunFigures:
    first = begun or (record.timestamp if record else None)
    assert first is not None
    sums = {name: sum(getattr(part, name) for part in parts) for name in SUMS}
    row = RunFigures(
        run_id=run,
        project_id=project_id,
        subsystem_id=_one(part.subsystem_id for part in parts),
        person_id=_one(part.person_id for part in parts),
        begun_at=first,
        route=_route(parts),
        sources=sorted({part.source for part in parts} - {RELEASED}),
        **sums,
    )
    if record is not None:
        _judge(row, record, zone)
    return row


def _one(values: Iterable[int | None]) -> int | None:
    return next((value for value in values if value is not None), None)


def _route(parts: Iterable[PayerCost]) -> str:
    """The models that answered, in the order of the agents that asked them, each once."""
    kept = {RELEASED, CostSource.UNCONFIRMED.value, CostSource.REPLAYED.value}
    answered = [part for part in parts if part.source not in kept]
    answered.sort(key=lambda part: (_NODES.index(Node(part.node)), part.provider, part.model))
    names = dict.fromkeys(f"{part.provider}/{part.model}" for part in answered)
    return " + ".join(names)[:300]


def _judge(row: RunFigures, record: QualityRecord, zone: ZoneInfo) -> None:
    """Put the record's figures into the row."""
    counts: dict[str, Any] = record.findings_by_rule
    row.subsystem_id, row.person_id = record.subsystem_id, record.person_id
    row.specification_id, row.revision_id = record.specification_id, record.revision_id
    row.judged_at = record.timestamp
    row.judged_on = record.timestamp.astimezone(zone).date()
    row.iterations = record.iteration_count
    row.requirements, row.allocated = record.requirements_count, record.allocated_count
    for name in _SCORES:
        setattr(row, name, getattr(record, name))
    row.domain = record.domain_compliance
    row.rules, row.judge = record.rules_overall, record.judge_overall
    row.threshold = float(record.threshold)
    row.critical, row.findings = record.critical_count, sum(counts.values())
    row.findings_by_rule = counts
    row.passed = record.validation_passed
    row.skills = " ".join(sorted(map(str, record.skill_versions.values())))[:600]
