from decimal import Decimal
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from observability.models import ModelProfile, Node, Route, Scope
from reqplatform.teams.models import Project, User
from runs.models import EventKind, Revision, Run, RunStatus
from skills.models import SkillSlug
from tests import factories
from tests.audience import check_csrf, check_page
from tests.conftest import World
from tests.runs.estimated import ended, give_document, limit, priced

URL = "/projects/survey/runs/new"


@pytest.fixture
def ready(world: World) -> dict[str, Any]:
    """Good values of the form, in a project that can run."""
    for slug in SkillSlug:
        factories.skill_version(slug)
    return {
        "revision": factories.revision(world.project).pk,
        "subsystem": factories.subsystem(world.project).pk,
        "quality_threshold": "0.75",
        "max_iterations": "2",
    }


def send(world: World, person: User, values: dict[str, Any]) -> Any:
    return world.client(person).post(URL, values)


def test_the_form_is_for_editors(world: World) -> None:
    check_page(world, URL, least="editor")


def test_starts_a_run(world: World, ready: dict[str, Any]) -> None:
    answer = send(world, world.editor, {**ready, "unattended": "on"})
    run = Run.objects.get()
    assert answer.headers["Location"] == f"/runs/{run.pk}/"
    assert (run.status, run.quality_threshold, run.max_iterations) == (
        RunStatus.QUEUED,
        Decimal("0.750"),
        2,
    )
    assert (run.unattended, run.review_strategy, run.started_by) == (True, False, world.editor)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quality_threshold", "1.2"),
        ("quality_threshold", "-0.1"),
        ("quality_threshold", "NaN"),
        ("max_iterations", "0"),
        ("max_iterations", "11"),
        ("revision", "0b6d4f52-0000-7000-8000-000000000000"),
        ("subsystem", "999999"),
    ],
)
def test_says_beside_the_field_what_is_wrong(
    world: World, ready: dict[str, Any], field: str, value: str
) -> None:
    answer = send(world, world.editor, {**ready, field: value})
    assert answer.context["form"].errors[field]
    assert not Run.objects.exists()


def test_another_projects_rows_are_no_choices(world: World, ready: dict[str, Any]) -> None:
    for field, foreign in (
        ("revision", factories.revision(world.other_project).pk),
        ("subsystem", factories.subsystem(world.other_project).pk),
    ):
        answer = send(world, world.editor, {**ready, field: foreign})
        assert answer.context["form"].errors[field]
    assert not Run.objects.exists()


def test_says_when_a_method_is_missing(world: World) -> None:
    values = {
        "revision": factories.revision(world.project).pk,
        "subsystem": factories.subsystem(world.project).pk,
        "quality_threshold": "0.8",
        "max_iterations": "3",
    }
    answer = send(world, world.editor, values)
    assert "No active version" in answer.context["form"].non_field_errors()[0]
    assert not Run.objects.exists()


def test_viewers_and_strangers_cannot_start(world: World, ready: dict[str, Any]) -> None:
    assert send(world, world.viewer, ready).status_code == 403
    assert send(world, world.stranger, ready).status_code == 404
    check_csrf(world, URL)
    assert not Run.objects.exists()


def test_begins_with_the_projects_defaults_and_the_asked_revision(
    world: World, ready: dict[str, Any]
) -> None:
    form = world.client(world.editor).get(URL, {"revision": ready["revision"]}).context["form"]
    assert str(form["quality_threshold"].value()) == "0.80"
    assert form["max_iterations"].value() == 3
    assert str(form["revision"].value()) == str(ready["revision"])


def test_says_what_is_needed_first(world: World) -> None:
    assert "There is no specification to run" in world.client(world.editor).get(URL).text
    factories.revision(world.project)
    assert "There is no subsystem to run for" in world.client(world.editor).get(URL).text


# The model and the group


def test_starts_with_the_chosen_model_and_group(world: World, ready: dict[str, Any]) -> None:
    give_document(Revision.objects.get(pk=ready["revision"]))
    chosen = priced("Chosen")
    send(world, world.editor, {**ready, "model": chosen.pk, "group": "Trial 7"})
    run = Run.objects.get()
    assert (run.routes["extract"][0]["model"], run.group) == (chosen.key, "Trial 7")


def test_offers_the_models_that_can_be_asked(world: World) -> None:
    priced("Good")
    priced("Off", enabled=False)
    priced("Unknown", input_price=None, output_price=None)
    form = world.client(world.editor).get(URL).context["form"]
    labels = [label for _, label in form.fields["model"].choices]
    assert labels == ["The project's routes", "Good (openai_compatible/good)"]


@pytest.mark.parametrize("name", ["Off", "Unknown"])
def test_a_model_that_cannot_be_asked_is_no_choice(
    world: World, ready: dict[str, Any], name: str
) -> None:
    priced("Off", enabled=False)
    priced("Unknown", input_price=None, output_price=None)
    model = ModelProfile.objects.get(name=name)
    answer = send(world, world.editor, {**ready, "model": model.pk})
    assert answer.context["form"].errors["model"]
    assert not Run.objects.exists()


def test_a_group_that_cannot_be_is_told_beside_its_field(
    world: World, ready: dict[str, Any]
) -> None:
    answer = send(world, world.editor, {**ready, "group": "<b>"})
    assert "letters, digits" in answer.context["form"].errors["group"][0]
    assert "<details open>" in answer.text  # where the field is
    assert not Run.objects.exists()


# The estimate


@pytest.fixture
def paid(world: World, ready: dict[str, Any]) -> dict[str, Any]:
    """Good values of the form, where the project's agents ask a model with a price."""
    give_document(Revision.objects.get(pk=ready["revision"]))
    writer = priced("Writer")
    for node in Node:
        Route.objects.create(project=world.project, node=node, profile=writer)
    return ready


def panel(world: World, **query: Any) -> Any:
    return world.client(world.editor).get(URL, query).context["panel"]


def test_shows_what_the_run_would_cost(world: World, paid: dict[str, Any]) -> None:
    limit(world.project, Scope.RUN, 2 * 10**8)
    page = world.client(world.editor).get(URL)
    first = page.context["panel"].estimate.first
    assert first.label == "openai_compatible/writer"
    assert first.expected_nusd > 0
    for words in (
        "What it will cost", first.label, "Heuristic (±30%)", "$0.2000", "its budget",
        "Embedded analyst", "This run", "tightest", "Fits", "metered by the provider",
    ):  # fmt: skip
        assert words in page.text
    assert page.text.count("Heuristic (±30%)") == 2  # beside the route's total, and the agents'
    assert "It does not fit" not in page.text


def test_a_model_of_the_routes_that_is_off_is_told(world: World, ready: dict[str, Any]) -> None:
    off = priced("Writer", enabled=False, disabled_reason="Switched off by root.")
    for node in ("analyze", "decompose"):
        Route.objects.create(project=world.project, node=node, profile=off)
    text = world.client(world.editor).get(URL).text
    assert "Writer is not asked" in text
    assert text.count("Off: Switched off by root.") == 1


def test_a_refusal_leads_to_the_budgets(world: World, paid: dict[str, Any]) -> None:
    limit(world.project, Scope.RUN, 1)
    page = world.client(world.editor).get(URL).text
    assert 'under <a href="/projects/survey/budgets/">Budgets</a>, choose' in page
    page = world.client(world.editor).post(URL, paid).text
    assert 'under <a href="/projects/survey/budgets/">Budgets</a>, choose' in page


def test_what_costs_nothing_is_said_so(world: World, ready: dict[str, Any]) -> None:
    page = world.client(world.editor).get(URL).text
    assert "Embedded analyst is part of the product and costs nothing." in page
    assert "Heuristic" not in page


def test_the_address_says_what_to_estimate(world: World, paid: dict[str, Any]) -> None:
    cheap = priced("Cheap", input_price=Decimal("0.1"), output_price=1)
    once = panel(world, **paid | {"model": cheap.pk, "max_iterations": 1}).estimate
    assert once.first.label == cheap.key
    assert once.max_iterations == 1
    assert panel(world, **paid, group="Trial").estimate.accounts[1].label == "Group Trial"


@pytest.mark.parametrize(
    "query",
    [{"model": "999"}, {"revision": "x"}, {"max_iterations": "many"}, {"subsystem": "-1"}],
)
def test_an_address_that_makes_no_sense_is_no_error(
    world: World, paid: dict[str, Any], query: dict[str, str]
) -> None:
    page = world.client(world.editor).get(URL, query)
    assert page.status_code == 200
    assert page.context["panel"].estimate is None
    assert "Fill in the form" in page.text


def test_without_javascript_a_button_estimates_and_starts_nothing(
    world: World, paid: dict[str, Any]
) -> None:
    page = send(world, world.editor, {**paid, "estimate": "1", "max_iterations": "7"})
    assert page.context["panel"].estimate.max_iterations == 7
    assert page.context["form"]["max_iterations"].value() == "7"
    assert not Run.objects.exists()


def test_htmx_gets_the_estimate_alone(world: World, paid: dict[str, Any]) -> None:
    client = world.client(world.editor)
    part = client.get(URL, paid, headers={"HX-Request": "true"})
    assert "Model asked first" in part.text
    assert "<html" not in part.text
    assert "<form" not in part.text
    assert "HX-Request" in part.headers["Vary"]
    for query, words in (({"max_iterations": "99"}, "from 1 to 10"), ({"model": "no"}, "Fill in")):
        part = client.get(URL, {**paid, **query}, headers={"HX-Request": "true"})
        assert words in part.text


def test_the_estimate_is_for_those_who_may_start(world: World, paid: dict[str, Any]) -> None:
    for person, status in ((world.reviewer, 403), (world.stranger, 404)):
        answer = world.client(person).get(URL, paid, headers={"HX-Request": "true"})
        assert answer.status_code == status
        assert "writer" not in answer.text
        assert send(world, person, {**paid, "estimate": "1"}).status_code == status


def test_a_run_that_does_not_fit_is_refused_with_its_reason(
    world: World, paid: dict[str, Any]
) -> None:
    limit(world.project, Scope.RUN, 1_000)
    assert "Raise the limit under Budgets" in panel(world).refusal
    page = send(world, world.editor, paid)
    assert "Nothing was started." in page.context["form"].non_field_errors()[0]
    assert "Does not fit" in page.text
    assert not Run.objects.exists()


def test_a_cheaper_model_is_told_before_it_is_taken(world: World, paid: dict[str, Any]) -> None:
    Project.objects.filter(pk=world.project.pk).update(cheaper_route=True)
    limit(world.project, Scope.RUN, 1_000)
    page = world.client(world.editor).get(URL)
    assert page.context["panel"].cheaper.label == "Embedded analyst"
    assert "would be started with Embedded analyst instead" in page.text
    send(world, world.editor, paid)
    assert Run.objects.get().events.filter(kind=EventKind.WARNING).count() == 1


def test_what_earlier_runs_taught_is_told(world: World, paid: dict[str, Any]) -> None:
    ended(world.project, panel(world).estimate, times=2)
    page = world.client(world.editor).get(URL, paid).text
    assert "The last run of the project with this model cost 2.0 times what was counted" in page


def test_a_route_without_a_price_is_told(world: World, ready: dict[str, Any]) -> None:
    unknown = priced("Unknown", input_price=None, output_price=None)
    Route.objects.create(project=world.project, node=Node.EXTRACT, profile=unknown)
    assert "Enter its price" in world.client(world.editor).get(URL).text
    answer = send(world, world.editor, ready)
    assert "Enter its price" in answer.context["form"].errors["model"][0]
    assert not Run.objects.exists()


def test_hidden_costs_are_not_estimated(
    world: World, paid: dict[str, Any], settings: LazySettings
) -> None:
    settings.COST_TRACKING_ENABLED = False
    page = world.client(world.editor).get(URL).text
    assert "What it will cost" not in page
    assert "htmx" not in page
    limit(world.project, Scope.RUN, 1_000)
    assert send(world, world.editor, paid).status_code == 200  # refused all the same
    assert not Run.objects.exists()


def test_queries_do_not_grow_with_models_revisions_and_runs(
    world: World, paid: dict[str, Any]
) -> None:
    client = world.client(world.editor)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(URL, paid)
        return len(captured)

    before = queries()
    for number in range(5):
        priced(f"Model {number}")
        factories.revision(world.project)
        factories.subsystem(world.project, f"S{number}", f"Sibling {number}")
        factories.run(world.project, status=RunStatus.COMPLETED, iteration=1)
    assert queries() == before
