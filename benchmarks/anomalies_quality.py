"""Made up judged runs, and what is told of them; see `anomalies.py`."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from observability.reports.changes import Result, What
from observability.reports.cusum import PASSES, SCORES, falls
from observability.reports.degradation import Degradation, judge

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
PLANTED = 60
AFTER = 60
USUAL = 0.88
THRESHOLD = 0.8

Score = Callable[[random.Random, int], float]


def history(
    seed: int, runs: int, score: Score, version: Callable[[int], int] = lambda number: 1
) -> list[Result]:
    """Runs of one subsystem, three a day, of one of four specifications."""
    chance = random.Random(seed)  # noqa: S311
    found = []
    for number in range(runs):
        at = BEGIN + timedelta(hours=8 * number)
        overall = min(1.0, max(0.0, score(chance, number)))
        found.append(
            Result(
                run_id=UUID(int=number + 1),
                at=at,
                on=at.date(),
                subsystem=1,
                skills=f"decomposition@{version(number)} quality-validation@1",
                route="openai/gpt-5-mini",
                specification=UUID(int=chance.randrange(4)),
                revision=None,
                threshold=THRESHOLD,
                domain=None,
                overall=overall,
                passed=overall >= THRESHOLD,
            )
        )
    return found


def normal(mean: float, deviation: float) -> Score:
    return lambda chance, number: chance.gauss(mean, deviation)


def skewed(chance: random.Random, number: int) -> float:
    return chance.betavariate(17.6, 2.4)


def related(deviation: float, part: float) -> Score:
    """Each run as far off as the one before it, in part."""
    last = 0.0

    def score(chance: random.Random, number: int) -> float:
        nonlocal last
        last = part * (last if number else 0.0) + chance.gauss(0, deviation * (1 - part**2) ** 0.5)
        return USUAL + last

    return score


def better(chance: random.Random, number: int) -> float:
    """A version that is better by 0.05 after 200 runs."""
    return chance.gauss(USUAL - 0.05 * (number < 200), 0.06)


def measured(seeds: range) -> dict[str, Any]:
    return {
        "quiet": quiet(seeds),
        "drops": {
            f"{drop}, deviation {deviation}": drops(seeds, drop, deviation)
            for drop in (0.05, 0.1, 0.2)
            for deviation in (0.03, 0.06, 0.1)
        },
        "pass_rate": {
            f"{before} to {after}": passes(seeds, before, after)
            for before, after in ((0.9, 0.7), (0.9, 0.5), (0.7, 0.4))
        },
        "in_control": in_control(seeds),
    }


def quiet(seeds: range) -> dict[str, Any]:
    def versions(number: int) -> int:
        return 1 + number // 100

    kinds: dict[str, tuple[int, Score]] = {
        "deviation 0.03": (400, normal(USUAL, 0.03)),
        "deviation 0.06": (400, normal(USUAL, 0.06)),
        "deviation 0.1": (400, normal(USUAL, 0.1)),
        "near 1": (400, normal(0.95, 0.06)),
        "skewed": (400, skewed),
        "young, 60 runs": (60, normal(USUAL, 0.06)),
        "better after 200 runs": (400, better),
    }
    found = {name: _quiet(seeds, *kind, versions) for name, kind in kinds.items()}
    total = {key: sum(one[key] for one in found.values()) for key in ("runs", "alarms")}
    found["all"] = total
    found["not in all: related by 0.3"] = _quiet(seeds, 400, related(0.06, 0.3), versions)
    for one in found.values():
        one["per_1000"] = round(1000 * one["alarms"] / one["runs"], 2)
    return found


def _quiet(seeds: range, runs: int, score: Score, version: Callable[[int], int]) -> dict[str, Any]:
    alarms = sum(len(judge(1, history(seed, runs, score, version))) for seed in seeds)
    return {"runs": (runs - 20) * len(seeds), "alarms": alarms}


def drops(seeds: range, drop: float, deviation: float) -> dict[str, Any]:
    """With a new version of a skill."""
    delays, named, first = [], 0, 0
    for seed in seeds:
        rows = history(
            seed,
            PLANTED + AFTER,
            lambda chance, number: chance.gauss(USUAL - drop * (number >= PLANTED), deviation),
            lambda number: 1 + (number >= PLANTED),
        )
        falls_told = (one.degradation() for one in judge(1, rows))
        told = [one for one in falls_told if one.run_id.int > PLANTED]
        if told:
            delays.append(told[0].run_id.int - PLANTED)
            named += any(_is_version(told[0], rank) for rank in range(len(told[0].changes)))
            first += bool(told[0].changes) and _is_version(told[0], 0)
    n = len(delays)
    return {
        "found": round(n / len(seeds), 3),
        "runs_until_told": median(delays) if n else None,
        "named": round(named / n, 3) if n else 0.0,
        "named_first": round(first / n, 3) if n else 0.0,
    }


def _is_version(one: Degradation, rank: int) -> bool:
    change = one.changes[rank]
    return change.what == What.SKILL and change.after == "decomposition@2"


def passes(seeds: range, before: float, after: float) -> dict[str, Any]:
    """The pass rate alone, of runs whose scores say no more than that."""
    delays = []
    for seed in seeds:
        chance = random.Random(seed)  # noqa: S311
        values = [
            float(chance.random() < (after if number >= PLANTED else before))
            for number in range(PLANTED + AFTER)
        ]
        told = [one.at for one in falls(values, PASSES) if one.at >= PLANTED]
        delays += [told[0] - PLANTED + 1] if told else []
    return {
        "found": round(len(delays) / len(seeds), 3),
        "runs_until_told": median(delays) if delays else None,
    }


def in_control(seeds: range) -> dict[str, Any]:
    """One chart alone on 1,000 quiet runs each: the mean number of runs between false alarms."""
    scores = passed = 0
    for seed in seeds:
        chance = random.Random(seed)  # noqa: S311
        scores += len(falls([chance.gauss(USUAL, 0.06) for _ in range(1_000)], SCORES))
        passed += len(falls([float(chance.random() < 0.9) for _ in range(1_000)], PASSES))
    runs = 980 * len(seeds)
    return {
        "runs": runs,
        "runs_between_alarms_of_scores": round(runs / scores) if scores else None,
        "runs_between_alarms_of_passes": round(runs / passed) if passed else None,
    }
