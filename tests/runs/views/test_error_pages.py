import pytest
from django.template.loader import render_to_string
from django.test import Client

from reqplatform.teams.models import Project
from runs.views import home
from tests import factories
from tests.conftest import World


def test_not_found(db: None) -> None:
    answer = Client().get("/nowhere/")
    assert answer.status_code == 404
    assert "There is nothing here for you" in answer.text


def test_not_allowed_says_which_role_is_needed(world: World) -> None:
    answer = world.client(world.viewer).get("/projects/survey/runs/new")
    assert answer.status_code == 403
    assert "needs the role Editor" in answer.text


def test_a_form_without_its_token(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.owner)
    answer = strict.post(f"/runs/{factories.run(world.project).pk}/cancel")
    assert answer.status_code == 403
    assert "The form was not accepted" in answer.text


def test_a_fault_shows_a_page_without_details(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(home, "listed_runs", broken)
    client = world.client(world.viewer)
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500
    assert "Something broke on the server" in answer.text
    assert "secret detail" not in answer.text


def test_the_fault_page_needs_no_database() -> None:
    assert "Something broke" in render_to_string("500.html")


@pytest.mark.parametrize("page", ["runs/new", "specifications/new", "subsystems/new"])
def test_an_archived_project_says_why_it_cannot_be_changed(world: World, page: str) -> None:
    Project.objects.filter(pk=world.project.pk).update(archived_at="2026-01-01T00:00Z")
    client = world.client(world.owner)
    answer = client.get(f"/projects/survey/{page}")
    assert answer.status_code == 409
    assert "is archived" in answer.text
    assert "This project is archived" in client.get("/projects/survey/").text
