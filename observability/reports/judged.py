"""The measures of judged runs: from the sums of days and spans where these tell them apart, from
the runs themselves where only they do."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet

from observability.models import Grain, RunFigures, SpanQuality
from observability.reports.asked import QualityFilter, has_skill, ids, runs_behind
from observability.rollups import measures, spans
from observability.rollups.measures import Spread

Key = tuple[Any, ...]
_OF_RUNS = {"day": "judged_on"}


def measured(
    asked: QualityFilter,
    by: tuple[str, ...],
    grain: Grain | None = None,
    names: Collection[str] | None = None,
) -> dict[Key, dict[str, Spread]]:
    """The measures of a filter's runs by these columns of SpanQuality, which rows of `grain` have;
    without one, of the grain that tells the filter. `names`: only these measures."""
    rows = _rows(asked, grain or asked.grain, by)
    if rows is None:
        return _of_runs(asked, by)
    groups: dict[Key, dict[str, Spread]] = defaultdict(dict)
    for *key, found in rows.values_list(*by, "measures"):
        group = groups[tuple(key)]
        for name, values in found.items():
            if names is None or name in names:
                one = Spread.of_json(values)
                group[name] = group[name].and_(one) if name in group else one
    return groups


def _rows(
    asked: QualityFilter, grain: Grain | None, by: tuple[str, ...]
) -> "QuerySet[SpanQuality] | None":
    if grain is None or asked.grain not in {grain, Grain.ALL}:
        return None
    if grain is Grain.ROUTE and asked.skill is not None:
        return None
    first, last = asked.period.first, asked.period.last
    found = ids(subsystem=asked.subsystem, person=asked.person)
    if asked.specification is not None:
        found &= Q(specification=asked.specification)
    if asked.skill is not None:
        found &= has_skill(asked.skill)
    rows = SpanQuality.objects.filter(found, grain=grain).order_by("day", "pk")
    if "day" in by:
        return rows.filter(project=asked.project_id, days=1, day__range=(first, last))
    return rows.filter(spans.rows_in({asked.project_id: (first, last)}))


def _of_runs(asked: QualityFilter, by: tuple[str, ...]) -> dict[Key, dict[str, Spread]]:
    groups: dict[Key, list[RunFigures]] = defaultdict(list)
    for run in runs_behind(asked):
        groups[tuple(getattr(run, _OF_RUNS.get(name, name)) for name in by)].append(run)
    return {key: measures.spreads(runs) for key, runs in groups.items()}
