"""Are planted anomalies found, and does quiet history stay quiet?

    python benchmarks/anomalies.py [--seeds 100] [--first-seed 1000] [--skip-database]

Histories are made up and always the same for a seed; the figures that the rules have were chosen on
seeds below 1000, and are reported on others. Prints JSON:

- `cost.quiet`: false alarms per 1,000 judged days of quiet histories, of several kinds, and of all
  of these together. `noise` is the standard deviation of a day's logarithm: 0.2 is about +-20 %.
- `cost.spikes`: the share of single days, made x2, x3 and x5 as dear, that were told on that day.
- `cost.shifts`: lasting changes (a level; lost caches; a dearer model): the share that was told
  within 14 days, the median delay in days, and how many days were told of the same one.
- `cost.drift`: growth to x2 over 60 days, told within these. There is no aim: it is what the
  forecast and budgets are for.
- `quality.quiet`: false alarms per 1,000 judged runs, of both charts and both measures together.
- `quality.drops`: falls of the score by 0.05, 0.1 and 0.2 with a new skill version after 60 runs:
  the share told within 60 runs, the median delay in runs, and the share of the told ones that name
  the version among what changed, and as the first of it.
- `database`: one history written as calls, added up, and replayed by `manage.py replay_alerts`:
  whether it told exactly what was planted, with parts that add up, and how many queries that took
  for 90 and for 300 days.

Exits 1 if an aim is missed: 2 false alarms per 1,000 quiet days, and runs; 95 % of spikes x3 at a
noise of 0.2 on their day; 95 % of lasting changes x3 told; 95 % of falls by 0.1 at a deviation of
0.06 told, 90 % of these with their cause; the database's history as planted.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from scratch import ROOT, database

sys.path.insert(0, str(ROOT))

AIM_FALSE = 2.0
AIM_FOUND = 0.95
AIM_NAMED = 0.9


def pure(options: argparse.Namespace) -> dict[str, Any]:
    """What is measured on arrays."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reqplatform.settings")
    import django

    django.setup()
    import anomalies_cost
    import anomalies_quality

    seeds = range(options.first_seed, options.first_seed + options.seeds)
    return {
        "cost": anomalies_cost.measured(seeds),
        "quality": anomalies_quality.measured(seeds),
    }


def in_database() -> dict[str, Any]:
    """In a process of its own, which the database is chosen for before Django begins."""
    command = [sys.executable, __file__, "--child"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def misses(found: dict[str, Any]) -> Iterator[str]:
    cost, quality = found["cost"], found["quality"]
    for name, per_1000 in (
        ("quiet days", cost["quiet"]["all"]["per_1000"]),
        ("quiet runs", quality["quiet"]["all"]["per_1000"]),
    ):
        if per_1000 > AIM_FALSE:
            yield f"{per_1000} false alarms per 1,000 {name}, aim {AIM_FALSE}"
    for name, share, aim in (
        ("spikes x3", cost["spikes"]["noise 0.2"]["x3"], AIM_FOUND),
        ("lasting changes x3", cost["shifts"]["level x3"]["found"], AIM_FOUND),
        ("lost caches", cost["shifts"]["lost cache"]["named"], AIM_NAMED),
        ("dearer models", cost["shifts"]["dearer model"]["named"], AIM_NAMED),
        ("falls by 0.1", quality["drops"]["0.1, deviation 0.06"]["found"], AIM_FOUND),
        ("their causes", quality["drops"]["0.1, deviation 0.06"]["named"], AIM_NAMED),
    ):
        if share < aim:
            yield f"{share:.0%} of {name} found, aim {aim:.0%}"
    yield from found.get("database", {}).get("wrong", [])


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first-seed", type=int, default=1_000)
    parser.add_argument("--skip-database", action="store_true")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        with database("sqlite"):
            import anomalies_database

            print(json.dumps(anomalies_database.measured()))
        return 0
    found = pure(options)
    if not options.skip_database:
        found["database"] = in_database()
    print(json.dumps(found, indent=1))
    missed = list(misses(found))
    for text in missed:
        print(text, file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
