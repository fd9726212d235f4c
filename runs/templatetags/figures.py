"""Figures of reports: rounded for a reader, and exact in the element's value for a program."""

from collections.abc import Callable
from decimal import Decimal
from math import ceil
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from observability.money import column_usd, exact_usd
from observability.reports.comparison import Trend
from observability.reports.sums import Sum
from observability.shown import energy_text, short_source
from runs.quality.formula import shown_score
from runs.templatetags.display import duration

register = template.Library()

_NOTHING = "–"
_TRENDS = {
    Trend.UP: ("↑", "better than the period before"),
    Trend.DOWN: ("↓", "worse than the period before"),
    Trend.LEVEL: ("→", "no clear change"),
    Trend.UNKNOWN: ("", "too few runs to tell"),
}


def _element(exact: str, text: str) -> SafeString:
    return format_html('<data value="{}">{}</data>', exact, text)


@register.filter
def money(nusd: float | None) -> SafeString | str:
    """Nano-USD; averages are floats of it."""
    if nusd is None:
        return _NOTHING
    exact = exact_usd(nusd) if isinstance(nusd, int) else f"{nusd / 10**9:.12f}"
    return _element(exact, column_usd(ceil(nusd)))


@register.filter
def whole(number: float | None) -> SafeString | str:
    return _NOTHING if number is None else _element(str(number), f"{number:,.0f}")


@register.filter
def number(value: float | None, places: int = 2) -> SafeString | str:
    return _NOTHING if value is None else _element(repr(value), f"{value:,.{places}f}")


@register.filter
def share(value: float | None) -> SafeString | str:
    """0 to 1, in per cent."""
    return _NOTHING if value is None else _element(repr(value), f"{100 * value:.1f} %")


@register.filter
def scored(value: float | Decimal | None, places: int = 3) -> SafeString | str:
    """A score, 0 to 1, rounded down."""
    if value is None:
        return _NOTHING
    return _element(repr(float(value)), shown_score(float(value), places))


@register.filter
def between(interval: tuple[float, float] | None) -> str:
    """ "0.71 to 0.84" """
    return "" if interval is None else f"{_kept(interval[0]):.2f} to {_kept(interval[1]):.2f}"


@register.filter
def between_shares(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"{100 * interval[0]:.0f} to {100 * interval[1]:.0f} %"


def _kept(score: float) -> float:
    """A mean's interval may go beyond what scores can be."""
    return max(0.0, min(1.0, score))


@register.filter
def change(now: float, before: float) -> str:
    """ "+12 %" against the period before; "" if that had none."""
    if not before:
        return ""
    percent = 100 * (now - before) / before
    return f"{percent:+,.0f} %".replace("-", "−")


@register.filter
def signed_money(nusd: float) -> str:
    """ "+$0.0120", "−$0.3400" """
    text = column_usd(round(abs(nusd)))
    return f"{'−' if nusd < 0 else '+'}{text}"


@register.filter
def watt_hours(of: Sum) -> str:
    low, high, unknown = of.energy
    return energy_text(low, high, unknown)


@register.filter
def arrow(trend: Trend) -> str:
    return _TRENDS[trend][0]


@register.filter
def trend_words(trend: Trend) -> str:
    return _TRENDS[trend][1]


@register.filter
def signed(value: float | None) -> str:
    """ "+0.041" """
    return "" if value is None else f"{value:+.3f}".replace("-", "−")


@register.simple_tag
def call_source(source: str) -> str:
    """Where a call's cost comes from, in a word."""
    return short_source(source) if source else "not known yet"


@register.simple_tag
def figure(kind: str, value: Any) -> SafeString | str:
    """A value of a table whose rows are of different kinds."""
    kinds: dict[str, Callable[[Any], SafeString | str]] = {
        "score": scored,
        "whole": whole,
        "money": money,
        "time": duration,
        "energy": lambda of: energy_text(*of),
        "text": lambda text: text or _NOTHING,
    }
    return kinds[kind](value)
