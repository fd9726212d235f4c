"""The largest amount of money that anybody means."""

from decimal import Decimal

MOST_USD = Decimal(1_000_000)  # more, as a limit or as a call's cost, is a slip of the keyboard
