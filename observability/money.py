"""Money at the edges: inside, integers of nano-USD (1 USD = 10**9); outside, Decimal dollars.

One rounding rule: up. A cost is rounded once when it is booked, and again only where it is shown,
so that neither the books nor a reader ever see less than what is owed.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext

NUSD_PER_USD = 1_000_000_000

_CENT = Decimal("0.01")
_HUNDREDTH_OF_A_CENT = Decimal("0.0001")
_NUSD = Decimal("0.000000001")


def to_nusd(usd: Decimal) -> int:
    """Dollars as nano-USD, rounded up."""
    with localcontext(rounding=ROUND_CEILING):  # a product of too many digits is rounded up, too
        return int((usd * NUSD_PER_USD).to_integral_value(rounding=ROUND_CEILING))


def to_usd(nusd: int) -> Decimal:
    """Nano-USD as exact dollars."""
    return Decimal(nusd) / NUSD_PER_USD


def format_usd(nusd: int, rounding: str = ROUND_CEILING) -> str:
    """Dollars for a reader, rounded up: "$0.0015", "$12.34". What is not zero never shows as zero.

    To the cent from $1 on, to a hundredth of a cent from there down to $0.0001, exactly below.
    """
    if nusd == 0:
        return "$0.00"
    usd = to_usd(nusd)
    sign, exact = ("-" if nusd < 0 else ""), abs(usd) < _HUNDREDTH_OF_A_CENT
    unit = _NUSD if exact else _HUNDREDTH_OF_A_CENT if abs(usd) < 1 else _CENT
    digits = f"{abs(usd.quantize(unit, rounding=rounding)):,f}"
    return f"{sign}${digits.rstrip('0') if exact else digits}"


def format_left(nusd: int) -> str:
    """What is left of something, for a reader: as `format_usd`, but rounded down, so that what is
    spent and what is left never seem to be more than there was."""
    return format_usd(nusd, ROUND_FLOOR)


def exact_usd(nusd: int) -> str:
    """Dollars for a program: all nine digits that are booked, and never 0E-9."""
    return f"{to_usd(nusd):.9f}"
