"""What becomes of runs, and of the money, when things break?

    python benchmarks/faults.py [--database sqlite|postgresql|both] [--long] [--rows 1,3,14]
                                [--seed 1] [--again]

Real workers (`manage.py work`), real signals, and a provider with a bill of its own: that bill is
the truth that the books are compared to. Prints a table for each database and exits 1 on any miss.

The short form is a few trials with the lease and all intervals at a fifth of their defaults. The
long form is at the defaults, with 100 kills and more. T, for how long a killed worker's run may lie
still, is lease + sweep + 5 s for a woken worker to be there.
"""

import argparse
import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fault_rows.intervals import FULL, SHORT
from scratch import ROOT, database, manage

if TYPE_CHECKING:
    from fault_rows.rows import Row
    from fault_rows.stage import Measured, Stage


def play(row: "Row", stage: "Stage") -> "Measured":
    """A row's figures; what it could not come to is a miss."""
    from django.db import connection
    from fault_rows.machine import put_away
    from fault_rows.stage import Measured, Stuck

    if row.only and row.only != stage.kind:
        return Measured(0, {"played on": row.only})
    try:
        if row.own_machines:
            put_away(stage.kind)
        stage.set(row.number)
        return row.play(stage)
    except Stuck as stuck:
        return Measured(0, late=[str(stuck), *how_it_stands(stage)])
    except Exception as error:  # noqa: BLE001 - a row that fails is a miss, and the others go on
        traceback.print_exc()
        return Measured(0, late=[f"It could not be played: {type(error).__name__}: {error}"])
    finally:
        connection.close()


def how_it_stands(stage: "Stage") -> list[str]:
    """What a person would look at first when a row has got stuck."""
    from django.db.models.functions import Now

    from runs.models import Run

    found = [
        f"{run} is {run.status}, attempts {run.attempts}, worker {run.worker}, lease "
        f"{run.lease_expires_at}, now {run.now}; last: {run.events.latest('seq').message}"
        for run in Run.objects.filter(project=stage.project).annotate(now=Now())
    ]
    logs = sorted(stage.folder.glob("work-*.log"))
    return found + (logs[-1].read_text().splitlines()[-15:] if logs else [])


def tell(row: "Row", measured: "Measured", seconds: float) -> None:
    figures = ", ".join(f"{name} {value}" for name, value in measured.figures.items())
    wrong = [*measured.misses, *measured.late]
    verdict = "MISS" if wrong else "ok" if measured.trials else "-"
    print(f"{row.number:>2} | {row.fault} | {measured.trials} | {figures} | {row.must} | {verdict}")
    for miss in wrong:
        print(f"   |   MISS: {miss}")
    print(f"   |   ({seconds:.0f} s)", flush=True)


def timed(row: "Row", stage: "Stage") -> "tuple[Row, Measured, float]":
    began = time.monotonic()
    return row, play(row, stage), time.monotonic() - began


def measure(kind: str, options: argparse.Namespace, folder: Path) -> int:
    """Play the rows on one database; how many missed."""
    missed, late = 0, []
    began = time.monotonic()
    print(f"\n{kind}, {'long' if options.long else 'short'} form, seed {options.seed}")
    print(" # | fault | trials | measured | must | ")
    for group in groups(options.rows):
        for row, measured in play_at_once(group, kind, options, folder):
            again = options.again and not measured.misses
            late += [row] if measured.late and again else []
            missed += bool(measured.misses or (measured.late and not again))
    for row in late:
        print(f"   | row {row.number} was late; once more, alone")
        for _, measured in play_at_once([row], kind, options, folder):
            missed += bool(measured.misses or measured.late)
    print(f"{kind}: {missed} missed, {time.monotonic() - began:.0f} s", flush=True)
    return missed


def play_at_once(
    rows: "list[Row]", kind: str, options: argparse.Namespace, folder: Path
) -> "list[tuple[Row, Measured]]":
    """Play these rows at the same time, each with a provider of its own; what they found."""
    from fault_rows.stage import Stage

    from tests.wire import WireServer

    found = []
    with ExitStack() as stack, ThreadPoolExecutor(len(rows)) as pool:
        stages = [
            Stage(
                kind, options.long, stack.enter_context(WireServer()), folder,
                random.Random(options.seed + row.number),  # noqa: S311
                FULL if options.long else SHORT,
            )
            for row in rows
        ]  # fmt: skip
        for row, measured, seconds in pool.map(timed, rows, stages):
            tell(row, measured, seconds)
            found.append((row, measured))
    return found


def groups(rows: str) -> "list[list[Row]]":
    """The rows that are wanted, those together that are played at once."""
    from fault_rows.rows import AT_ONCE, ROWS

    chosen = {int(number) for number in rows.split(",")} if rows else {row.number for row in ROWS}
    found: list[list[Row]] = []
    for row in (row for row in ROWS if row.number in chosen):
        first = next((group for group in found if {group[0].number, row.number} <= AT_ONCE), None)
        if first is None:
            found.append([row])
        else:
            first.append(row)
    return found


def child(kind: str, options: argparse.Namespace) -> int:
    """Play on one database; in a process of its own, since Django speaks to one for its life."""
    sys.path.insert(0, str(ROOT))
    intervals = FULL if options.long else SHORT
    os.environ.update(intervals.environment)
    os.environ.update(DJANGO_SETTINGS_MODULE="reqplatform.settings", LOG_LEVEL="ERROR")
    with database(kind), tempfile.TemporaryDirectory(prefix="reqplatform-faults-") as folder:
        assert manage(dict(os.environ), "load_skills", "-v", "0").code == 0
        import django

        django.setup()
        logging.getLogger("django.request").setLevel(logging.ERROR)  # row 12 asks for a 409
        from fault_rows.machine import put_away

        try:
            return 1 if measure(kind, options, Path(folder)) else 0
        finally:
            put_away(kind)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--long", action="store_true", help="100 kills, at the default intervals")
    parser.add_argument("--rows", default="", metavar="1,3,14", help="only these")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--again",
        action="store_true",
        help="play a row once more that was only too late, or could not be played at all",
    )
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the machines are to end as well
    if options.database != "both":
        return child(options.database, options)
    more = ["--rows", options.rows, "--seed", str(options.seed)]
    more += ["--long"] if options.long else []
    more += ["--again"] if options.again else []
    with ThreadPoolExecutor(2) as pool:  # at once: most of the time is waiting
        done = pool.map(partial(apart, more), ("sqlite", "postgresql"))
        return max(done)


def apart(more: list[str], kind: str) -> int:
    """Play on one database in a process of its own; its table is printed when it is whole."""
    command = [sys.executable, __file__, "--database", kind, *more]
    process = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    print(process.stdout, flush=True)
    return process.returncode


if __name__ == "__main__":
    sys.exit(main())
