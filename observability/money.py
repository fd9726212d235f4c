"""Money at the edges: inside, integers of nano-USD (1 USD = 10**9); outside, Decimal dollars.

One rounding rule: a cost is rounded once, up, so that what is booked is never less than what is
owed.
"""

from decimal import ROUND_CEILING, Decimal

NUSD_PER_USD = 1_000_000_000


def to_nusd(usd: Decimal) -> int:
    """Dollars as nano-USD, rounded up."""
    return int((usd * NUSD_PER_USD).to_integral_value(rounding=ROUND_CEILING))


def to_usd(nusd: int) -> Decimal:
    """Nano-USD as exact dollars."""
    return Decimal(nusd) / NUSD_PER_USD


def format_usd(nusd: int) -> str:
    """Dollars for a reader: "$0.0015", "$12.34". What is not zero never shows as zero."""
    usd = to_usd(nusd)
    if nusd == 0:
        return "$0.00"
    if abs(usd) >= 1:
        return f"${usd:,.2f}"
    if abs(usd) >= Decimal("0.0001"):
        return f"${usd:.4f}"
    return f"${usd:.9f}".rstrip("0")
