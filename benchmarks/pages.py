"""How fast are report pages and the admin's lists, with a long history?

    python benchmarks/pages.py [--database sqlite|postgresql|both] [--runs 100000] [--repeats 20]
        [--keep DIR] [--rebuild]

Fills a database with RUNS runs of a year, ten calls each, adds them up, and asks every page REPEATS
times through Django's test client, signed in as a superuser: server time with templates, without
the network. Prints JSON with p50 and p95 in milliseconds. Exits 1 if a report page takes
150 ms or more at p95, or a list of the admin 200 ms or more.
"""

import argparse
import json
import sys
import time
from datetime import timedelta
from typing import Any

from reports_rows import filled, options_of, played, quantile

BASE = "/projects/history/reports/"
REPORTS = {
    "cost, 30 days": f"{BASE}cost?{{month}}",
    "cost, 90 days": f"{BASE}cost?{{quarter}}",
    "cost, a year": f"{BASE}cost?{{year}}",
    "cost, 90 days, an agent": f"{BASE}cost?{{quarter}}&node=decompose",
    "quality, 90 days": f"{BASE}quality?{{quarter}}",
    "quality, a year": f"{BASE}quality?{{year}}",
    "subsystems, 90 days": f"{BASE}subsystems?{{quarter}}",
    "models, 90 days": f"{BASE}models?{{quarter}}",
    "energy, 90 days": f"{BASE}energy?{{quarter}}",
    "calls": "/projects/history/calls/",
    "judged runs": f"{BASE}judged?{{quarter}}",
    "runs that began": f"{BASE}begun?{{quarter}}",
    "project": "/projects/history/",
    "home": "/",
    "all projects": "/reports/",
}
LISTS = {
    "calls": "/admin/observability/llmcall/",
    "calls, page 50": "/admin/observability/llmcall/?p=50",
    "calls, last page": "/admin/observability/llmcall/?p=333",
    "calls of a project": "/admin/observability/llmcall/?project__id__exact={project}",
    "calls of an agent": "/admin/observability/llmcall/?node__exact=validate",
    "calls of a week": "/admin/observability/llmcall/?created_at__gte={week}",
    "calls, searched": "/admin/observability/llmcall/?q=gpt-5-mini",
    "quality records": "/admin/observability/qualityrecord/",
    "runs": "/admin/runs/run/",
    "runs, page 50": "/admin/runs/run/?p=50",
    "runs of a subsystem": "/admin/runs/run/?subsystem__id__exact={subsystem}",
    "runs, searched": "/admin/runs/run/?q=Vessel",
}
MEASURED = {"reports": (REPORTS, 150), "admin": (LISTS, 200)}  # pages, milliseconds at p95


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
        found[name] = {"p50_ms": quantile(times, 0.5), "p95_ms": quantile(times, 0.95)}
    return found


def reader() -> Any:
    """A client that is signed in as a superuser."""
    from django.test import Client

    from reqplatform.teams.models import User

    client = Client(raise_request_exception=True)
    root, _ = User.objects.get_or_create(username="root", is_staff=True, is_superuser=True)
    client.force_login(root)
    return client


def names_of(history: Any) -> dict[str, str]:
    """What stands in addresses."""
    from runs.models import Subsystem

    subsystem = Subsystem.objects.filter(project=history.project)[0]
    last, week = history.last, history.last - timedelta(days=7)
    return {
        "project": str(history.project.pk),
        "subsystem": str(subsystem.pk),
        "week": f"{week:%Y-%m-%d}T00:00:00%2B00:00",
        "month": f"first={last - timedelta(days=29)}&last={last}",
        "quarter": f"first={last - timedelta(days=89)}&last={last}",
        "year": f"first={last - timedelta(days=364)}&last={last}",
    }


def child(kind: str, options: argparse.Namespace) -> int:
    with filled(kind, options) as history:
        client, names = reader(), names_of(history)
        found = {
            what: measure(client, pages, names, options.repeats)
            for what, (pages, _) in MEASURED.items()
        }
        print(json.dumps({**history.json(), **found}))
    return 0


def main() -> int:
    options = options_of()
    if options.child:
        return child(options.child, options)
    slow: list[str] = []
    for kind in options.kinds:
        found = played(__file__, kind, options)
        print(json.dumps({kind: found}, indent=1))
        slow += [
            f"{kind}: {name}: p95 {one['p95_ms']} ms, aim {aim}"
            for what, (_, aim) in MEASURED.items()
            for name, one in found[what].items()
            if one["p95_ms"] >= aim
        ]
    for text in slow:
        print(text, file=sys.stderr)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
