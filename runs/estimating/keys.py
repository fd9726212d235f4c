"""Keys that models of a route need and this process has not.

A worker may have them all the same, so a run for a worker is not refused for it.
"""

from collections.abc import Iterable, Mapping

from observability.llm import providers
from observability.llm.errors import MissingKey
from observability.llm.routes import Step
from observability.models import ModelProfile, Node


def asked_first(routes: Mapping[str, list[Step]]) -> list[Step]:
    """The model that each agent of a route asks first; documenting asks none."""
    return [steps[0] for node, steps in routes.items() if node != Node.DOCUMENT and steps]


def missing_keys(profiles: Iterable[ModelProfile]) -> tuple[str, ...]:
    """The environment variables that hold no key, or what cannot be one, each once."""
    return tuple(dict.fromkeys(one.key_name for one in profiles if not _has_key(one)))


def _has_key(profile: ModelProfile) -> bool:
    try:
        providers.api_key(profile)
    except MissingKey:
        return False
    return True


def missing_keys_of(routes: Mapping[str, list[Step]]) -> tuple[str, ...]:
    """The same for the models that pinned routes ask first, looked up together."""
    wanted = {step["profile"] for step in asked_first(routes) if step.get("price")}
    return missing_keys(ModelProfile.objects.filter(pk__in=wanted).order_by("pk"))


def why_no_key(names: tuple[str, ...]) -> str:
    """What a person can do about it."""
    variables = " and ".join(names)
    holds = "hold no key" if len(names) > 1 else "holds no key"
    return (
        f"{variables} {holds} in this process: set the environment variable, or its line in .env, "
        "or choose another model."
    )
