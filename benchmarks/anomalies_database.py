"""One history of calls and judged runs in a database, and its replay; see `anomalies.py`."""

import json
import os
import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import django

DAYS = 300
TODAY = date(2026, 11, 20)
PLANTED: dict[
    int, tuple[str, dict[str, Any]]
] = {  # how many days ago, the reason, and in the place of what a usual day is
    60: ("calls", {"calls": 40}),
    38: ("cache", {"calls": 10}),
    18: ("price", {"calls": 10, "model": "dear", "times": 4}),
}
RUNS = 160
FALL = 120  # runs before a version that is worse


def measured() -> dict[str, Any]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reqplatform.settings")
    django.setup()
    _write()
    found: dict[str, Any] = {}
    for days in (90, DAYS):
        began = time.perf_counter()
        rows, queries = _replayed(days)
        seconds = round(time.perf_counter() - began, 2)
        found[f"{days} days"] = {"told": len(rows), "queries": queries, "seconds": seconds}
    found["wrong"] = list(_wrong(rows))
    return found


def _write() -> None:
    from observability.tokens import Usage
    from reqplatform.teams.models import Project
    from tests import factories
    from tests.observability.history import Spent, judged, write

    chance = random.Random(7)  # noqa: S311
    project = Project.objects.create(slug="history", name="History", time_zone="Europe/Berlin")
    run = factories.run(project)
    cached = Usage(input_fresh=10_000, cache_read=110_000, output=4_000)
    fresh = Usage(input_fresh=120_000, output=4_000)
    days: dict[date, Spent] = {}
    for back in range(DAYS, 0, -1):
        day = TODAY - timedelta(days=back)
        if day.weekday() == 6:
            continue
        days[day] = Spent(calls=chance.choice((8, 9, 10, 11, 12)), usage=cached)
    for back, (why, values) in PLANTED.items():
        day = TODAY - timedelta(days=back)
        assert day in days, f"{day} is a Sunday"
        days[day] = Spent(usage=fresh if why == "cache" else cached, **values)
    write(run, days)
    scores = [chance.gauss(0.88 - 0.1 * (number >= FALL), 0.04) for number in range(RUNS)]
    versions = ["3" if number < FALL else "4" for number in range(RUNS)]
    begin = datetime(2026, 9, 1, tzinfo=UTC)
    judged(project, [min(1.0, score) for score in scores], versions=versions, begin=begin)


def _replayed(days: int) -> tuple[list[dict[str, Any]], int]:
    from unittest.mock import patch

    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    out, now = StringIO(), datetime(2026, 11, 20, 12, tzinfo=UTC)
    clock = "observability.management.commands.replay_alerts.timezone.now"
    with patch(clock, lambda: now), CaptureQueriesContext(connection) as queries:
        call_command("replay_alerts", project="history", days=days, format="json", stdout=out)
    rows: list[dict[str, Any]] = json.loads(out.getvalue())
    return rows, len(queries)


def _wrong(rows: list[dict[str, Any]]) -> Iterator[str]:
    costs = {row["day"]: row["figures"] for row in rows if row["cause"] == "cost"}
    planted = {f"{TODAY - timedelta(days=back)}": why for back, (why, _) in PLANTED.items()}
    if set(costs) != set(planted):
        yield f"the database's days: told {sorted(costs)}, planted {sorted(planted)}"
    for day, figures in costs.items():
        excess = figures["actual_nusd"] - figures["expected_nusd"]
        if sum(part["nusd"] for part in figures["because"]) != excess:
            yield f"the parts of {day} do not add up"
        if day in planted and figures["because"][0]["reason"] != planted[day]:
            yield f"{day}: {figures['because'][0]['reason']} instead of {planted[day]}"
    falls = [row["figures"] for row in rows if row["cause"] == "quality"]
    scores = [fall for fall in falls if fall["measure"] == "overall"]
    named = [fall["changes"][:1] for fall in scores]
    if len(scores) != 1 or not named[0] or named[0][0]["after"] != "decomposition@4":
        yield f"the database's fall of quality: told {named}"
