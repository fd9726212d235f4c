"""What a run cost: average, least, most, median and 95th percentile, exactly.

Whole runs, and runs' calls by one agent, one model or one source, are read from the sorted costs of
each day (`RunCosts`); a narrower filter adds the parts of its runs up.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from django.db.models import Sum

from observability.models import RunCosts
from observability.reports.asked import CostFilter, begun_runs, parts_of_runs
from observability.rollups.days import unpacked

Costs = Sequence[Sequence[int]]  # ascending, in several parts


@dataclass(frozen=True, slots=True)
class PerRun:
    """Nano-USD over runs; None without any. Median and 95th percentile are by the nearest rank: the
    cost of a run that there was."""

    runs: int
    free_runs: int
    total: int
    average: float | None
    least: int | None
    most: int | None
    median: int | None
    p95: int | None


def per_run(asked: CostFilter) -> PerRun:
    """Over the runs that began in the period: what their calls of the filter cost."""
    parts = _costs(asked)
    n, total = sum(map(len, parts)), sum(map(sum, parts))
    return PerRun(
        runs=n,
        free_runs=sum(bisect_right(part, 0) for part in parts),
        total=total,
        average=total / n if n else None,
        least=min(part[0] for part in parts) if n else None,
        most=max(part[-1] for part in parts) if n else None,
        median=rank(parts, 0.5),
        p95=rank(parts, 0.95),
    )


def _costs(asked: CostFilter) -> Costs:
    """None of the parts is empty."""
    of_whom = asked.subsystem is not None or asked.person is not None
    parts = {
        RunCosts.By.NODE: asked.node,
        RunCosts.By.MODEL: asked.model,
        RunCosts.By.SOURCE: asked.source,
    }
    told = [(by, key) for by, key in parts.items() if key is not None]
    if of_whom and not told:
        costs = begun_runs(asked).order_by("cost_nusd").values_list("cost_nusd", flat=True)
        return [list(costs)] if costs else []
    if of_whom or len(told) > 1:
        return _added_up(asked)
    by, key = told[0] if told else (RunCosts.By.RUN, "")
    period = asked.period
    rows = RunCosts.objects.filter(
        project=asked.project_id, by=by, key=key, day__range=(period.first, period.last)
    )
    return [unpacked(costs) for costs in rows.values_list("costs", flat=True)]


def _added_up(asked: CostFilter) -> Costs:
    rows = parts_of_runs(asked).values("begun_on", "run").annotate(cost=Sum("cost_nusd"))
    costs = sorted(rows.values_list("cost", flat=True))
    return [costs] if costs else []


def rank(parts: Costs, share: float) -> int | None:
    """The least value such that this share of all is not above it; None without any.

    Found by halving between the least and the most, so that nothing is sorted: some 40 steps, each
    of which looks into every part.
    """
    n = sum(map(len, parts))
    if not n:
        return None
    wanted = max(1, ceil(share * n))
    low, high = min(part[0] for part in parts), max(part[-1] for part in parts)
    while low < high:
        middle = (low + high) // 2
        if sum(bisect_right(part, middle) for part in parts) >= wanted:
            high = middle
        else:
            low = middle + 1
    return low
