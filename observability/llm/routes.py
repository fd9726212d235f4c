"""Which models a node asks, in which order, and at which price."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone

from observability import pricing
from observability.llm import providers
from observability.llm.errors import NoPrice, NoSuchProvider
from observability.models import ModelProfile, Node, Provider, Route
from reqplatform.teams.models import Project

Step = dict[str, Any]
"""One pinned model of a route: {"model": "provider/model", "profile": id, "temperature": "0.00"},
and for one behind a network "base_url", "context_window" and "max_output_tokens" as they were, and
"price", the rates of that day."""

_WHERE = ("base_url", "context_window", "max_output_tokens")

EMBEDDED = ModelProfile(
    name="Embedded analyst",
    provider=Provider.EMBEDDED,
    model="analyst-1",
    context_window=1_000_000,
    max_output_tokens=1_000_000,
)
EMBEDDED_STEP: Step = {"model": EMBEDDED.key, "temperature": "0.00"}


def pin(project: Project, only: ModelProfile | None = None) -> dict[str, list[Step]]:
    """The routes of every node as they stand now, with today's prices, to be kept with a run.

    `only` is a model that is asked first by every node, whatever the project's routes. A node
    without a route asks the embedded analyst, which also comes last where the project allows it.
    Raises NoPrice for a model that nobody knows the price of.
    """
    now = timezone.now()
    pinned: dict[str, list[Step]] = {node.value: [] for node in Node}
    if only is not None:
        for steps in pinned.values():
            steps.append(_step(only, "0.00", now))
    else:
        rows = Route.objects.filter(project=project, profile__enabled=True)
        for route in rows.select_related("profile").order_by("position"):
            pinned[route.node].append(_step(route.profile, str(route.temperature), now))
    for steps in pinned.values():
        embedded = any(step["model"] == EMBEDDED.key for step in steps)
        if not steps or (project.embedded_fallback and not embedded):
            steps.append(dict(EMBEDDED_STEP))
    return pinned


def _step(profile: ModelProfile, temperature: str, now: datetime) -> Step:
    step: Step = {"model": profile.key, "profile": profile.pk, "temperature": temperature}
    if not providers.is_registered(profile.provider):
        step |= {name: getattr(profile, name) for name in _WHERE}
        step["price"] = pricing.price_of(profile, now).as_json()
    return step


def name_of(step: Step) -> str:
    """What tells models apart: "openai/gpt-5-mini", "openai_compatible/qwen3 at localhost:8080"."""
    server = urlsplit(step.get("base_url") or "").netloc.rpartition("@")[2]
    return f"{step['model']} at {server}" if server else str(step["model"])


def at_todays_prices(pinned: dict[str, list[Step]]) -> dict[str, list[Step]]:
    """The same routes, with where their models are now and at today's prices: for a run that is
    resumed later.

    A model that is gone, or that has lost its price, keeps what it had.
    """
    now = timezone.now()

    def renewed(step: Step) -> Step:
        profile = find(step) if step.get("price") else None
        if profile is None:
            return step
        with suppress(NoPrice):
            price = pricing.price_of(profile, now).as_json()
            return {**step, "base_url": profile.base_url, "price": price}
        return step

    return {node: [renewed(step) for step in steps] for node, steps in pinned.items()}


def costs_nothing(steps: Iterable[Step]) -> bool:
    """Whether a route asks nobody but the embedded analyst."""
    return all(step["model"] == EMBEDDED.key for step in steps)


def profile_of(step: Step) -> ModelProfile:
    """The profile of a pinned model. Raises NoSuchProvider if it is gone or disabled, or another
    model than the one that was pinned with its price."""
    model = step["model"]
    profile = find(step)
    if profile is None and model == EMBEDDED.key:
        profile, _ = ModelProfile.objects.get_or_create(
            provider=EMBEDDED.provider,
            model=EMBEDDED.model,
            base_url="",
            defaults={
                "name": EMBEDDED.name,
                "context_window": EMBEDDED.context_window,
                "max_output_tokens": EMBEDDED.max_output_tokens,
            },
        )
    if profile is not None and profile.key != model:
        raise NoSuchProvider(
            f"{profile.name} was {model} when the run was started and is {profile.key} now, at "
            "another price perhaps. Start a new run, or give the model a profile of its own."
        )
    if profile is not None and profile.base_url != step.get("base_url", profile.base_url):
        raise NoSuchProvider(
            f"{profile.name} has moved to another address since the run was started, where it may "
            "have another price. Resume the run to ask it there."
        )
    if profile is None or not profile.enabled:
        why = f" {profile.disabled_reason}" if profile and profile.disabled_reason else ""
        raise NoSuchProvider(
            f"The model {model} is not available any more: enable it under Model profiles in the "
            f"admin, or start a new run on another route.{why}"
        )
    return profile


def find(step: Step) -> ModelProfile | None:
    """The profile that a pinned model had, enabled or not; None if it is gone."""
    if step.get("profile"):
        return ModelProfile.objects.filter(pk=step["profile"]).first()
    provider, _, name = str(step["model"]).partition("/")
    rows = ModelProfile.objects.filter(provider=provider, model=name)
    return rows.order_by("base_url", "pk").first()
