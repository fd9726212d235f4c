"""What a project's calls took on days and spans of days, made anew from shorter ones."""

import sys
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum, Value

from observability.models import Grain, PayerCost, RunCosts, SpanCost
from observability.models.rollup import SUMS
from observability.rollups.spans import Span, rows_of

_WHAT = ("node", "provider", "model", "source")
_OF = {Grain.ALL: (), Grain.SUBSYSTEM: ("subsystem_id",), Grain.PERSON: ("person_id",)}
_SUMMED = {f"sum_{name}": Sum(name) for name in SUMS}
_TABLE = SpanCost._meta.db_table
_BATCH = 31


def write_costs(project_id: int, days: Collection[date]) -> None:
    """The rows of SpanCost of single days."""
    for some in batches(days):
        SpanCost.objects.filter(project=project_id, days=1, day__in=some).delete()
        payers = PayerCost.objects.filter(project=project_id, day__in=some)
        for grain, names in _OF.items():
            _insert(payers, ("project_id", "day", *names), grain=Value(grain), days=Value(1))


def write_span_costs(project_id: int, spans: Iterable[Span]) -> None:
    """Spans of several days, from the shorter ones that must be there."""
    for span in spans:
        mine = SpanCost.objects.filter(project=project_id)
        mine.filter(days=span.days, day=span.day).delete()
        parts = mine.filter(rows_of(span.parts))
        of_span = {"day": Value(span.day), "days": Value(span.days)}
        for grain, names in _OF.items():
            rows = parts.filter(grain=grain)
            _insert(rows, ("project_id", *names), grain=Value(grain), **of_span)


def _insert(rows: "QuerySet[Any]", by: tuple[str, ...], **same: Value) -> None:
    """Add these rows up by agent, model, source and these names, and have the sums as rows of
    SpanCost, which never leave the database."""
    names = (*by, *_WHAT)
    told = {f"the_{name}": value for name, value in same.items()}
    found = rows.order_by().values(*names).annotate(**told, **_SUMMED)
    select, params = found.values_list(*names, *told, *_SUMMED).query.sql_with_params()
    table, *columns = map(connection.ops.quote_name, (_TABLE, *names, *same, *SUMS))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({', '.join(columns)}) {select}", params)


def write_run_costs(project_id: int, days: Collection[date]) -> None:
    """What the runs cost that began on these days."""
    for some in batches(days):
        RunCosts.objects.filter(project=project_id, day__in=some).delete()
        RunCosts.objects.bulk_create(run_costs_of(project_id, some), batch_size=200)


def run_costs_of(project_id: int, days: Collection[date]) -> list[RunCosts]:
    """The rows of RunCosts of these days, not saved yet."""
    parts = PayerCost.objects.filter(project=project_id, begun_on__in=days, calls__gt=0)
    names = ("begun_on", "run_id", *_WHAT, "cost_nusd")
    sums: dict[tuple[Any, ...], int] = defaultdict(int)
    for day, run, node, provider, model, source, cost in parts.order_by().values_list(*names):
        for by, key in (
            (RunCosts.By.RUN, ""),
            (RunCosts.By.NODE, node),
            (RunCosts.By.MODEL, f"{provider}/{model}"),
            (RunCosts.By.SOURCE, source),
        ):
            sums[day, by, key, run] += cost
    costs: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for (*what, _), cost in sums.items():
        costs[tuple(what)].append(cost)
    return [
        RunCosts(project_id=project_id, day=day, by=by, key=key, costs=packed(values))
        for (day, by, key), values in costs.items()
    ]


def packed(costs: Iterable[int]) -> bytes:
    """Integers as `RunCosts.costs` has them."""
    found = array("q", sorted(costs))
    if sys.byteorder == "big":
        found.byteswap()
    return found.tobytes()


def unpacked(costs: bytes | memoryview) -> "array[int]":
    found = array("q", bytes(costs))
    if sys.byteorder == "big":
        found.byteswap()
    return found


def batches(days: Collection[date]) -> Iterator[list[date]]:
    ordered = sorted(days)
    for start in range(0, len(ordered), _BATCH):
        yield ordered[start : start + _BATCH]
