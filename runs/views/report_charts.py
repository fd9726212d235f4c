"""What the charts of reports draw, and the tables below them: the same figures, in the same order.

A chart's data stands in the page as JSON; `static/js/charts.js` draws it with Chart.js.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from observability.models import Node
from observability.reports.cost import CostReport, DayPart
from observability.reports.quality import Point

SERIES = 7  # told apart by colour; the others are drawn together
OTHERS = "others"
MOST_BARS = 100  # beside one another; longer periods are drawn by week


@dataclass(frozen=True, slots=True)
class Stack:
    """Costs of days by agent or model, in nano-USD. `rows` has the days with calls only."""

    series: tuple[str, ...]
    rows: tuple[tuple[date, tuple[int, ...], int], ...]  # day, by series, together
    unit: str

    @property
    def totals(self) -> tuple[int, ...]:
        return tuple(map(sum, zip(*(values for _, values, _ in self.rows), strict=True)))

    @property
    def total(self) -> int:
        return sum(together for _, _, together in self.rows)


def cost_stack(report: CostReport, by: str) -> Stack:
    """By "model" or by agent, the dearest series first."""
    return _stack(report.days, by, weekly=report.asked.period.days > MOST_BARS)


def _stack(parts: Sequence[DayPart], by: str, *, weekly: bool) -> Stack:
    found: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    totals: dict[str, int] = defaultdict(int)
    for part in parts:
        name = part.model if by == "model" else str(part.node.label)
        day = date.fromordinal(part.day.toordinal() - part.day.weekday()) if weekly else part.day
        found[day][name] += part.cost_nusd
        totals[name] += part.cost_nusd
    named = sorted(totals, key=lambda name: (-totals[name], _order(name)))
    kept = named if len(named) <= SERIES else named[: SERIES - 1]
    series = (*kept, OTHERS) if len(kept) < len(named) else tuple(kept)
    rows = []
    for day in sorted(found):
        values = [found[day][name] for name in kept]
        together = sum(found[day].values())
        if len(series) > len(kept):
            values.append(together - sum(values))
        rows.append((day, tuple(values), together))
    return Stack(series, tuple(rows), "week from" if weekly else "day")


def _order(name: str) -> tuple[int, str]:
    labels = [str(node.label) for node in Node]
    return (labels.index(name) if name in labels else len(labels), name)


def cost_chart(stack: Stack, report: CostReport) -> dict[str, Any]:
    """Stacked bars in dollars, with a bar for every day or week of the period."""
    there = {day: values for day, values, _ in stack.rows}
    days = report.asked.period.each_day
    if stack.unit != "day":
        first = days[0].toordinal() - days[0].weekday()
        days = [date.fromordinal(n) for n in range(first, days[-1].toordinal() + 1, 7)]
    nothing = (0,) * len(stack.series)
    return {
        "kind": "bars",
        "unit": "$",
        "labels": [_short(day) for day in days],
        "series": [
            {"label": name, "values": [there.get(day, nothing)[i] / 10**9 for day in days]}
            for i, name in enumerate(stack.series)
        ],
    }


def trend_chart(points: Sequence[Point], *, threshold: float | None = None) -> dict[str, Any]:
    """Mean scores with their intervals, one after the other."""
    labels = [_label(point.key) for point in points]
    intervals = [point.overall.interval or (None, None) for point in points]
    return {
        "kind": "trend",
        "unit": "",
        "labels": labels,
        "threshold": threshold,
        "least": [low if low is None else max(0.0, low) for low, _ in intervals],
        "most": [high if high is None else min(1.0, high) for _, high in intervals],
        "series": [{"label": "Overall score", "values": [p.overall.mean for p in points]}],
        "counts": [point.runs for point in points],
    }


def _label(key: str) -> str:
    try:
        return _short(date.fromisoformat(key))
    except ValueError:
        return key


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"
