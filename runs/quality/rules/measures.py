"""Values that cannot be measured as they stand: no unit, or an exact value without a tolerance."""

import re
from collections.abc import Iterator
from functools import partial

from runs.language.quantities import Comparator, Quantity
from runs.language.units import Dimension as UnitDimension
from runs.quality.finding import Dimension, Severity
from runs.quality.rules.rule import Hit, TextRule
from runs.quality.statement import Statement

# What is set or supplied, so that it is never met exactly. Times, counts and data can be exact.
_NEVER_EXACT = frozenset(
    (
        UnitDimension.VOLTAGE,
        UnitDimension.CURRENT,
        UnitDimension.RESISTANCE,
        UnitDimension.TEMPERATURE,
        UnitDimension.PRESSURE,
        UnitDimension.FORCE,
        UnitDimension.POWER,
        UnitDimension.FREQUENCY,
    )
)
_SETS = re.compile(
    r"\b(?:be|supply|supplies|deliver|delivers|output|outputs|generate|generates|hold|holds|at|to|of"
    r"|regulate|regulates)\s$"
)
_ENDS_CLAUSE = re.compile(
    r"\s?(?:[.,;:)]|$|\s(?:and|or|when|if|while|after|before|during|until|unless|at|in|for|from|on"
    r"|with|under|per)\b)"
)


def _without_unit(statement: Statement) -> Iterator[Hit]:
    """A bound without a unit at the end of its clause: "within 5." Counts name what they count."""
    for quantity in statement.quantities:
        bare = quantity.unit is None and not quantity.unit_text
        bounded = quantity.comparator_start < quantity.start
        if bare and bounded and _ENDS_CLAUSE.match(statement.text, quantity.end):
            yield Hit(quantity.start, quantity.end)


def _without_tolerance(statement: Statement) -> Iterator[Hit]:
    for quantity in statement.quantities:
        if quantity.dimension in _NEVER_EXACT and _is_exact(quantity, statement.text):
            yield Hit(quantity.start, quantity.end)


def _is_exact(quantity: Quantity, text: str) -> bool:
    """ "shall supply 28 V." is asked for exactly; "the 28 V supply" and "up to 28 V" are not."""
    if quantity.comparator is not Comparator.EXACTLY or quantity.upper is not None:
        return False
    if quantity.tolerance is not None or text.startswith(("-", "‑"), quantity.end):
        return False
    before = text[max(0, quantity.start - 12) : quantity.start]
    tolerated = "tolerance" in text or "accuracy" in text
    return bool(_SETS.search(before) and _ENDS_CLAUSE.match(text, quantity.end)) and not tolerated


_rule = partial(TextRule, dimension=Dimension.TESTABILITY)

TEXT_RULES: tuple[TextRule, ...] = (
    _rule(
        id="missing-unit",
        reference="GtWR R6: a unit for each quantity; ISO/IEC/IEEE 29148 5.2.5: unambiguous",
        severity=Severity.MAJOR,
        detect=_without_unit,
        message="“{passage}” is a limit without a unit.",
        suggestion="Say of what: “{passage} s”, “{passage} %”, “{passage} messages”.",
        example="The pump shall start within 5.",
    ),
    _rule(
        id="missing-tolerance",
        reference="GtWR R33: a range or tolerance for each quantity",
        severity=Severity.MINOR,
        detect=_without_tolerance,
        message="“{passage}” is asked for exactly, which nothing measured ever is.",
        suggestion="Give the tolerance (“{passage} ± ...”) or a range.",
        example="The converter shall supply 28 V.",
    ),
)
