"""Quantities in a sentence: value, comparator, unit, tolerance, percentile, and where they stand.

"within 250 ms", "at least 99.9 %", "between 5 and 10 V", "10 Hz ± 0.1", "two seconds",
"<= 5 s for the 95th percentile". Numbers that only name something ("Table 3", "ISO 9241",
"version 2.0", "FR-012") are no quantities. Values are `Decimal`, so that sums are exact.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from runs.language.numbers import NUMBER, NUMBER_WORDS, decimal_of
from runs.language.units import Dimension, Unit, unit_named


class Comparator(StrEnum):
    AT_MOST = "<="
    LESS = "<"
    AT_LEAST = ">="
    MORE = ">"
    EXACTLY = "="
    ABOUT = "~"
    BETWEEN = "between"


UPPER_BOUNDS = (Comparator.AT_MOST, Comparator.LESS)


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity: `text[start:end]` is the number with its unit, without the comparator."""

    start: int
    end: int
    comparator_start: int  # where the comparator's words begin; == start when there are none
    value: Decimal
    comparator: Comparator
    unit: Unit | None  # None: a count of `unit_text`, or a bare number under a comparator
    unit_text: str  # as printed: "ms", "percent", "users"
    number_text: str  # as printed: "250", "1,000", "two"
    upper: Decimal | None = None  # the upper end of a range; `value` is then the lower
    tolerance: Decimal | None = None  # in the same unit unless `tolerance_unit` says otherwise
    tolerance_unit: str = ""
    percentile: Decimal | None = None  # 95 for "95th percentile" and "in 95 % of cases"

    @property
    def dimension(self) -> Dimension:
        return self.unit.dimension if self.unit else Dimension.COUNT

    @property
    def is_upper_bound(self) -> bool:
        return self.comparator in UPPER_BOUNDS


_COMPARATORS: tuple[tuple[str, Comparator], ...] = (
    (
        r"at most|no more than|not more than|no longer than|not longer than|no greater than"
        r"|not greater than|no later(?: than)?|not later than|up to and including|up to|within"
        r"|(?:not|never) (?:to )?exceed(?:s|ing)?|without exceeding|a maximum of|maximum of"
        r"|maximum|max\.?|as much as|limited to|no higher than|not higher than|<=|≤|=<|⩽",
        Comparator.AT_MOST,
    ),
    (
        r"(?:in )?(?:less|fewer|lower|smaller|shorter|faster) than|below|under|<",
        Comparator.LESS,
    ),
    (
        r"at least|at minimum|no less than|not less than|no fewer than|not fewer than"
        r"|no lower than|no smaller than|a minimum of|minimum of|minimum|min\.?|no earlier than"
        r"|>=|≥|=>|⩾",
        Comparator.AT_LEAST,
    ),
    (
        r"(?:more|greater|higher|larger|longer|better|later) than|exceeds?|exceeding|above|over|>",
        Comparator.MORE,
    ),
    (r"approximately|approx\.?|about|around|roughly|circa|nominally|~|≈", Comparator.ABOUT),
    (r"exactly|precisely|equal to|=", Comparator.EXACTLY),
)
_BEFORE = tuple(
    (re.compile(rf"(?<![A-Za-z])(?:{words})(?: (?:the|a|an|of|than|by))?\s?$", re.I), comparator)
    for words, comparator in _COMPARATORS
)
_AFTER = (
    (re.compile(r"\s?(?:or|and) (?:less|fewer|below|lower|faster|under)\b", re.I), "<="),
    (re.compile(r"\s?(?:or|and) (?:more|greater|above|higher|better|longer)\b", re.I), ">="),
    (re.compile(r"\s?(?:at most|maximum|max\b)", re.I), "<="),
    (re.compile(r"\s?(?:at least|minimum|at a minimum)\b", re.I), ">="),
)
_WINDOW = 32  # characters before a number in which its comparator's words end

_NAMES_ONLY = re.compile(
    r"(?:\b(?:table|figure|fig\.?|section|sections|chapter|clause|annex|appendix|page|version"
    r"|versions|release|rev\.?|revision|iso|iec|en|din|ieee|rfc|uic|etsi|mil-std|std|part|item"
    r"|step|level|class|type|category|phase|stage|port|windows|linux|baseline|option|mode"
    r"|requirement|paragraph|note|line|article|ref\.?|no\.?|number|issue|v\.?)\s?|[#§])[(\[]?$",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"[ \u00a0\u202f-]?((?:°|º)[CF]?|%|‰|€|\$|£|[A-Za-zµμΩ℃]+(?:/[A-Za-z]+[²³23]?|[²³])?)"
)
_COUNTED = re.compile(r" (?:[a-z][a-z-]{1,20} ){0,2}?([a-z][a-z-]{1,24}s|people)\b")
_PER = re.compile(r"\s?(?:per|/|a|each|every)\s(second|minute|hour|day|week|month|year)s?\b")
_RANGE = re.compile(r"\s?(?:-|–|—|to|and|\.\.\.?)\s?[+]?$")
_BETWEEN = re.compile(r"\b(?:between|from)\s(?:the\s)?$", re.IGNORECASE)
_TOLERANCE = re.compile(r"\s?(?:±|\+/-|\+/−|\+-|plus or minus)\s?")
_PERCENTILE = re.compile(r"(\d{1,2}(?:\.\d{1,3})?)(?:st|nd|rd|th)?[ -]percentile|\b[Pp](\d{2})\b")
_SHARE_OF_CASES = re.compile(
    r"(?:in|for|at least|of) (\d{1,3}(?:\.\d{1,4})?) ?(?:%|percent) of (?:the |all )?"
    r"(?:cases|requests|calls|time|attempts|transactions|messages|operations|responses|queries"
    r"|searches|leads|occasions|measurements)",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b|[ -]percentile")


def find_quantities(text: str) -> tuple[Quantity, ...]:
    """Every quantity of `text` in order; time grows linearly with the text."""
    percentile, shares = _percentile(text)
    found: list[Quantity] = []
    numbers = list(NUMBER.finditer(text))
    index = 0
    while index < len(numbers):
        number = numbers[index]
        index += 1
        if (found and number.start() < found[-1].end) or number.start() in shares:
            continue
        following = numbers[index] if index < len(numbers) else None
        quantity = _quantity(text, number, following, percentile)
        if quantity is not None:
            found.append(quantity)
    return tuple(found)


def _percentile(text: str) -> tuple[Decimal | None, set[int]]:
    """The percentile a sentence states, and where the numbers that state it begin."""
    value: Decimal | None = None
    starts: set[int] = set()
    for match in _PERCENTILE.finditer(text):
        group = 1 if match[1] else 2
        value = Decimal(match[group])
        starts.add(match.start(group))
    for match in _SHARE_OF_CASES.finditer(text):
        if value is None:
            value = Decimal(match[1])
            starts.add(match.start(1))
    return value, starts


def _quantity(
    text: str, number: re.Match[str], following: re.Match[str] | None, percentile: Decimal | None
) -> Quantity | None:
    before = text[max(0, number.start() - _WINDOW) : number.start()]
    if _names_something(text, number, before):
        return None
    value = decimal_of(number.group())
    if value is None:
        return None
    start, number_end, upper = number.start(), number.end(), None
    comparator, comparator_start = _comparator_before(before, start)
    if following is not None:
        upper = _upper_end(text, number, following, before)
    if upper is not None and following is not None:
        number_end, comparator = following.end(), Comparator.BETWEEN
        comparator_start = _between_start(before, start)
    unit, unit_text, end = _unit_after(text, number_end)
    if upper is None and comparator is None:
        comparator = _comparator_after(text, end)
    if unit is None and not unit_text and comparator is None:
        return None
    if number.group().lower() in NUMBER_WORDS and unit is None and comparator is None:
        return None
    tolerance, tolerance_unit, end, unit, unit_text = _tolerance(text, end, unit, unit_text)
    return Quantity(
        start=start,
        end=end,
        comparator_start=comparator_start,
        value=value,
        comparator=comparator or Comparator.EXACTLY,
        unit=unit,
        unit_text=unit_text,
        number_text=text[start:number_end],
        upper=upper,
        tolerance=tolerance,
        tolerance_unit=tolerance_unit,
        percentile=None if unit and unit.dimension is Dimension.RATIO else percentile,
    )


def _between_start(before: str, start: int) -> int:
    match = _BETWEEN.search(before)
    return start - (len(before) - match.start()) if match else start


def _names_something(text: str, number: re.Match[str], before: str) -> bool:
    """True for the numbers in "Table 3", "FR-012", "3.2.1", "802.11b", "1st"."""
    previous = before[-1:]
    if previous and (previous.isalnum() or previous in "._/\\@'’"):
        return True
    if previous in ("-", "–") and len(before) > 1 and before[-2].isalnum():
        return True
    if _NAMES_ONLY.search(before) or _ORDINAL.match(text, number.end()):
        return True
    return (
        text[number.end() : number.end() + 1] == "."
        and text[number.end() + 1 : number.end() + 2].isdigit()
    )


def _comparator_before(before: str, start: int) -> tuple[Comparator | None, int]:
    for pattern, comparator in _BEFORE:
        match = pattern.search(before)
        if match:
            return comparator, start - (len(before) - match.start())
    return None, start


def _comparator_after(text: str, end: int) -> Comparator | None:
    following = text[end : end + _WINDOW]
    for pattern, sign in _AFTER:
        if pattern.match(following):
            return Comparator(sign)
    return None


def _upper_end(
    text: str, number: re.Match[str], following: re.Match[str], before: str
) -> Decimal | None:
    """The second value of "5-10 V", "5 V to 10 V", "between 5 and 10 V"."""
    between = text[number.end() : following.start()]
    if len(between) > 14:
        return None
    _, _, unit_end = _unit_after(text, number.end())
    gap = text[min(unit_end, following.start()) : following.start()]
    for joint in (between, gap):
        match = _RANGE.fullmatch(joint)
        if not match:
            continue
        if joint.strip() == "and" and not re.search(r"between\s(?:the\s)?$", before, re.I):
            return None
        low, high = decimal_of(number.group()), decimal_of(following.group())
        return high if low is not None and high is not None and high > low else None
    return None


def _unit_after(text: str, end: int) -> tuple[Unit | None, str, int]:
    """The unit, how it is printed, and where it ends; a counted noun is printed but no unit."""
    match = _UNIT.match(text, end, end + 24)
    if match:
        unit = unit_named(match[1]) or unit_named(match[1].split("/")[0])
        if unit is not None and not _is_item_letter(match):
            stop = match.end() if unit_named(match[1]) else end + len(match[0].split("/")[0])
            per = _PER.match(text, stop)
            if per and unit.dimension in (Dimension.INFORMATION, Dimension.LENGTH):
                printed = text[match.start(1) : per.end()]
                return Unit(printed, _rate_of(unit)), printed, per.end()
            return unit, text[match.start(1) : stop], stop
    counted = _COUNTED.match(text, end, end + 72)
    if counted:
        noun = text[end : counted.end()].strip()
        per = _PER.match(text, counted.end())
        if per:
            printed = text[end : per.end()].strip()
            return Unit(printed, Dimension.RATE), printed, per.end()
        return None, noun, counted.end()
    return None, "", end


def _rate_of(unit: Unit) -> Dimension:
    return Dimension.DATA_RATE if unit.dimension is Dimension.INFORMATION else Dimension.SPEED


def _is_item_letter(match: re.Match[str]) -> bool:
    """Small letters stuck to a number count as an item's name: "3a", "5d", "2t"."""
    return match[1] in ("a", "d", "t") and match[0] == match[1]


def _tolerance(
    text: str, end: int, unit: Unit | None, unit_text: str
) -> tuple[Decimal | None, str, int, Unit | None, str]:
    sign = _TOLERANCE.match(text, end)
    number = NUMBER.match(text, sign.end()) if sign else None
    value = decimal_of(number.group()) if number else None
    if number is None or value is None:
        return None, "", end, unit, unit_text
    own, own_text, stop = _unit_after(text, number.end())
    if own is None:
        return value, "", number.end(), unit, unit_text
    if unit is None:
        return value, own_text, stop, own, own_text
    return value, own_text, stop, unit, unit_text
