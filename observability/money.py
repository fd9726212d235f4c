"""Money at the edges: inside, integers of nano-USD (1 USD = 10**9); outside, Decimal dollars.

One rounding rule: up. A cost is rounded once when it is booked, and again only where it is shown,
so that neither the books nor a reader ever see less than what is owed.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext

from reqplatform.amounts import MOST_USD

NUSD_PER_USD = 1_000_000_000
MOST_NUSD = int(MOST_USD) * NUSD_PER_USD

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


def column_usd(nusd: int, rounding: str = ROUND_CEILING) -> str:
    """Dollars in a column of a table, all with four decimals, so that they can be compared down
    it: "$0.5000", "$12.3400". What is not zero is $0.0001 at least, unless it is rounded down."""
    digits = abs(to_usd(nusd)).quantize(_HUNDREDTH_OF_A_CENT, rounding=rounding)
    return f"{'-' if nusd < 0 else ''}${digits:,f}"


def column_left(nusd: int) -> str:
    """The same of what is left: rounded down."""
    return column_usd(nusd, ROUND_FLOOR)


def plain_usd(nusd: int) -> Decimal:
    """Exact dollars with two decimals, or as many as it takes: what people type as a limit."""
    exact = to_usd(nusd).normalize()
    cents = exact.quantize(_CENT)
    return cents if exact == cents else Decimal(f"{exact:f}")


def limit_usd(nusd: int) -> str:
    """The same for a reader: "$5.00", "$0.25", "$0.000000001"."""
    return f"${plain_usd(nusd):,f}"


def exact_usd(nusd: int) -> str:
    """Dollars for a program: all nine digits that are booked, and never 0E-9."""
    return f"{to_usd(nusd):.9f}"
