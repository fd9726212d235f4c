"""How fast are report pages and the admin's lists, with a long history?

    python benchmarks/pages.py [--database sqlite|postgresql] [--runs 100000] [--repeats 10]

Fills a scratch database with RUNS runs of a year, ten calls each, adds them up, and asks every page
REPEATS times through Django's test client, signed in as a superuser: server time with templates,
without the network. Prints JSON with p50 and p95 in milliseconds. Exits 1 if a report page takes
150 ms or more at p95, or a list of the admin 200 ms or more.
"""

import argparse
import json
import os
import sys
import time
from datetime import timedelta
from typing import Any

from scratch import ROOT, database

BASE = "/projects/history/reports/"
REPORTS = {
    "cost, 30 days": f"{BASE}cost",
    "cost, 90 days": f"{BASE}cost?days=90",
    "cost, 90 days, an agent": f"{BASE}cost?days=90&node=decompose",
    "quality, 90 days": f"{BASE}quality?days=90",
    "subsystems, 90 days": f"{BASE}subsystems?days=90",
    "models, 90 days": f"{BASE}models?days=90",
    "energy, 90 days": f"{BASE}energy?days=90",
    "calls": "/projects/history/calls/",
    "judged runs": f"{BASE}judged",
    "runs that began": f"{BASE}begun",
    "all projects": "/reports/",
}
LISTS = {
    "calls": "/admin/observability/llmcall/",
    "calls, page 50": "/admin/observability/llmcall/?p=50",
    "calls of a project": "/admin/observability/llmcall/?project__id__exact={project}",
    "calls of an agent": "/admin/observability/llmcall/?node__exact=validate",
    "calls of a week": "/admin/observability/llmcall/?created_at__gte={week}",
    "quality records": "/admin/observability/qualityrecord/",
    "runs": "/admin/runs/run/",
    "runs, page 50": "/admin/runs/run/?p=50",
    "runs of a subsystem": "/admin/runs/run/?subsystem__id__exact={subsystem}",
}
REPORT_MS, LIST_MS = 150, 200


def quantile(values: list[float], q: float) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * q))], 1)


def measure(client: Any, pages: dict[str, str], names: dict[str, str], repeats: int) -> Any:
    found = {}
    for name, path in pages.items():
        address, times = path.format(**names), []
        answer = client.get(address)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}")
        for _ in range(repeats):
            began = time.perf_counter()
            client.get(address)
            times.append(1000 * (time.perf_counter() - began))
        p50, p95 = quantile(times, 0.5), quantile(times, 0.95)
        found[name] = {"p50_ms": p50, "p95_ms": p95}
    return found


def filled(runs: int) -> tuple[Any, dict[str, str]]:
    """A client that is signed in, and the names in addresses."""
    import reports_rows
    from django.test import Client

    from observability import rollups
    from reqplatform.teams.models import Project, User
    from runs.models import Subsystem

    reports_rows.fill(runs)
    project = Project.objects.get(slug="history")
    rollups.rebuild([project.pk])
    reports_rows._analyze()
    client = Client(raise_request_exception=True)
    root = User.objects.create(username="root", is_staff=True, is_superuser=True)
    client.force_login(root)
    subsystem = Subsystem.objects.filter(project=project)[0]
    week = f"{reports_rows.TODAY - timedelta(days=7):%Y-%m-%d}T00:00:00%2B00:00"
    return client, {"project": str(project.pk), "subsystem": str(subsystem.pk), "week": week}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=10)
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    with database(options.database):
        os.environ["DJANGO_SETTINGS_MODULE"] = "reqplatform.settings"
        os.environ["DJANGO_ALLOWED_HOSTS"] = "testserver"
        import django

        django.setup()
        import reports_rows
        from django.utils import timezone

        reports_rows.TODAY = timezone.now().date()
        client, names = filled(options.runs)
        reports = measure(client, REPORTS, names, options.repeats)
        lists = measure(client, LISTS, names, options.repeats)
    answer = {"database": options.database, "runs": options.runs}
    print(json.dumps({**answer, "reports": reports, "admin": lists}, indent=1))
    slow = [
        f"{name}: p95 {one['p95_ms']} ms, aim {aim}"
        for pages, aim in ((reports, REPORT_MS), (lists, LIST_MS))
        for name, one in pages.items()
        if one["p95_ms"] >= aim
    ]
    for text in slow:
        print(text, file=sys.stderr)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
