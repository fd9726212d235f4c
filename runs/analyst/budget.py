"""Quantities that several share: whether they may be split, and into which exact parts.

Only what adds up is split: a time that steps take one after another, mass, power, energy, memory,
money, and errors that add in the worst case. Rates, availabilities, temperatures, percentiles and
limits that hold for each one alone are carried whole.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Context, Decimal

from runs.language.clauses import Clause
from runs.language.quantities import Quantity, find_quantities
from runs.language.units import Dimension

_ADDS_UP = frozenset(
    {
        Dimension.TIME,
        Dimension.MASS,
        Dimension.POWER,
        Dimension.ENERGY,
        Dimension.INFORMATION,
        Dimension.MONEY,
        Dimension.CURRENT,
    }
)
_ERROR = re.compile(r"\b(?:errors?|inaccurac\w+|uncertaint\w+|deviation|drift|offset)\b", re.I)
_NOT_A_SUM = re.compile(
    r"\b(?:every|each|per|interval|period(?:ic\w*)?|cycle|time-?out|expir\w+|retain\w*|retention"
    r"|stor(?:e|ed|age)|keep|kept|archiv\w+|histor\w+|older|age|last|previous|lifetime|life"
    r"|life-?time|availab\w+|downtime|mtbf|mttr|updat\w+ rate|refresh\w*|wait\w*|depth|peak"
    r"|schedule\w*|future)\b",
    re.IGNORECASE,
)
_LONG_UNITS = frozenset({"d", "week", "month", "year", "h"})
_EACH = re.compile(r"\b(?:each|every|any|per)\b", re.IGNORECASE)
_EXACT = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Sharable:
    """A quantity of a parent's sentence that may be split, as it stands in that sentence."""

    quantity: Quantity
    worst_case: bool  # an error: parts add up in the worst case only


def sharable(clause: Clause) -> tuple[Sharable | None, str]:
    """The sentence's upper bound that may be split, or why none may be.

    The reason is "" when the sentence has no upper bound with a unit at all.
    """
    reason = ""
    for quantity in find_quantities(clause.text):
        if not quantity.is_upper_bound or quantity.unit is None or quantity.value <= 0:
            continue
        if clause.modal is None or quantity.start < clause.modal.end:
            continue
        reason = _why_not(clause, quantity)
        if not reason:
            error = bool(_ERROR.search(clause.text))
            return Sharable(quantity, worst_case=error), ""
    return None, reason


def _why_not(clause: Clause, quantity: Quantity) -> str:
    printed = quantity_text(clause.text, quantity)
    error = _ERROR.search(clause.text)
    if quantity.dimension not in _ADDS_UP and not (
        error and quantity.dimension in (Dimension.LENGTH, Dimension.ANGLE)
    ):
        return f'"{printed}" is no quantity that adds up over parts, so it is carried whole.'
    if quantity.percentile is not None:
        return f'"{printed}" is stated for a percentile, and percentiles do not add up.'
    if quantity.tolerance is not None or quantity.upper is not None:
        return f'"{printed}" is a range, so it is carried whole.'
    if _EACH.search(clause.part(clause.actor)):
        return f'"{printed}" holds for each one alone, so it is carried whole.'
    if _NOT_A_SUM.search(clause.part(clause.action)) or (
        quantity.unit and quantity.unit.symbol in _LONG_UNITS
    ):
        return f'"{printed}" is a period or limit that does not pass from one to the next.'
    if any(span.start <= quantity.start < span.end for span in clause.trailing):
        return f'"{printed}" belongs to a condition, so it is carried whole.'
    return ""


def quantity_text(text: str, quantity: Quantity) -> str:
    return text[quantity.start : quantity.end]


def shares(value: Decimal, count: int) -> tuple[Decimal, ...]:
    """`count` nearly equal parts whose sum is exactly `value`; the first take what is left over.

    Parts have the value's own last decimal place, or the place of their second digit where that
    is too coarse: 900 / 3 = 300, 250 / 3 = 84 + 83 + 83, 2 / 3 = 0.67 + 0.67 + 0.66.
    """
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    mean = _EXACT.divide(value, Decimal(count))
    if _EXACT.multiply(_EXACT.quantize(mean, Decimal("1e-12")), Decimal(count)) == value:
        mean = _EXACT.quantize(mean, Decimal("1e-12")).normalize(_EXACT)
        return tuple(_plain(mean) for _ in range(count))
    step = Decimal(1).scaleb(min(exponent, mean.adjusted() - 1))
    floor = mean.quantize(step, rounding=ROUND_FLOOR, context=_EXACT)
    left = int(_EXACT.divide(_EXACT.subtract(value, _EXACT.multiply(floor, count)), step))
    return tuple(_plain(floor + step if i < left else floor) for i in range(count))


def _plain(value: Decimal) -> Decimal:
    return Decimal(format(value, "f"))


def share_of(value: Decimal, own: str, others: Sequence[str]) -> tuple[Decimal, str]:
    """The part of the subsystem with code `own`, and how all parts are dealt out, in words.

    Codes are dealt in alphabetical order, so every subsystem's run finds the same parts.
    """
    codes = sorted({own, *others})
    parts = shares(value, len(codes))
    dealt = ", ".join(f"{code} {part:f}" for code, part in zip(codes, parts, strict=True))
    return parts[codes.index(own)], dealt


def replaced(text: str, quantity: Quantity, part: Decimal) -> str:
    """The sentence with the quantity's number replaced by the part; its unit stays as printed."""
    number_end = quantity.start + len(quantity.number_text)
    return f"{text[: quantity.start]}{part:f}{text[number_end:]}"
