"""Which models a node asks, and in which order."""

from contextlib import suppress

from observability.llm.errors import NoSuchProvider
from observability.models import ModelProfile, Node, Provider, Route

EMBEDDED = ModelProfile(
    name="Embedded analyst",
    provider=Provider.EMBEDDED,
    model="analyst-1",
    context_window=1_000_000,
    max_output_tokens=1_000_000,
)


def pin(project_id: int) -> dict[str, list[dict[str, str]]]:
    """The routes of every node as they stand now, to be kept with a run.

    Each is a list, in the order of asking, of {"model": "provider/model", "temperature": "0.00"}.
    A node without a route asks the embedded analyst.
    """
    pinned: dict[str, list[dict[str, str]]] = {node.value: [] for node in Node}
    rows = Route.objects.filter(project_id=project_id, profile__enabled=True)
    for route in rows.select_related("profile").order_by("position"):
        pinned[route.node].append(
            {"model": route.profile.key, "temperature": str(route.temperature)}
        )
    embedded = {"model": EMBEDDED.key, "temperature": "0.00"}
    return {node: steps or [embedded] for node, steps in pinned.items()}


def profile_of(model: str) -> ModelProfile:
    """The profile of a pinned model. Raises NoSuchProvider if it is gone or disabled."""
    provider, _, name = model.partition("/")
    profile = ModelProfile.objects.filter(provider=provider, model=name).first()
    if profile is None and model == EMBEDDED.key:
        profile, _ = ModelProfile.objects.get_or_create(
            provider=EMBEDDED.provider,
            model=EMBEDDED.model,
            defaults={
                "name": EMBEDDED.name,
                "context_window": EMBEDDED.context_window,
                "max_output_tokens": EMBEDDED.max_output_tokens,
            },
        )
    if profile is None or not profile.enabled:
        raise NoSuchProvider(
            f"The model {model} is not available any more: enable it under Model profiles in the "
            "admin, or start a new run on another route."
        )
    return profile


def usable(steps: list[dict[str, str]]) -> list[ModelProfile]:
    """The profiles of a route that can be asked now; the gateway tells why the others cannot."""
    found = []
    for step in steps:
        with suppress(NoSuchProvider):
            found.append(profile_of(step["model"]))
    return found
