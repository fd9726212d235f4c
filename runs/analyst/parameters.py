"""Reading a skill's parameters, which people edit: a wrong kind of value is refused by name."""

from collections.abc import Mapping


class ParameterError(ValueError):
    """A skill parameter has a value that its method cannot use; the message says which and why."""


def fraction(parameters: Mapping[str, object], name: str, default: float) -> float:
    """A number from 0 to 1."""
    value = parameters.get(name, default)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= float(str(value)) <= 1:
        raise ParameterError(
            f'The skill parameter "{name}" is {value!r}, but must be a number from 0 to 1. '
            "Correct it in the skill's front matter."
        )
    return float(str(value))


def whole(parameters: Mapping[str, object], name: str, default: int, low: int, high: int) -> int:
    """A whole number from `low` to `high`."""
    value = parameters.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ParameterError(
            f'The skill parameter "{name}" is {value!r}, but must be a whole number from {low} to '
            f"{high}. Correct it in the skill's front matter."
        )
    return value


def switch(parameters: Mapping[str, object], name: str, default: bool) -> bool:
    """True or false."""
    value = parameters.get(name, default)
    if not isinstance(value, bool):
        raise ParameterError(
            f'The skill parameter "{name}" is {value!r}, but must be true or false. '
            "Correct it in the skill's front matter."
        )
    return value


def text(parameters: Mapping[str, object], name: str, default: str) -> str:
    value = parameters.get(name, default)
    if not isinstance(value, str):
        raise ParameterError(
            f'The skill parameter "{name}" is {value!r}, but must be a text. '
            "Correct it in the skill's front matter."
        )
    return value


def texts(parameters: Mapping[str, object], name: str) -> tuple[str, ...]:
    """A list of texts, empty when the parameter is missing."""
    value = parameters.get(name, ())
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise ParameterError(
            f'The skill parameter "{name}" is {value!r}, but must be a list of texts. '
            "Correct it in the skill's front matter."
        )
    return tuple(value)
