"""What does a scrape of /metrics cost with a long history?

    python benchmarks/metrics.py [--database sqlite|postgresql|both] [--runs 100000] [--repeats 20]
        [--keep DIR] [--rebuild]

For each database, a project of a year, as in `reports.py`. Prints JSON: milliseconds to read all
figures, at first and p50 and p95 after that, those of each collector, the milliseconds for writing
the page and its size; and what reading takes while the sums are being made anew and every call is
due. A page is kept for 10 seconds, so this is spent once in 10 seconds, however many scrape.
Exits 1 if the p95 is 500 ms or more.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from reports_rows import filled, options_of, played, quantile

P95_MS = 500


def timed(ask: Callable[[], Any], repeats: int) -> dict[str, float]:
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        ask()
        times.append(1000 * (time.perf_counter() - began))
    return {
        "first_ms": round(times[0], 1),
        "p50_ms": quantile(times, 0.5),
        "p95_ms": quantile(times[1:] or times, 0.95),
    }


def measure(history: Any, repeats: int) -> dict[str, Any]:
    from django.db import transaction

    from observability.metrics import exposition, registered, scrape
    from observability.models import LLMCall

    found: dict[str, Any] = {
        **history.json(), "read": timed(exposition.read, repeats), "collectors": {},
    }  # fmt: skip
    begun = scrape.begin()
    found["collectors"]["projects"] = timed(scrape.begin, repeats)
    for collector in registered():
        name = collector.collect.__module__
        found["collectors"][name] = timed(partial(_all, collector.collect, begun), repeats)
    found["page"] = timed(exposition.page, 5)
    found["bytes"] = len(exposition.page()[0])
    with transaction.atomic():  # as while everything is added up anew
        LLMCall.objects.update(is_due=True)
        found["while_rebuilding"] = timed(exposition.read, repeats)
        transaction.set_rollback(True)
    return found


def _all(collect: Callable[[Any], Iterable[Any]], begun: Any) -> None:
    for _ in collect(begun):
        pass


def child(kind: str, options: argparse.Namespace) -> int:
    """In a process of its own: Django speaks to one database for its life."""
    with filled(kind, options) as history:
        print(json.dumps(measure(history, options.repeats)))
    return 0


def main() -> int:
    options = options_of()
    if options.child:
        return child(options.child, options)
    missed = False
    for kind in options.kinds:
        found = played(__file__, kind, options)
        print(json.dumps({kind: found}, indent=1))
        missed |= found["read"]["p95_ms"] >= P95_MS
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
