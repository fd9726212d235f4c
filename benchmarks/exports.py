"""How long a large spreadsheet takes and how much memory, beside tablib's own way in the same run.

    python benchmarks/exports.py [--rows 100000] [--database sqlite|postgresql]

Fills a scratch database with as many calls of a run, then writes 15 of their columns in each way,
in a process of its own. `task` is what the queue's task does: from the claim to the last piece of
the file in the database. `tablib` hands the same cells of the same query to a tablib Dataset and
exports it, into memory. Prints JSON: seconds, peak resident megabytes of the process (getrusage),
and how many there were before the first row was read.

Exits 1 if a file has not all rows, or if the task's memory grows with the rows: if it takes over
20 MB more for all of them than for a tenth.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from typing import Any

from scratch import ROOT, database

COLUMNS = [
    "id", "created_at", "project", "run", "subsystem", "node", "iteration", "purpose", "model",
    "state", "cost_source", "cost_usd", "input_fresh", "output", "reasoning",
]  # fmt: skip
FORMATS = ("csv", "xlsx")
SLACK_MB = 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--child", nargs=2, metavar=("WAY", "FORMAT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(_child(*options.child)))
        return 0
    figures: dict[str, Any] = {"database": options.database, "columns": len(COLUMNS)}
    with database(options.database):
        filled = 0
        for rows in (options.rows // 10, options.rows):
            _manage("fill", str(rows - filled))
            filled = rows
            ways = ("task", "tablib") if rows == options.rows else ("task",)
            figures[f"{rows} rows"] = {
                f"{way} {extension}": _measured(way, extension)
                for way in ways
                for extension in FORMATS
            }
    print(json.dumps(figures, indent=1))
    return _judge(figures, options.rows)


def _judge(figures: dict[str, Any], rows: int) -> int:
    whole, tenth = figures[f"{rows} rows"], figures[f"{rows // 10} rows"]
    missed = [name for name, one in whole.items() if one["rows"] != rows]
    missed += [
        f"{name}: memory grows with the rows"
        for name, one in tenth.items()
        if whole[name]["peak_mb"] > one["peak_mb"] + SLACK_MB
    ]
    for name in missed:
        print(f"missed: {name}", file=sys.stderr)
    return 1 if missed else 0


def _manage(*arguments: str) -> str:
    command = [sys.executable, __file__, "--child", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def _measured(way: str, extension: str) -> dict[str, Any]:
    measured: dict[str, Any] = json.loads(_manage(way, extension))
    return measured


def _child(way: str, what: str) -> dict[str, Any]:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reqplatform.settings")
    import django

    django.setup()
    if way == "fill":
        return _fill(int(what))
    before = _peak_mb()
    began = time.perf_counter()
    rows, size = (_task if way == "task" else _tablib)(what)
    return {
        "seconds": round(time.perf_counter() - began, 1),
        "peak_mb": round(_peak_mb()),
        "before_mb": round(before),
        "rows": rows,
        "file_mb": round(size / 2**20, 1),
    }


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kilobytes on Linux


def _fill(rows: int) -> dict[str, Any]:
    """Settled calls of one run."""
    from observability.models import CostSource, LLMCall, Node
    from runs.models import Run

    run = Run._default_manager.first() or _run()
    profile = _profile()
    common = {
        "project": run.project, "run": run, "subsystem": run.subsystem, "person": run.started_by,
        "profile": profile, "provider": profile.provider, "model": profile.model,
        "state": "settled", "cost_source": CostSource.METERED, "node": Node.DECOMPOSE,
    }  # fmt: skip
    made = 0
    while made < rows:
        batch = [
            LLMCall(
                **common, iteration=1, ordinal=number, request_key=f"{number:064d}",
                held_nusd=10**7, cost_nusd=1_234_567 + number, input_fresh=900 + number,
                output=150, reasoning=50, prompt=[{"content": "p" * 2_000}], answer="a" * 1_000,
            )
            for number in range(made, min(made + 2_000, rows))
        ]  # fmt: skip
        LLMCall.objects.bulk_create(batch, batch_size=500)
        made += len(batch)
    return {"rows": made}


def _run() -> Any:
    from reqplatform.teams.models import Membership, Project, Role
    from tests import factories

    project = Project.objects.create(slug="survey", name="Survey vessel")
    person = factories.user("viewer")
    Membership.objects.create(user=person, project=project, role=Role.VIEWER)
    return factories.run(project, started_by=person)


def _profile() -> Any:
    from tests.money import paid_model

    return paid_model()


def _task(extension: str) -> tuple[int, int]:
    from runs.actions.exports import store, wanted
    from runs.actions.exports_writing import write_export
    from runs.models import Run, StoredExport
    from runs.sheets.asked import Asked

    run = Run._default_manager.select_related("project", "started_by")[0]
    assert run.started_by is not None
    what = wanted(run.started_by, run.project, "calls", Asked(run=run.pk), extension)
    export = store(run.started_by, run.project, what)
    StoredExport.objects.filter(pk=export.pk).update(columns=COLUMNS)
    write_export(export.pk)
    export.refresh_from_db()
    assert export.state == "ready", export.reason
    return export.rows_written, export.size


def _tablib(extension: str) -> tuple[int, int]:
    """As django-import-export does it: a Dataset of all rows, then its own export."""
    import tablib

    from observability.models import LLMCall
    from runs.sheets.money import CALLS

    columns = [column for column in CALLS.columns() if column.name in COLUMNS]
    data = tablib.Dataset(headers=COLUMNS)
    cells = CALLS.reader(columns, "UTC")
    for row in CALLS.prepared(LLMCall.objects.all()).iterator(chunk_size=1_000):
        data.append(cells(row))
    content = data.export(extension)
    size = len(content if isinstance(content, bytes) else content.encode())
    return data.height, size


if __name__ == "__main__":
    sys.exit(main())
