"""Columns and fields of money, energy and scores, as the admin shows them everywhere."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from observability.money import column_usd, plain_usd, to_nusd
from observability.pricing import Price, Rate
from observability.reports.windows import Mark, Standing
from reqplatform.amounts import MOST_USD

Column = Callable[[Any, Any], str]
COLOURS = {Mark.FREE: "success", Mark.WARNED: "warning", Mark.STOPPED: "danger"}
STYLES = {"all": ["observability/admin.css"]}


def score_column(field: str, title: str) -> Column:
    """A column of a score, 0 to 1, with two decimals."""

    @admin.display(description=title, ordering=field)
    def column(_admin: Any, row: Any) -> str:
        value = getattr(row, field)
        return "–" if value is None else f"{value:.2f}"

    return column


def money_column(
    field: str, title: str, none: str = "–", shown: Callable[[int], str] = column_usd
) -> Column:
    """A column of nano-USD in dollars; `none` stands for no amount."""

    @admin.display(description=title, ordering=field)
    def column(_admin: Any, row: Any) -> str:
        value = getattr(row, field)
        return none if value is None else shown(value)

    return column


def moment(at: datetime, *, seconds: bool = False) -> str:
    """A moment as all pages write it: "26 Nov 2026, 14:17"."""
    return date_format(localtime(at), "j M Y, H:i:s" if seconds else "DATETIME_FORMAT")


def bar(standing: Standing) -> SafeString:
    """How much of a window is used, as a bar with its words beside it."""
    return mark_safe(  # noqa: S308 - rendered by a template, which escapes
        render_to_string("components/budget_bar.html", {"standing": standing})
    )


class DollarsWidget(UnfoldAdminDecimalFieldWidget):  # type: ignore[misc]
    """Writes a small amount as people do: 0.000000001, not 1E-9."""

    def format_value(self, value: Any) -> Any:
        return f"{value:f}" if isinstance(value, Decimal) else super().format_value(value)


class LimitsForm(forms.ModelForm[Any]):
    """The two limits of a budget or of one window, in dollars. Empty is no limit."""

    warn_usd = forms.DecimalField(
        label="Warn at",
        required=False,
        min_value=0,
        max_value=MOST_USD,
        decimal_places=9,
        widget=DollarsWidget,
        help_text="Dollars, such as 1.00. Empty: no warning.",
    )
    stop_usd = forms.DecimalField(
        label="Stop at",
        required=False,
        min_value=0,
        max_value=MOST_USD,
        decimal_places=9,
        widget=DollarsWidget,
        help_text="Dollars, such as 5.00. Empty: no limit. 0: nothing may be spent.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field, limit in (("warn_usd", "warn_nusd"), ("stop_usd", "max_nusd")):
            nusd = getattr(self.instance, limit)
            self.initial[field] = None if nusd is None else plain_usd(nusd)

    def clean(self) -> dict[str, Any]:
        """Give the row its limits, so that the model's own check sees them."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            self.instance.warn_nusd = _nusd(typed["warn_usd"])
            self.instance.max_nusd = _nusd(typed["stop_usd"])
        return typed


def _nusd(usd: Decimal | None) -> int | None:
    return None if usd is None else to_nusd(usd)


def price_text(price: Price) -> str:
    """The rates of a price in a sentence or two, and whose they are."""
    if _is_free(price):
        if price.source == "embedded":
            return "Free: it is part of the product."
        return "Free: an administrator has entered that it costs nothing."
    whose = price.source if price.source != "override" else "entered by an administrator"
    named = f", as {price.listed_as}" if price.listed_as else ""
    text = (
        f"Input {_rate(price.input_fresh)}, output {_rate(price.output)}; from a cache: read "
        f"{_rate(price.cache_read)}, written for 5 minutes {_rate(price.cache_write)}, for an hour "
        f"{_rate(price.cache_write_1h)}. Per million tokens; {whose}{named}."
    )
    fee = f" And ${price.per_request.normalize():f} for every call." if price.per_request else ""
    return text + fee


def short_price(price: Price) -> str:
    """ "$0.25 in, $2.00 out"; "from" where large requests cost more."""
    if _is_free(price):
        return "Free"
    least = "from " if price.input_fresh.tiers or price.output.tiers else ""
    return f"{least}${_plain(price.input_fresh.base)} in, ${_plain(price.output.base)} out"


def _is_free(price: Price) -> bool:
    rates = (price.input_fresh, price.output, price.cache_read, price.cache_write)
    return not price.per_request and not any(rate.base or rate.tiers for rate in rates)


def _rate(rate: Rate) -> str:
    above = ", ".join(f"${_plain(dearer)} above {start:,} tokens" for start, dearer in rate.tiers)
    return f"${_plain(rate.base)} ({above})" if above else f"${_plain(rate.base)}"


def _plain(amount: Decimal) -> str:
    return f"{plain_usd(to_nusd(amount)):f}"
