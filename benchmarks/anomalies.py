"""Are planted anomalies found, and does quiet history stay quiet?

    python benchmarks/anomalies.py [--seeds 100]

Made-up histories, judged by the functions that warn (observability/reports/anomalies.py and
degradation.py), without a database. Costs: 365 days of log-normal spending, a weekday pattern, some
of them with days of rest or growth; an anomaly is planted on day 200. Quality: 300 runs of a
subsystem; a drop is planted at run 150. Prints JSON: the share that was found, the delay, and
false alarms per 1,000 quiet days or runs. Thresholds were chosen on seeds from 10,000 on; these
are others. Exits 1 if an aim is missed: false alarms 2 per 1,000 days and 2 per 1,000 runs at most;
with the usual noise (0.25, a factor of 1.3 either way) three times the usual spending found on the
same day in 65 % of the histories, five times in 97 %.
"""

import argparse
import json
import os
import random
import sys
from collections.abc import Callable
from datetime import date, timedelta
from math import exp
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FIRST, DAYS, PLANTED = date(2026, 1, 1), 365, 200
RUNS, DROPPED = 300, 150
DOLLAR = 10**9
WEEK = (0.2, 0.3, 0.2, 0.1, 0.0, -1.0, -1.3)  # on the logarithm; Sunday is quiet


def costs(
    seed: int,
    *,
    noise: float = 0.25,
    week: bool = True,
    rests: bool = False,
    growth: float = 0.0,
    active: float = 1.0,
    change: Callable[[int], float] = lambda day: 1.0,
) -> dict[date, int]:
    """Nano-USD by day around 20 dollars. `change`: a factor by the day's number."""
    chance, spent = random.Random(seed), {}  # noqa: S311
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        weekday = day.weekday()
        if (rests and weekday > 4) or chance.random() > active:
            continue
        y = growth * number + (WEEK[weekday] if week else 0.0) + chance.gauss(0, noise)
        spent[day] = round(20 * DOLLAR * exp(y) * change(number))
    return spent


def alarms(spent: dict[date, int]) -> list[int]:
    from observability.reports.anomalies import judge

    days = (FIRST + timedelta(days=number) for number in range(DAYS))
    found = [judge(spent, day) for day in days]
    return [number for number, one in enumerate(found) if one and one.is_anomaly]


QUIET: dict[str, dict[str, Any]] = {
    "noise 0.10": {"noise": 0.1},
    "noise 0.25": {},
    "noise 0.50": {"noise": 0.5},
    "noise 0.80": {"noise": 0.8},
    "no weekday pattern": {"week": False},
    "rests at weekends": {"rests": True},
    "grows 1 % a day": {"growth": 0.01},
    "shrinks 1 % a day": {"growth": -0.01},
    "spends on half of the days": {"active": 0.5},
}


def _from(factor: float, last: int = DAYS) -> Callable[[int], float]:
    return lambda day: factor if PLANTED <= day < last else 1.0


def _drift(day: int) -> float:
    return exp(0.03 * max(0, min(day - PLANTED, 60)))


PLANTS: dict[str, dict[str, Any]] = {
    "one day x2": {"change": _from(2, PLANTED + 1)},
    "one day x3": {"change": _from(3, PLANTED + 1)},
    "one day x5": {"change": _from(5, PLANTED + 1)},
    "one day x3, noise 0.10": {"noise": 0.1, "change": _from(3, PLANTED + 1)},
    "one day x3, noise 0.50": {"noise": 0.5, "change": _from(3, PLANTED + 1)},
    "one day x3, rests at weekends": {"rests": True, "change": _from(3, PLANTED + 1)},
    "from then on x3": {"change": _from(3)},
    "from then on x2": {"change": _from(2)},
    "3 % more every day for 60 days": {"change": _drift},
}


def quiet_days(seeds: range) -> dict[str, float]:
    found = {}
    for name, values in QUIET.items():
        count = sum(len(alarms(costs(seed, **values))) for seed in seeds)
        found[name] = round(1000 * count / (len(seeds) * (DAYS - 28)), 2)
    return found


def planted_days(seeds: range) -> dict[str, dict[str, float | None]]:
    """Found on the day of a spike; within 60 days of a change that stays."""
    found: dict[str, dict[str, float | None]] = {}
    for name, values in PLANTS.items():
        within = 1 if "one day" in name else 60
        delays = []
        for seed in seeds:
            told = [n for n in alarms(costs(seed, **values)) if PLANTED <= n < PLANTED + within]
            if told:
                delays.append(told[0] - PLANTED)
        share = len(delays) / len(seeds)
        found[name] = {"found": round(share, 3), "median_delay_days": _median(delays)}
    return found


def _median(delays: list[int]) -> float | None:
    return median(delays) if delays else None


def scores(seed: int, *, drop: float = 0.0, deviation: float = 0.05, kind: str = "normal") -> Any:
    chance = random.Random(seed)  # noqa: S311
    found = []
    for number in range(RUNS):
        x = 0.88 - (drop if number >= DROPPED else 0.0)
        if kind == "normal":
            x += chance.gauss(0, deviation)
        elif kind == "skewed":  # mostly near the best, with a tail of bad runs
            x += deviation * (1 - chance.expovariate(1))
        else:  # a run in ten is far off
            x += chance.gauss(0, deviation * (4 if chance.random() < 0.1 else 1))
        found.append(max(0.0, min(1.0, x)))
    return found


def quality(seeds: range) -> dict[str, Any]:
    from observability.reports.degradation import signals

    quiet, planted = {}, {}
    for kind in ("normal", "skewed", "outliers"):
        count = sum(len(signals(scores(seed, kind=kind))) for seed in seeds)
        quiet[kind] = round(1000 * count / (len(seeds) * RUNS), 2)
        for drop in (0.03, 0.05, 0.1, 0.2):
            delays = []
            for seed in seeds:
                told = [s for s in signals(scores(seed, drop=drop, kind=kind)) if s.at >= DROPPED]
                if told and told[0].at < DROPPED + 100:
                    delays.append(told[0].at - DROPPED)
            planted[f"{kind}, drop {drop:.2f}"] = {
                "found_within_100_runs": round(len(delays) / len(seeds), 3),
                "median_delay_runs": _median(delays),
            }
    return {"false_alarms_per_1000_runs": quiet, "planted": planted}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first-seed", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "reqplatform.settings"
    import django

    django.setup()
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    found: dict[str, Any] = {
        "histories": len(seeds),
        "cost": {"false_alarms_per_1000_days": quiet_days(seeds), "planted": planted_days(seeds)},
        "quality": quality(seeds),
    }
    print(json.dumps(found, indent=1))
    missed = []
    for part, of in (("cost", "days"), ("quality", "runs")):
        rates = found[part][f"false_alarms_per_1000_{of}"]
        missed += [f"{part}, {name}: {rate} per 1,000" for name, rate in rates.items() if rate > 2]
    for name, aim in (("one day x3", 0.65), ("one day x5", 0.97)):
        share = found["cost"]["planted"][name]["found"]
        if share < aim:
            missed.append(f"{name} is found in {share:.0%} of the histories, aim {aim:.0%}")
    for text in missed:
        print(text, file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
