"""Which models a run is pinned to, and in which order they are asked."""

from decimal import Decimal

import pytest

from observability.llm import routes
from observability.llm.errors import NoSuchProvider
from observability.models import ModelProfile, Node, Route
from tests.conftest import World

EMBEDDED = [{"model": "embedded/analyst-1", "temperature": "0.00"}]


def profile(name: str, *, enabled: bool = True) -> ModelProfile:
    return ModelProfile.objects.create(
        name=name, provider="any", model=name, context_window=9, max_output_tokens=9,
        enabled=enabled,
    )  # fmt: skip


def test_a_project_without_routes_asks_the_embedded_analyst(world: World) -> None:
    assert routes.pin(world.project.pk) == {node.value: EMBEDDED for node in Node}


def test_models_are_asked_in_the_order_of_their_positions(world: World) -> None:
    for position, name in ((3, "third"), (1, "first"), (2, "second")):
        Route.objects.create(
            project=world.project, node=Node.VALIDATE, position=position, profile=profile(name),
            temperature=Decimal(position) / 10,
        )  # fmt: skip
    pinned = routes.pin(world.project.pk)
    assert pinned["validate"] == [
        {"model": "any/first", "temperature": "0.10"},
        {"model": "any/second", "temperature": "0.20"},
        {"model": "any/third", "temperature": "0.30"},
    ]
    assert pinned["decompose"] == EMBEDDED


def test_routes_of_other_projects_and_disabled_models_are_left_out(world: World) -> None:
    on, off = profile("on"), profile("off", enabled=False)
    Route.objects.create(project=world.other_project, node=Node.VALIDATE, profile=on)
    Route.objects.create(project=world.project, node=Node.VALIDATE, profile=off)
    Route.objects.create(project=world.project, node=Node.DECOMPOSE, profile=off)
    Route.objects.create(project=world.project, node=Node.DECOMPOSE, position=2, profile=on)
    pinned = routes.pin(world.project.pk)
    assert pinned["validate"] == EMBEDDED  # its only model is off
    assert pinned["decompose"] == [{"model": "any/on", "temperature": "0.00"}]


@pytest.mark.django_db
def test_the_profile_of_a_pinned_model() -> None:
    made = profile("meta/llama/3")  # a provider's own name may have a slash
    assert routes.profile_of("any/meta/llama/3") == made
    made.enabled = False
    made.save(update_fields=["enabled"])
    for model in ("any/meta/llama/3", "any/other", "other/meta/llama/3", "any", ""):
        with pytest.raises(NoSuchProvider, match="Model profiles"):
            routes.profile_of(model)


@pytest.mark.django_db
def test_the_embedded_analyst_is_always_there_unless_it_was_switched_off() -> None:
    ModelProfile.objects.all().delete()
    made = routes.profile_of("embedded/analyst-1")
    assert made.enabled
    assert routes.profile_of("embedded/analyst-1").pk == made.pk
    ModelProfile.objects.filter(pk=made.pk).update(enabled=False)
    with pytest.raises(NoSuchProvider):
        routes.profile_of("embedded/analyst-1")
    assert ModelProfile.objects.count() == 1
