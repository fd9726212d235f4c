"""The finer class of a requirement that asks for a quality: security, usability, availability, ...

The weights in `quality_weights.json` are learned by `benchmarks/learn_quality.py`; the file names
its source and licence. docs/figures.md says how often they are right.
"""

import json
from functools import lru_cache
from pathlib import Path

from runs.analyst.quality_learning import Weights, best_label
from runs.requests import QualityClass, RequirementType

FUNCTION = "function"
"""The label of what asks for no quality."""

BEYOND_DOUBT = 0.7
"""The chance from which a quality class decides the type."""

WEIGHTS = Path(__file__).with_name("quality_weights.json")
_TYPES = {
    QualityClass.LEGAL: RequirementType.CONS,
    QualityClass.LOOK_AND_FEEL: RequirementType.CONS,
    QualityClass.MAINTAINABILITY: RequirementType.CONS,
    QualityClass.PORTABILITY: RequirementType.CONS,
}


def quality_class(statement: str) -> QualityClass | None:
    """The quality that the statement asks for; None for a function."""
    label = best_label(statement, _weights(), FUNCTION)
    return QualityClass(label) if label != FUNCTION else None


def type_by_quality(statement: str) -> RequirementType | None:
    """The type that the statement's quality class implies, where the class is beyond doubt.

    None for a quality that functions may bring about (security) or that a quantity tells better
    (performance).
    """
    label = best_label(statement, _weights(), FUNCTION, BEYOND_DOUBT)
    return _TYPES.get(QualityClass(label)) if label != FUNCTION else None


@lru_cache(maxsize=1)
def _weights() -> Weights:
    weights: Weights = json.loads(WEIGHTS.read_text("utf-8"))["weights"]
    return weights


@lru_cache(maxsize=1)
def learned_from() -> str:
    """The digest of the statements that the weights were learned from."""
    digest: str = json.loads(WEIGHTS.read_text("utf-8"))["learned_from"]
    return digest
