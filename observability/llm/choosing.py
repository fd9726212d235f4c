"""Models that a person may choose for a run, and how they name one."""

from django.utils import timezone

from observability.llm import providers
from observability.llm.errors import NoPrice
from observability.models import ModelProfile
from observability.pricing import price_of
from reqplatform.errors import InvalidInput


def choosable() -> list[ModelProfile]:
    """The models that are enabled and whose price is known, by name."""
    return [row for row in ModelProfile.objects.filter(enabled=True) if _has_price(row)]


def _has_price(profile: ModelProfile) -> bool:
    if providers.is_registered(profile.provider):  # part of the product: it costs nothing
        return True
    try:
        price_of(profile, timezone.now())
    except NoPrice:
        return False
    return True


def find_model(reference: str) -> ModelProfile:
    """The model of this name, or of this provider/model: "openai/gpt-5-mini".

    Raises InvalidInput (`unknown_model`) if there is none, or if several servers have it. Whether
    it may be asked, and at which price, is for whoever starts something with it to find out.
    """
    rows = list(ModelProfile.objects.all())
    wanted = reference.strip().casefold()
    named = [row for row in rows if row.name.casefold() == wanted]
    found = named or [row for row in rows if row.key.casefold() == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(row.name for row in found)
        message = f"Several servers have {reference}: say which by its name. There are: {names}."
    else:
        known = ", ".join(row.key for row in rows[:20]) or "none yet"
        message = (
            f"There is no model {reference}. There are: {known}. To add one, use 'manage.py "
            "add_model', or Model profiles in the admin."
        )
    raise InvalidInput(message, code="unknown_model", field="model")
