from decimal import Decimal
from typing import Any

import pytest

from reqplatform.teams.models import User
from runs.models import Run, RunStatus
from skills.models import SkillSlug
from tests import factories
from tests.audience import check_csrf, check_page
from tests.conftest import World

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
