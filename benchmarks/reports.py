"""Are the reports right, and how fast are they, with a long history?

    python benchmarks/reports.py [--database sqlite|postgresql|both] [--runs 100000] [--repeats 20]
        [--keep DIR] [--rebuild]

For each database, two projects of a year: one of RUNS runs with ten calls each, and one with a
tenth of that in as many days. Each is filled, added up (`rollups.rebuild`, the time is printed),
and then every report is asked REPEATS times, beginning with a cold one. Prints JSON: for each
report p50 and p95 in milliseconds, and by how much the p50 grew with ten times the calls.

Every figure is compared with sums over the calls and records themselves, to the last nano-dollar
(`wrong` lists what differs). Exits 1 if one differs, or an aim is missed: p95 under 150 ms with all
runs, growth under 1.5.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from reports_rows import filled, options_of, played, quantile

P95_MS = 150
GROWTH = 1.5


def reports(base: Any, last: date) -> dict[str, Callable[[], Any]]:
    """What is measured, by name; of periods that end on that day."""
    from observability.models import Node
    from observability.reports.asked import CostFilter, Period, QualityFilter
    from observability.reports.comparison import compare_routes, comparison
    from observability.reports.cost import cost
    from observability.reports.quality import quality

    def money(days: int, **which: Any) -> Callable[[], Any]:
        period = Period.of_days(days, last)
        return lambda: cost(CostFilter(base.project.pk, "Europe/Berlin", period, **which))

    def judged(report: Callable[[QualityFilter], Any], days: int, **which: Any) -> Any:
        period = Period.of_days(days, last)
        return lambda: report(QualityFilter(base.project.pk, "Europe/Berlin", period, **which))

    subsystem, person = base.subsystems[3].pk, base.people[2].pk
    return {
        "cost, 30 days": money(30),
        "cost, 90 days": money(90),
        "cost, a year": money(365),
        "cost, 90 days, a subsystem": money(90, subsystem=subsystem),
        "cost, 90 days, an agent": money(90, node=Node.DECOMPOSE),
        "cost, 90 days, a model": money(90, model="openai/gpt-5-mini"),
        "cost, 90 days, a source": money(90, source="estimated"),
        "cost, 90 days, subsystem and person": money(90, subsystem=subsystem, person=person),
        "quality, 30 days": judged(quality, 30),
        "quality, 90 days": judged(quality, 90),
        "quality, a year": judged(quality, 365),
        "quality, 90 days, a person": judged(quality, 90, person=person),
        "subsystems, 90 days": judged(comparison, 90),
        "models, 90 days": judged(compare_routes, 90),
    }


def measure(history: Any, repeats: int) -> dict[str, Any]:
    import reports_check
    import reports_rows

    from observability.rollups.checking import differences

    clock = time.perf_counter
    base = reports_rows.known(history.project)
    found: dict[str, Any] = {**history.json(), "reports": {}}
    wrong = [str(one) for one in differences(history.project)]
    for name, ask in reports(base, history.last).items():
        times, answer = [], None
        for _ in range(repeats):
            began = clock()
            answer = ask()
            times.append(1000 * (clock() - began))
        found["reports"][name] = {
            "p50_ms": quantile(times, 0.5), "p95_ms": quantile(times, 0.95),
            "queries": reports_check.queries(ask),
        }  # fmt: skip
        wrong += [f"{name}: {one}" for one in reports_check.wrong(answer)]
    return {**found, "wrong": wrong}


def child(kind: str, options: argparse.Namespace) -> int:
    """Measure one database with one size."""
    with filled(kind, options) as history:
        print(json.dumps(measure(history, options.repeats)))
    return 0


def misses(kind: str, small: dict[str, Any], large: dict[str, Any]) -> Iterator[str]:
    yield from (f"{kind}: wrong: {one}" for found in (small, large) for one in found["wrong"][:20])
    for name, figures in large["reports"].items():
        if figures["p95_ms"] >= P95_MS:
            yield f"{kind}: {name}: p95 is {figures['p95_ms']} ms, aim {P95_MS}"
        if figures["growth"] >= GROWTH:
            yield f"{kind}: {name}: grew {figures['growth']} times, aim {GROWTH}"


def main() -> int:
    options = options_of()
    if options.child:
        return child(options.child, options)
    missed: list[str] = []
    for kind in options.kinds:
        small = played(__file__, kind, options, options.runs // 10)
        large = played(__file__, kind, options)
        for name, figures in large["reports"].items():
            figures["growth"] = round(figures["p50_ms"] / small["reports"][name]["p50_ms"], 2)
        print(json.dumps({kind: {"small": small, "large": large}}, indent=1))
        missed += misses(kind, small, large)
    for text in missed:
        print(text, file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
