"""The recipe of the weights that tell quality classes apart: multinomial logistic regression.

Pure Python and deterministic: the same statements give the same weights. Stochastic gradient
descent with a decaying rate and L2 shrinkage; labels are weighed by the square root of how rare
they are, because the mean over classes is what counts.
"""

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence

from runs.analyst.quality_features import features

Weights = Mapping[str, Mapping[str, float]]
"""Weights by feature, then by label."""

EPOCHS = 15
RATE = 0.15
SHRINK = 0.002
SEEN_AT_LEAST = 2
LIKELY_ENOUGH = 0.35
"""The chance from which a label is given."""


def learn(examples: Sequence[tuple[str, str]]) -> Weights:
    """Weights from statements with their labels."""
    seen = Counter(name for statement, _ in examples for name in features(statement))
    kept = {name for name, count in seen.items() if count >= SEEN_AT_LEAST}
    samples = [(sorted(features(statement) & kept), label) for statement, label in examples]
    frequency = Counter(label for _, label in samples)
    labels = sorted(frequency)
    mean = len(samples) / len(labels)
    rarity = {label: math.sqrt(mean / count) for label, count in frequency.items()}
    weights: dict[str, dict[str, float]] = {name: dict.fromkeys(labels, 0.0) for name in kept}
    order = random.Random(7)  # noqa: S311 - an order of samples, nothing secret
    for epoch in range(EPOCHS):
        order.shuffle(samples)
        rate = RATE / (1 + 0.1 * epoch)
        for names, label in samples:
            chances = _chances([weights[name] for name in names], labels)
            for each in labels:
                step = rate * rarity[label] * ((each == label) - chances[each])
                for name in names:
                    row = weights[name]
                    row[each] += step - rate * SHRINK * row[each]
    return weights


def _chances(rows: Sequence[Mapping[str, float]], labels: Sequence[str]) -> dict[str, float]:
    totals = {label: sum(row.get(label, 0.0) for row in rows) for label in labels}
    top = max(totals.values())
    powers = {label: math.exp(total - top) for label, total in totals.items()}
    whole = sum(powers.values())
    return {label: power / whole for label, power in powers.items()}


def best_label(
    statement: str, weights: Weights, otherwise: str, least: float = LIKELY_ENOUGH
) -> str:
    """The likeliest label, if one of its cues is there and it is likely enough; else `otherwise`.

    Words alone decide too much: those of one trade ("driver", "trackside") are unknown to weights
    learned in another, and what is left of the statement then sways the sum.
    """
    shown = features(statement)
    rows = [weights[name] for name in sorted(shown) if name in weights]
    labels = sorted({label for row in rows for label in row})
    if not labels:
        return otherwise
    chances = _chances(rows, labels)
    likely = [label for label in labels if f"cue:{label}" in shown and chances[label] >= least]
    return max(likely, key=lambda label: chances[label], default=otherwise)
