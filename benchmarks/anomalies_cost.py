"""Made up days of spending, and what is told of them; see `anomalies.py`."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, fields
from math import exp, sqrt
from statistics import median
from typing import Any

from observability.reports.anomalies import Judged, judge
from observability.reports.excess import Mix, Reason, reasons
from observability.reports.weekdays import Spending

FIRST = 739_000  # some day
DOLLAR = 10**9
BUSY_WEEK = (0.0, 0.1, 0.1, 0.0, -0.1, -1.5, -2.0)
PLANTED = 120
AFTER = 14


@dataclass(frozen=True)
class Kind:
    """A project: what its days are like, of logarithms."""

    days: int = 300
    noise: float = 0.2
    week: tuple[float, ...] = (0.0,) * 7
    rests: tuple[int, ...] = ()
    idle: float = 0.0  # the share of days without spending
    growth: float = 0.0  # a day
    tails: int = 0  # the degrees of freedom of Student's t; 0: a normal distribution


QUIET = {
    "noise 0.1": Kind(noise=0.1),
    "noise 0.2": Kind(),
    "noise 0.4": Kind(noise=0.4),
    "noise 0.8": Kind(noise=0.8),
    "quieter weekends": Kind(noise=0.3, week=BUSY_WEEK),
    "rests on weekends": Kind(noise=0.3, rests=(5, 6)),
    "spends on 4 days of 10": Kind(noise=0.3, idle=0.6),
    "grows by 1 % a day": Kind(growth=0.01),
    "young, 70 days": Kind(days=70),
    "young with quieter weekends": Kind(days=70, noise=0.3, week=BUSY_WEEK),
}
HEAVY = Kind(tails=4)


def costs_of(kind: Kind, seed: int) -> dict[int, int]:
    chance = random.Random(f"{kind}-{seed}")  # noqa: S311
    found = {}
    for number in range(kind.days):
        day = FIRST + number
        weekday = (day - 1) % 7
        drawn = _drawn(chance, kind)
        if weekday in kind.rests or chance.random() < kind.idle:
            continue
        log = kind.week[weekday] + kind.growth * number + kind.noise * drawn
        found[day] = round(20 * DOLLAR * exp(log))
    return found


def _drawn(chance: random.Random, kind: Kind) -> float:
    drawn = chance.gauss(0, 1)
    if kind.tails:  # of variance 1 as well
        square = sum(chance.gauss(0, 1) ** 2 for _ in range(kind.tails))
        drawn *= sqrt(max(1, kind.tails - 2) / square)
    return drawn


def measured(seeds: range) -> dict[str, Any]:
    return {
        "quiet": quiet(seeds),
        "spikes": {
            f"noise {noise}": {f"x{size}": spikes(seeds, noise, size) for size in (2, 3, 5)}
            for noise in (0.1, 0.2, 0.3, 0.4)
        },
        "shifts": {
            "level x2": shifts(seeds, 2.0, Reason.CALLS),
            "level x3": shifts(seeds, 3.0, Reason.CALLS),
            "longer prompts x3": shifts(seeds, 3.0, Reason.INPUT),
            "lost cache": shifts(seeds, 2.5, Reason.CACHE),
            "dearer model": shifts(seeds, 3.0, Reason.PRICE),
        },
        "drift": drift(seeds),
    }


def quiet(seeds: range) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, kind in QUIET.items():
        days = alarms = 0
        for seed in seeds:
            costs = costs_of(kind, seed)
            spending = Spending(costs)
            days += sum(spending.usual(day) is not None for day in costs)
            alarms += len(_told(costs))
        found[name] = {"days": days, "alarms": alarms}
    total = {key: sum(one[key] for one in found.values()) for key in ("days", "alarms")}
    found["all"] = total
    for one in found.values():
        one["per_1000"] = round(1000 * one["alarms"] / one["days"], 2)
    told = [len(_told(costs_of(HEAVY, seed))) for seed in seeds]
    found["not in all: heavy tails, t of 4"] = round(
        1000 * sum(told) / (len(told) * (HEAVY.days - 28)), 2
    )
    return found


def _told(costs: dict[int, int]) -> list[Judged]:
    return list(judge(costs, min(costs), max(costs)))


def spikes(seeds: range, noise: float, size: int) -> float:
    """The share that was told on the day, of three in each history."""
    told = planted = 0
    for seed in seeds:
        costs = costs_of(Kind(days=220, noise=noise), seed)
        days = [FIRST + start + seed % 20 for start in (60, 120, 180)]
        for day in days:
            costs[day] *= size
        told += len({one.day for one in _told(costs)} & set(days))
        planted += len(days)
    return round(told / planted, 3)


@dataclass(frozen=True)
class Day:
    """What calls were like on a usual day; the cost of one is the product."""

    calls: float
    input: float = 4_000
    output: float = 800
    price: float = 3_000  # nano-USD for a token of the prompt, without caches
    cached: float = 0.6  # of the cost, saved

    @property
    def mix(self) -> Mix:
        gross = self.calls * (self.input + 5 * self.output) * self.price
        return Mix(
            calls=self.calls,
            input=self.calls * self.input,
            output=self.calls * self.output,
            cost=gross * (1 - self.cached),
            gross=gross,
        )


def changed(seed: int, size: float, why: Reason, noise: float = 0.2) -> dict[int, Mix]:
    """Days that cost so many times as much from one on."""
    chance = random.Random(f"{size}-{why}-{seed}")  # noqa: S311
    found = {}
    for number in range(PLANTED + AFTER):
        times = size if number >= PLANTED else 1.0
        day = Day(
            calls=2_000 * exp(chance.gauss(0, noise)) * (times if why == Reason.CALLS else 1),
            price=3_000 * (times if why == Reason.PRICE else 1),
            cached=1 - 0.4 * times if why == Reason.CACHE else 0.6,
            # an answer counts half of the tokens, so the prompts are to grow by twice as much
            input=4_000 * (2 * times - 1 if why == Reason.INPUT else 1),
        )
        found[FIRST + number] = day.mix
    return found


def shifts(seeds: range, size: float, why: Reason) -> dict[str, Any]:
    """How many were told, how late, how often, and with the right reason as the largest."""
    delays, days, named = [], [], 0
    for seed in seeds:
        mixes = changed(seed, size, why)
        costs = {day: round(mix.cost) for day, mix in mixes.items()}
        told = [one for one in _told(costs) if one.day >= FIRST + PLANTED]
        if told:
            delays.append(told[0].day - FIRST - PLANTED)
            days.append(len(told))
            named += _largest(mixes, told[0]) == why
    return {
        "found": round(len(delays) / len(seeds), 3),
        "days_late": median(delays) if delays else None,
        "days_told": median(days) if days else None,
        "named": round(named / len(delays), 3) if delays else 0.0,
    }


def _largest(mixes: dict[int, Mix], one: Judged) -> Reason:
    typical = _sum(mixes[day] for day in one.usual.typical)
    before = typical.times(one.expected_nusd / typical.total)
    found = reasons(before, mixes[one.day])
    return max(found, key=lambda reason: found[reason])


def _sum(mixes: Iterable[Mix]) -> Mix:
    rows = list(mixes)
    return Mix(*(sum(getattr(row, field.name) for row in rows) for field in fields(Mix)))


def drift(seeds: range) -> dict[str, Any]:
    """Growth to x2 over 60 days after 120 level ones."""
    found = []
    for seed in seeds:
        costs = costs_of(Kind(days=180), seed)
        for day in costs:
            costs[day] = round(costs[day] * 2 ** (max(0, day - FIRST - 120) / 60))
        found.append(sum(1 for one in _told(costs) if one.day >= FIRST + 120))
    return {"found": round(sum(map(bool, found)) / len(found), 3), "days_told": median(found)}
