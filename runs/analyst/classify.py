"""The type of a requirement: function, performance, constraint or interface."""

import re

from runs.analyst.quality_class import type_by_quality
from runs.analyst.type_cues import CONSTRAINT, EXCHANGE, INTERFACE, PARTY, QUALITY
from runs.language.clauses import parse_clause
from runs.language.quantities import Comparator, Quantity, find_quantities
from runs.language.units import Dimension
from runs.requests import RequirementType

_MEASURED = frozenset(
    {
        Dimension.TIME,
        Dimension.SPEED,
        Dimension.ACCELERATION,
        Dimension.FREQUENCY,
        Dimension.POWER,
        Dimension.ENERGY,
        Dimension.DATA_RATE,
        Dimension.RATE,
        Dimension.RATIO,
        Dimension.LENGTH,
        Dimension.MASS,
        Dimension.ANGLE,
        Dimension.LEVEL,
        Dimension.INFORMATION,
        Dimension.VOLUME,
        Dimension.ILLUMINANCE,
    }
)
_COUNT_LIMIT = (Comparator.AT_MOST, Comparator.LESS, Comparator.AT_LEAST, Comparator.MORE)


def classify(statement: str, section: str = "") -> RequirementType:
    """The type by what the main clause asks for; conditions are left out of the judgement.

    A quantity in a condition ("when closer than 25 m") does not make a performance requirement.
    """
    clause = parse_clause(statement)
    main = " ".join((clause.part(clause.actor), _modal(statement), clause.part(clause.action)))
    if clause.modal is None:
        main = statement
    if _has_party(main):
        return RequirementType.INTF
    if any(_measures(main, quantity) for quantity in find_quantities(main)):
        return RequirementType.PERF
    if CONSTRAINT.search(main):
        return RequirementType.CONS
    if INTERFACE.search(main):
        return RequirementType.INTF
    if QUALITY.search(main):
        return RequirementType.PERF
    by_section = _by_section(section)
    if by_section is RequirementType.FUNC:
        return type_by_quality(statement) or by_section
    return by_section


def _modal(statement: str) -> str:
    modal = parse_clause(statement).modal
    return statement[modal.start : modal.end] if modal else ""


def _has_party(main: str) -> bool:
    match = EXCHANGE.search(main[:1500])
    return bool(match and PARTY.search(match["party"]))


def _measures(main: str, quantity: Quantity) -> bool:
    if quantity.dimension is Dimension.COUNT:
        return quantity.comparator in _COUNT_LIMIT and bool(quantity.unit_text)
    if quantity.dimension not in _MEASURED:
        return False
    return quantity.comparator is not Comparator.EXACTLY or bool(
        QUALITY.search(main)
        or quantity.tolerance is not None
        or quantity.percentile is not None
        or quantity.dimension in (Dimension.RATE, Dimension.DATA_RATE, Dimension.RATIO)
        or re.search(r"\b(?:every|in|for|by|than)\s$", main[: quantity.start])
    )


def _by_section(section: str) -> RequirementType:
    lowered = section.lower()
    if re.search(r"\bperformance\b", lowered):
        return RequirementType.PERF
    if re.search(r"\b(?:constraints?|standards?|compliance|environment\w*)\b", lowered):
        return RequirementType.CONS
    if re.search(r"\b(?:external|system) interfaces?\b", lowered):
        return RequirementType.INTF
    return RequirementType.FUNC
