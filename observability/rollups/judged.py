"""How the runs of days and spans of days were judged, made anew from the runs' own figures."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from observability.models import Grain, RunFigures, SpanQuality
from observability.rollups import measures, spans
from observability.rollups.days import batches
from observability.rollups.measures import Spread
from observability.rollups.spans import Span

_READ = (
    "run_id", "subsystem_id", "person_id", "specification_id", "revision_id", "route", "judged_on",
    "skills", "allocated", *measures.DIMENSIONS, "passed", "iterations", "requirements", "findings",
    "critical", "cost_nusd", "busy_ms", "findings_by_rule", "judge", "rules", "threshold",
)  # fmt: skip
_OF: dict[Grain, tuple[str, ...]] = {
    Grain.ALL: ("skills",),
    Grain.SUBSYSTEM: ("subsystem_id", "skills"),
    Grain.PERSON: ("person_id", "skills"),
    Grain.SPECIFICATION: ("specification_id", "skills"),
    Grain.ROUTE: ("revision_id", "route"),
}


def write(project_id: int, days: Collection[date]) -> None:
    """The rows of SpanQuality of single days."""
    for some in batches(days):
        SpanQuality.objects.filter(project=project_id, days=1, day__in=some).delete()
        runs = RunFigures.objects.filter(project=project_id, judged_on__in=some)
        made = rows_of(project_id, runs.only(*_READ).order_by("run_id"))
        SpanQuality.objects.bulk_create(made, batch_size=200)


def rows_of(project_id: int, runs: Iterable[RunFigures]) -> list[SpanQuality]:
    """The rows of the days on which these runs were judged, not saved yet."""
    values: dict[tuple[Any, ...], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for run in runs:
        found = list(measures.of(run))
        for grain, names in _OF.items():
            lists = values[grain, run.judged_on, *(getattr(run, name) for name in names)]
            for measure, value in found:
                lists[measure].append(value)
    return [
        _row(project_id, Span(1, day), grain, key, measures.spreads_of(lists))
        for (grain, day, *key), lists in values.items()
    ]


def write_spans(project_id: int, ended: Iterable[Span]) -> None:
    """Spans of several days, from the shorter ones that must be there."""
    for span in ended:
        mine = SpanQuality.objects.filter(project=project_id)
        mine.filter(days=span.days, day=span.day).delete()
        groups: dict[tuple[Any, ...], list[SpanQuality]] = defaultdict(list)
        for row in mine.filter(spans.rows_of(span.parts)).order_by("day"):
            groups[key_of(row)].append(row)
        made = [
            _row(project_id, span, Grain(grain), key, measures.together_of(rows))
            for (grain, *key), rows in groups.items()
        ]
        SpanQuality.objects.bulk_create(made, batch_size=200)


def _row(
    project_id: int, span: Span, grain: Grain, key: Sequence[Any], found: Mapping[str, Spread]
) -> SpanQuality:
    return SpanQuality(
        project_id=project_id,
        grain=grain,
        measures={name: one.as_json() for name, one in found.items()},
        **dict(zip(_OF[grain], key, strict=True)),
        **span._asdict(),
    )


def key_of(row: SpanQuality) -> tuple[Any, ...]:
    """The grain of a row, and what tells it from others of its grain and its days."""
    return row.grain, *(getattr(row, name) for name in _OF[Grain(row.grain)])
