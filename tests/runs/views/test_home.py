from collections.abc import Callable
from typing import Any

from django.test import Client

from reqplatform.teams.models import Membership, Project, Role
from runs.models import RunStatus
from tests import factories
from tests.audience import check_anonymous
from tests.conftest import World


def test_shows_own_projects_with_their_counts(world: World) -> None:
    factories.completed_run(world.project)
    factories.run(world.project, status=RunStatus.WAITING_REVIEW)
    answer = world.client(world.viewer).get("/")
    project = answer.context["projects"].get()
    assert project.slug == "survey"
    assert (project.role, project.specification_count, project.run_count) == ("viewer", 2, 2)
    assert (project.working_count, project.waiting_count) == (0, 1)
    assert "Other project" not in answer.text


def test_a_stranger_sees_nothing_of_the_project(world: World) -> None:
    run = factories.completed_run(world.project)
    answer = world.client(world.stranger).get("/")
    assert world.project.name not in answer.text
    assert run.short_id not in answer.text


def test_anonymous_people_sign_in(db: None) -> None:
    check_anonymous("/")


def test_someone_without_a_project_learns_what_to_do(db: None) -> None:
    client = Client()
    client.force_login(factories.user("newcomer"))
    assert "Ask an owner of the project" in client.get("/").text


def test_archived_projects_are_left_out(world: World) -> None:
    Project.objects.filter(pk=world.project.pk).update(archived_at="2026-01-01T00:00Z")
    assert list(world.client(world.viewer).get("/").context["projects"]) == []


def test_queries_do_not_grow_with_projects_and_runs(
    world: World, django_assert_num_queries: Callable[[int], Any]
) -> None:
    client = world.client(world.viewer)
    factories.completed_run(world.project)
    for number in range(4):
        project = Project.objects.create(slug=f"p{number}", name=f"Project {number}")
        Membership.objects.create(project=project, user=world.viewer, role=Role.VIEWER)
        factories.run(project, status=RunStatus.WAITING_REVIEW)
    with django_assert_num_queries(7):  # session, person, projects, waiting and runs with projects
        assert client.get("/").status_code == 200
