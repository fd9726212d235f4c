"""Prices of models from a file, each through `add_model`. What was booked stays as it was booked:
calls carry the price that they were asked at."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from observability.actions.add_model import Wanted, add_model
from observability.models import ModelProfile, Provider
from observability.models.model_profile import PRICES
from observability.sheets.importing import ActionResource, Change
from reqplatform.amounts import MOST_USD
from reqplatform.errors import InvalidInput

SETTINGS = ("context_window", "max_output_tokens")


class PriceResource(ActionResource):
    """A model is found by provider, model and base URL; empty cells leave what is there."""

    columns = ("provider", "model", "base_url", *SETTINGS, *PRICES)
    required = ("provider", "model")

    def act(self, row: Mapping[str, str], user: Any) -> Change:
        provider = row["provider"]
        if provider not in Provider.values:
            known = ", ".join(Provider.values)
            raise InvalidInput(
                f"There is no provider {provider}. They are {known}.", field="provider"
            )
        if not row["model"]:
            raise InvalidInput("Name the model as its provider does.", field="model")
        base_url = row.get("base_url", "")
        rows = ModelProfile.objects.filter(provider=provider, model=row["model"], base_url=base_url)
        known_model = rows.first()
        before = _texts(known_model) if known_model else None
        wanted = Wanted(
            provider=Provider(provider),
            model=row["model"],
            base_url=base_url,
            context_window=_whole(row, "context_window"),
            max_output_tokens=_whole(row, "max_output_tokens"),
            input_price=_price(row, "input_price"),
            output_price=_price(row, "output_price"),
            cache_read_price=_price(row, "cache_read_price"),
            cache_write_price=_price(row, "cache_write_price"),
            cache_write_1h_price=_price(row, "cache_write_1h_price"),
        )
        added = add_model(user, wanted)
        added.profile.refresh_from_db()  # as it is kept: with six decimals
        return Change(added.profile.name, before, _texts(added.profile))

    @classmethod
    def get_display_name(cls) -> str:
        return "Prices of models"


def _texts(profile: ModelProfile) -> dict[str, str]:
    texts = {"provider": profile.provider, "model": profile.model, "base_url": profile.base_url}
    for name in (*SETTINGS, *PRICES):
        value = getattr(profile, name)
        texts[name] = (
            ""
            if value is None
            else f"{value.normalize():f}"
            if isinstance(value, Decimal)
            else str(value)
        )
    return texts


def _price(row: Mapping[str, str], name: str) -> Decimal | None:
    text = row.get(name, "")
    if not text:
        return None
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or not 0 <= price <= MOST_USD or price != round(price, 6):
        raise InvalidInput(
            f"{text} is no price: dollars per million tokens, such as 2.5, with six decimals at "
            "most.",
            field=name,
        )
    return price


def _whole(row: Mapping[str, str], name: str) -> int | None:
    text = row.get(name, "")
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text[:12]) < 2**31:
        raise InvalidInput(f"{text} is no number of tokens.", field=name)
    return int(text)
