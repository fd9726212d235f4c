"""How much electricity a call took: an estimate with its range, never a measurement.

The method and the models' data are those of EcoLogits (https://ecologits.ai/latest/methodology/),
a life-cycle estimate from the number of output tokens, the model's supposed size and the provider's
data centres. It covers the use of the servers (GPUs, host, cooling), not how they were made.
"""

import logging
import re
import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

from observability.models.model_profile import ModelProfile, Provider

_PROVIDERS: dict[str, str] = {
    Provider.OPENAI: "openai",
    Provider.ANTHROPIC: "anthropic",
    Provider.GOOGLE: "google_genai",
}
_DATE = re.compile(r"-(20\d{6}|20\d\d-\d\d-\d\d)$")
_LAMP_WATTS = 10
_loading = threading.Lock()


@dataclass(frozen=True, slots=True)
class Energy:
    """Watt-hours, from the least to the most that is likely."""

    low_wh: float
    high_wh: float


def energy_of(profile: ModelProfile, output_tokens: int, seconds: float) -> Energy | None:
    """The electricity of a call that gave so many output tokens (reasoning included) in so long.

    None means that it is not estimated: the model is unknown, or it runs on a machine of unknown
    make, as the embedded analyst and OpenAI-compatible servers do. An admin's figure for the model
    wins and has no range.
    """
    tokens = max(output_tokens, 0)
    if profile.energy_wh_per_1k_output is not None:
        watt_hours = float(profile.energy_wh_per_1k_output) * tokens / 1000
        return Energy(watt_hours, watt_hours)
    provider = _PROVIDERS.get(profile.provider)
    model = provider and _known(provider, profile.model.removeprefix("models/"))
    if not provider or not model:
        return None
    impacts = _ecologits().llm_impacts(provider, model, tokens, max(seconds, 0.0))  # kWh
    if impacts.energy is None:
        return None
    value = impacts.energy.value  # a number, or a range of two
    low, high = getattr(value, "min", value), getattr(value, "max", value)
    return Energy(float(low) * 1000, float(high) * 1000)


def comparison(low_wh: float, high_wh: float) -> str:
    """The same energy in words: how long it would light a lamp.

    Plain arithmetic: watt-hours divided by the 10 W of a common LED bulb for a room.
    """
    hours = (low_wh / _LAMP_WATTS, high_wh / _LAMP_WATTS)
    for unit, length in (("day", 24.0), ("hour", 1.0), ("minute", 1 / 60), ("second", 1 / 3600)):
        if hours[1] >= 2 * length or unit == "second":
            break
    low, high = (_round(value / length) for value in hours)
    if high == "0":
        return "less than a 10 W LED lamp uses in a second"
    span = high if low == high else f"up to {high}" if low == "0" else f"{low} to {high}"
    return f"about what a 10 W LED lamp uses in {span} {unit}{'' if span == '1' else 's'}"


def _round(value: float) -> str:
    """Two digits, which is more than an estimate is good for."""
    return f"{float(f'{value:.2g}'):,.0f}" if value >= 10 else f"{value:.0f}"


def _known(provider: str, model: str) -> str | None:
    """The name by which EcoLogits knows the model: its own, or that without its date."""
    known = _ecologits().models
    names = (model, _DATE.sub("", model))
    return next((name for name in names if known.find_model(provider, name)), None)


@cache
def _ecologits() -> Any:
    """EcoLogits' functions, loaded when first used (a tenth of a second) and kept to themselves.

    Its `init` patches the providers' SDKs, which breaks LangChain: it is not called. Importing it
    changes the class of all loggers made from then on, which is undone here, and it warns once
    for every model that its makers say little of: that is most of them, and the range says so.
    """
    with _loading:  # a second thread would take its class of loggers for the usual one
        usual = logging.getLoggerClass()
        try:
            from ecologits.tracers import utils
        finally:
            logging.setLoggerClass(usual)
    logging.getLogger("ecologits").setLevel(logging.ERROR)
    return utils
