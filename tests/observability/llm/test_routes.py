"""Which models a run is pinned to, and in which order they are asked."""

import json
from decimal import Decimal

import pytest

from observability.llm import routes
from observability.llm.errors import NoPrice, NoSuchProvider
from observability.models import ModelProfile, Node, Route
from observability.pricing import Price
from observability.tokens import Usage
from tests.conftest import World

EMBEDDED = [{"model": "embedded/analyst-1", "temperature": "0.00"}]


def profile(name: str, *, enabled: bool = True, base_url: str = "") -> ModelProfile:
    return ModelProfile.objects.create(
        name=name, provider="any", model=name, context_window=9, max_output_tokens=9,
        enabled=enabled, base_url=base_url, input_price=1, output_price=2,
    )  # fmt: skip


def test_a_project_without_routes_asks_the_embedded_analyst(world: World) -> None:
    assert routes.pin(world.project) == {node.value: EMBEDDED for node in Node}


def test_models_are_asked_in_the_order_of_their_positions(world: World) -> None:
    for position, name in ((3, "third"), (1, "first"), (2, "second")):
        Route.objects.create(
            project=world.project, node=Node.VALIDATE, position=position, profile=profile(name),
            temperature=Decimal(position) / 10,
        )  # fmt: skip
    pinned = routes.pin(world.project)
    assert [(step["model"], step["temperature"]) for step in pinned["validate"]] == [
        ("any/first", "0.10"),
        ("any/second", "0.20"),
        ("any/third", "0.30"),
        ("embedded/analyst-1", "0.00"),  # where the project allows it
    ]
    assert pinned["decompose"] == EMBEDDED


def test_the_embedded_analyst_is_no_last_resort_where_a_project_forbids_it(world: World) -> None:
    world.project.embedded_fallback = False
    Route.objects.create(project=world.project, node=Node.VALIDATE, profile=profile("only"))
    pinned = routes.pin(world.project)
    assert [step["model"] for step in pinned["validate"]] == ["any/only"]
    assert pinned["decompose"] == EMBEDDED  # without a route there is nobody else


def test_a_price_is_pinned_with_its_model(world: World) -> None:
    made = profile("first")
    Route.objects.create(project=world.project, node=Node.VALIDATE, profile=made)
    step = routes.pin(world.project)["validate"][0]
    ModelProfile.objects.update(input_price=7, output_price=8)
    assert step["profile"] == made.pk
    price = Price.from_json(json.loads(json.dumps(step["price"])))
    assert price.cost_nusd(Usage(input_fresh=1_000, output=1_000)) == 3_000_000


def test_a_model_without_a_price_is_not_pinned(world: World) -> None:
    made = profile("dear")
    ModelProfile.objects.update(input_price=None, output_price=None)
    Route.objects.create(project=world.project, node=Node.VALIDATE, profile=made)
    with pytest.raises(NoPrice, match="Model profiles"):
        routes.pin(world.project)


def test_a_chosen_model_comes_first_everywhere(world: World) -> None:
    made = profile("chosen")
    Route.objects.create(project=world.project, node=Node.VALIDATE, profile=profile("routed"))
    pinned = routes.pin(world.project, only=made)
    assert {tuple(step["model"] for step in steps) for steps in pinned.values()} == {
        ("any/chosen", "embedded/analyst-1")
    }


def test_routes_of_other_projects_and_disabled_models_are_left_out(world: World) -> None:
    on, off = profile("on"), profile("off", enabled=False)
    Route.objects.create(project=world.other_project, node=Node.VALIDATE, profile=on)
    Route.objects.create(project=world.project, node=Node.VALIDATE, profile=off)
    Route.objects.create(project=world.project, node=Node.DECOMPOSE, profile=off)
    Route.objects.create(project=world.project, node=Node.DECOMPOSE, position=2, profile=on)
    pinned = routes.pin(world.project)
    assert pinned["validate"] == EMBEDDED  # its only model is off
    assert [step["model"] for step in pinned["decompose"]] == ["any/on", "embedded/analyst-1"]


@pytest.mark.django_db
def test_the_profile_of_a_pinned_model() -> None:
    made = profile("meta/llama/3")  # a provider's own name may have a slash
    assert routes.profile_of({"model": "any/meta/llama/3"}) == made
    made.enabled = False
    made.save(update_fields=["enabled"])
    for model in ("any/meta/llama/3", "any/other", "other/meta/llama/3", "any", ""):
        with pytest.raises(NoSuchProvider, match="Model profiles"):
            routes.profile_of({"model": model})


@pytest.mark.django_db
def test_the_embedded_analyst_is_always_there_unless_it_was_switched_off() -> None:
    ModelProfile.objects.all().delete()
    made = routes.profile_of({"model": "embedded/analyst-1"})
    assert made.enabled
    assert routes.profile_of({"model": "embedded/analyst-1"}).pk == made.pk
    ModelProfile.objects.filter(pk=made.pk).update(enabled=False)
    with pytest.raises(NoSuchProvider):
        routes.profile_of({"model": "embedded/analyst-1"})
    assert ModelProfile.objects.count() == 1


def test_a_run_that_is_resumed_takes_the_prices_of_today(world: World) -> None:
    made = profile("first")
    Route.objects.create(project=world.project, node=Node.VALIDATE, profile=made)
    pinned = routes.pin(world.project)
    ModelProfile.objects.update(input_price=7, output_price=8)
    [step, embedded] = routes.at_todays_prices(pinned)["validate"]
    assert Price.from_json(step["price"]).cost_nusd(Usage(input_fresh=1_000)) == 7_000_000
    assert {**step, "price": None} == {**pinned["validate"][0], "price": None}
    assert embedded == EMBEDDED[0]
    ModelProfile.objects.update(input_price=None, output_price=None)
    assert routes.at_todays_prices(pinned) == pinned


def test_a_profile_that_became_another_model_is_not_asked_at_the_old_price(world: World) -> None:
    made = profile("first")
    step = {"model": made.key, "profile": made.pk, "temperature": "0.00"}
    assert routes.profile_of(step) == made
    ModelProfile.objects.filter(pk=made.pk).update(model="dearer")
    with pytest.raises(NoSuchProvider, match="was any/first when the run was started"):
        routes.profile_of(step)


def test_a_profile_that_has_moved_is_asked_there_after_a_resume(world: World) -> None:
    made = profile("local", base_url="http://127.0.0.1:8080/v1")
    Route.objects.create(project=world.project, node=Node.VALIDATE, profile=made)
    pinned = routes.pin(world.project)
    assert routes.name_of(pinned["validate"][0]) == "any/local at 127.0.0.1:8080"
    ModelProfile.objects.filter(pk=made.pk).update(base_url="http://127.0.0.1:9090/v1")
    with pytest.raises(NoSuchProvider, match="has moved to another address"):
        routes.profile_of(pinned["validate"][0])
    [step, _] = routes.at_todays_prices(pinned)["validate"]
    assert routes.profile_of(step) == made
