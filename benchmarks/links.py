"""How the numbers of `link` were chosen: the recipe, and what it would have found on an unseen set.

    python benchmarks/links.py --data DIR [--samples 200] [--seed 1]

`DIR` has labelled sets as `manage.py evaluate` reads them. Each set is left out in turn: the
numbers (`Tuning`) are drawn at random, those that do best on the other sets are taken, and measured
on the one left out. That figure, not the one of the numbers in the code, says what to expect of a
new document. Last, the logistic regression behind a link's confidence is fitted on all sets.
"""

import argparse
import math
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

sys.path.insert(0, str(Path(__file__).parent.parent))

from runs.analyst.likeness import TUNED, Likeness, Reads, Tuning, read_both
from runs.analyst.link import Ranks
from runs.evaluating.linked import TraceSet, trace_sets

CHOICES: Mapping[str, Sequence[float]] = {
    "common": (0.5, 1.0),
    "pair": (0.0, 0.3, 0.5, 0.7, 1.0),
    "piece": (0.0, 0.1, 0.2, 0.4, 0.6),
    "family": (0.0, 0.3, 0.5, 0.7),
    "of_parents": (0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    "pivot": (0.0, 0.2, 0.4),
}
DECISIONS: Mapping[str, Sequence[float]] = {
    "near_best": (0.85, 0.9, 0.95, 1.0),
    "near_for_best_child": (0.5, 0.7, 1.0),
    "least": (0.35, 0.45, 0.55, 0.65),
}
AROUND = 8
"""A draw is rated by its best decisions, this many of them, so that luck on one counts less."""


@dataclass(frozen=True, slots=True)
class Labelled:
    one: TraceSet
    reads: Reads

    def f1(self, ranks: Ranks) -> float:
        found = set(ranks.accepted())
        hits = len(found & self.one.links)
        return 2 * hits / (len(found) + len(self.one.links))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    sets = [
        Labelled(one, read_both(one.parents, one.children, {}))
        for one in trace_sets(arguments.data)
    ]
    own = [each.f1(Ranks(Likeness(each.reads).pairs())) for each in sets]
    rows = [figures for _, figures in draws(sets, arguments.samples, arguments.seed)]
    print(f"{'set':12}{'numbers in the code':>22}{'chosen without it':>20}")
    held = [left_out(rows, index) for index in range(len(sets))]
    for each, mine, without in zip(sets, own, held, strict=True):
        print(f"{each.one.name:12}{mine:22.3f}{without:20.3f}")
    print(f"{'mean':12}{fmean(own):22.3f}{fmean(held):20.3f}")
    print("confidence:", ", ".join(f"{weight:.2f}" for weight in fit(sets)))
    return 0


def decisions() -> list[dict[str, float]]:
    combined: list[dict[str, float]] = [{}]
    for name, values in DECISIONS.items():
        combined = [{**each, name: value} for each in combined for value in values]
    return combined


def draws(
    sets: Sequence[Labelled], samples: int, seed: int
) -> list[tuple[Tuning, list[list[float]]]]:
    """Tunings and their F1 for each set (outer) and each decision (inner)."""
    chance = random.Random(seed)  # noqa: S311 -- a sample, no secret
    found = []
    for _ in range(samples):
        drawn = {name: chance.choice(list(values)) for name, values in CHOICES.items()}
        tuning = replace(TUNED, **drawn)
        figures = []
        for each in sets:
            pairs = Likeness(each.reads, tuning).pairs()
            figures.append(
                [each.f1(Ranks(pairs, replace(tuning, **decision))) for decision in decisions()]
            )
        found.append((tuning, figures))
    return found


def left_out(rows: Sequence[list[list[float]]], index: int) -> float:
    """F1 on one set with the numbers that do best on the others."""

    def on_others(figures: list[list[float]]) -> list[float]:
        others = [row for place, row in enumerate(figures) if place != index]
        return [fmean(values) for values in zip(*others, strict=True)]

    def rating(figures: list[list[float]]) -> float:
        return fmean(sorted(on_others(figures))[-AROUND:])

    best = max(rows, key=rating)
    of_decision = on_others(best)
    return best[index][of_decision.index(max(of_decision))]


def fit(sets: Sequence[Labelled]) -> list[float]:
    """Bias and weights of the regression, every set counting alike; by Newton's method."""
    rows: list[tuple[list[float], bool, float]] = []
    for each in sets:
        pairs = Likeness(each.reads).pairs()
        ranks = Ranks(pairs)
        share = 1000 / len(each.one.links)
        rows += [([1.0, *ranks.figures(*pair)], pair in each.one.links, share) for pair in pairs]
    weights = [0.0] * 4
    for _ in range(25):
        gradient, hessian = [0.0] * 4, [[1e-6 * (i == j) for j in range(4)] for i in range(4)]
        for x, true, share in rows:
            p = 1 / (1 + math.exp(-sum(w * v for w, v in zip(weights, x, strict=True))))
            for i in range(4):
                gradient[i] += share * (true - p) * x[i]
                for j in range(4):
                    hessian[i][j] += share * p * (1 - p) * x[i] * x[j]
        step = solved(hessian, gradient)
        weights = [w + s for w, s in zip(weights, step, strict=True)]
    return weights


def solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """The solution of a small system of equations, by Gauss and Jordan."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(len(rows)):
        pivot = max(range(i, len(rows)), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for k in range(len(rows)):
            if k != i:
                factor = rows[k][i]
                rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i], strict=True)]
    return [row[-1] for row in rows]


if __name__ == "__main__":
    sys.exit(main())
