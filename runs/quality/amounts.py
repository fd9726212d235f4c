"""Numbers of requirements, comparable whatever unit they are printed in."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from runs.language.numbers import NUMBER, decimal_of
from runs.language.quantities import UPPER_BOUNDS, Comparator, Quantity, find_quantities
from runs.language.units import Dimension
from runs.language.words import content_stems

REMEMBERED = 8192
"""Texts whose amounts are kept: several rules ask for them, and a set may have any size."""

_REFERENCE_BEFORE = re.compile(
    r"(?:[A-Z][\w-]{0,30}|\b(?:section|clause|table|figure|version|step|level|class|type|mode|port"
    r"|phase|chapter|annex|page|part|item|line|option|requirement|parameter))[ -]$"
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a text. `base` is its value in the kind's base unit, for comparing and adding."""

    start: int
    end: int
    printed: str  # with its unit: "250 ms"
    value: Decimal
    base: Decimal
    kind: str  # amounts of one kind can be compared: "time", "users", "" for bare numbers
    step: Decimal  # one unit in the last printed place, in the base unit
    dimension: Dimension = Dimension.COUNT
    comparator: Comparator = Comparator.EXACTLY

    @property
    def can_be_split(self) -> bool:
        """Can the whole be handed out in parts that add up? Not a lower bound, not a range."""
        adds_up = self.kind != "" and self.dimension not in _NEVER_ADDED
        return adds_up and self.comparator in _SPLIT and self.base > 0


_SPLIT = (*UPPER_BOUNDS, Comparator.EXACTLY, Comparator.ABOUT)
_NEVER_ADDED = (Dimension.TEMPERATURE, Dimension.LEVEL)


@lru_cache(maxsize=REMEMBERED)
def quantities_of(text: str) -> tuple[Amount, ...]:
    """The quantities of a text; a range gives both its ends, a tolerance gives its own amount."""
    found: list[Amount] = []
    for quantity in find_quantities(text):
        values = [quantity.value, quantity.upper]
        found.extend(_amount(quantity, text, value) for value in values if value is not None)
        if quantity.tolerance is not None and not quantity.tolerance_unit:
            found.append(_amount(quantity, text, quantity.tolerance))
    return tuple(found)


@lru_cache(maxsize=REMEMBERED)
def numbers_of(text: str) -> tuple[Amount, ...]:
    """The quantities, and the bare numbers beside them that name nothing ("Table 3", "FR-012")."""
    quantities = quantities_of(text)
    covered = [(amount.start, amount.end) for amount in quantities]
    bare: list[Amount] = []
    position = 0
    for match in NUMBER.finditer(text):
        while position < len(covered) and covered[position][1] <= match.start():
            position += 1
        if position < len(covered) and covered[position][0] <= match.start():
            continue
        value = decimal_of(match.group())
        if value is not None and match.group()[-1].isdigit() and not _names(text, match):
            bare.append(_bare(match, value))
    return tuple(sorted((*quantities, *bare), key=lambda amount: amount.start))


@lru_cache(maxsize=REMEMBERED)
def every_value(text: str) -> frozenset[Decimal]:
    """Every number of a text in any role, and the number words: what a child may repeat."""
    values = (decimal_of(match.group()) for match in NUMBER.finditer(text))
    runs = (Decimal(run) for run in re.findall(r"\d{1,40}", text))
    return frozenset(value for value in (*values, *runs) if value is not None)


def _amount(quantity: Quantity, text: str, value: Decimal) -> Amount:
    unit = quantity.unit
    factor = unit.factor if unit and unit.factor is not None else Decimal(1)
    if unit is None:
        stems = content_stems(quantity.unit_text)
        kind = stems[-1] if stems else ""
    else:
        # Without a factor only the same unit compares: 5 km/h with km/h.
        kind = unit.dimension.value if unit.factor is not None else unit.symbol
    return Amount(
        start=quantity.start,
        end=quantity.end,
        printed=text[quantity.start : quantity.end],
        value=value,
        base=value * factor,
        kind=kind,
        step=_last_place(value) * factor,
        dimension=quantity.dimension,
        comparator=quantity.comparator,
    )


def _bare(match: re.Match[str], value: Decimal) -> Amount:
    return Amount(match.start(), match.end(), match.group(), value, value, "", _last_place(value))


def _last_place(value: Decimal) -> Decimal:
    exponent = value.as_tuple().exponent
    return Decimal(1).scaleb(min(exponent, 0)) if isinstance(exponent, int) else Decimal(1)


def _names(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - 32) : match.start()]
    if before[-1:].isalnum() or before[-1:] in ("_", "#", "§", "/", "."):
        return True
    if text[match.end() : match.end() + 1].isalpha():
        return True
    hyphenated = text[match.end() : match.end() + 1] == "-" or before[-1:] == "-"
    return hyphenated or bool(_REFERENCE_BEFORE.search(before))
