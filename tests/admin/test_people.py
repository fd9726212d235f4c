"""Projects, members and tokens in the admin."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from reqplatform.teams.actions.tokens import issue_token
from reqplatform.teams.models import ApiToken, Membership, Project, Role, User
from tests import factories
from tests.conftest import World

PROJECTS = "admin:teams_project_changelist"
MEMBERSHIPS = "admin:teams_membership_changelist"


@pytest.fixture
def owner(world: World) -> Client:
    User.objects.filter(pk=world.owner.pk).update(is_staff=True)
    world.owner.refresh_from_db()
    return world.client(world.owner)


@pytest.fixture
def root(world: World) -> Client:
    return world.client(factories.user("root", is_staff=True, is_superuser=True))


def act(client: Client, page: str, action: str, *rows: Any) -> list[str]:
    """Choose an action of a list; the messages that the person reads then."""
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    response = client.post(reverse(page), data, follow=True)
    assert response.status_code == 200
    return [str(message) for message in response.context["messages"]]


def project_form(project: Project, **changes: Any) -> dict[str, Any]:
    return {
        "name": project.name,
        "description": "",
        "quality_threshold": "0.9",
        "max_iterations": "2",
        "weights": '{"completeness": 1, "clarity": 1, "testability": 2, "traceability": 1}',
        "time_zone": "Europe/Vienna",
        "review_reminder_hours": "8",
        "review_expiry_hours": "72",
        "review_expiry": "go_on",
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
        **changes,
    }


def test_an_owner_configures_the_project(world: World, owner: Client) -> None:
    page = reverse("admin:teams_project_change", args=[world.project.pk])
    assert owner.post(page, project_form(world.project, slug="stolen")).status_code == 302
    world.project.refresh_from_db()
    assert float(world.project.quality_threshold) == 0.9
    assert world.project.time_zone == "Europe/Vienna"
    assert world.project.slug == "survey"
    assert world.project.review_reminder_hours == 8
    assert (world.project.review_expiry_hours, world.project.review_expiry) == (72, "go_on")


@pytest.mark.parametrize(
    "wrong",
    [
        {"quality_threshold": "1.2"},
        {"max_iterations": "11"},
        {"weights": '{"clarity": 1}'},
        {"time_zone": "Mars/Olympus"},
        {"review_reminder_hours": "0"},
        {"review_expiry_hours": "0"},
        {"review_expiry": "forget"},
    ],
)
def test_wrong_settings_are_told(world: World, owner: Client, wrong: dict[str, str]) -> None:
    page = reverse("admin:teams_project_change", args=[world.project.pk])
    response = owner.post(page, project_form(world.project, **wrong))
    assert response.status_code == 200
    assert set(response.context["adminform"].form.errors) == set(wrong)


@pytest.mark.parametrize("who", ["editor", "viewer"])
def test_other_members_who_are_staff_read_only(world: World, who: str) -> None:
    person = getattr(world, who)
    User.objects.filter(pk=person.pk).update(is_staff=True)
    client = world.client(User.objects.get(pk=person.pk))
    page = reverse("admin:teams_project_change", args=[world.project.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, project_form(world.project)).status_code == 403
    assert client.get(reverse("admin:teams_membership_add")).status_code == 403
    assert "needs the role Owner" in act(client, PROJECTS, "restore", world.project)[0]


def test_an_owner_of_one_project_changes_no_other(world: World, owner: Client) -> None:
    Membership.objects.create(project=world.other_project, user=world.owner, role=Role.EDITOR)
    page = reverse("admin:teams_project_change", args=[world.other_project.pk])
    assert owner.get(page).status_code == 200
    assert owner.post(page, project_form(world.other_project)).status_code == 403


def test_a_new_project_gets_an_owner(world: World, root: Client, owner: Client) -> None:
    page = reverse("admin:teams_project_add")
    assert owner.get(page).status_code == 403
    assert root.post(page, project_form(Project(name="New"), slug="new")).status_code == 302
    made = Project.objects.get(slug="new")
    assert [row.user.username for row in made.memberships.all()] == ["root"]
    assert made.max_iterations == 2


def test_projects_are_archived_and_restored(world: World, owner: Client) -> None:
    assert act(owner, PROJECTS, "archive", world.project) == ["1 archived."]
    page = reverse("admin:teams_project_change", args=[world.project.pk])
    assert owner.post(page, project_form(world.project)).status_code == 403
    subsystem = factories.subsystem(world.project)
    page = reverse("admin:runs_subsystem_change", args=[subsystem.pk])
    assert owner.post(page, {}).status_code == 403
    assert "archived" in act(owner, PROJECTS, "archive", world.project)[0]
    assert act(owner, PROJECTS, "restore", world.project) == ["1 restored."]
    world.project.refresh_from_db()
    assert world.project.archived_at is None


def test_nobody_deletes_a_project_or_a_person(world: World, root: Client) -> None:
    for page in (
        reverse("admin:teams_project_delete", args=[world.project.pk]),
        reverse("admin:teams_user_delete", args=[world.viewer.pk]),
    ):
        assert root.post(page, {"post": "yes"}).status_code == 403


def test_an_owner_adds_a_member_by_name_or_mail(world: World, owner: Client) -> None:
    for name in ("anna", "ben@example.org"):
        person = factories.user(name.split("@")[0])
        data = {"project": world.project.pk, "person": name, "role": "reviewer"}
        assert owner.post(reverse("admin:teams_membership_add"), data).status_code == 302
        assert world.project.memberships.get(user=person).role == Role.REVIEWER


def test_adding_members_names_nobody_else(world: World, owner: Client) -> None:
    assert "stranger" not in owner.get(reverse("admin:teams_membership_add")).content.decode()


@pytest.mark.parametrize("name", ["nobody", "viewer"])
def test_who_cannot_be_added_is_told(world: World, owner: Client, name: str) -> None:
    data = {"project": world.project.pk, "person": name, "role": "owner"}
    response = owner.post(reverse("admin:teams_membership_add"), data)
    assert response.status_code == 200
    assert response.context["adminform"].form.errors
    assert world.project.memberships.count() == 4


def test_nobody_is_added_to_a_project_of_others(world: World, owner: Client) -> None:
    data = {"project": world.other_project.pk, "person": "owner", "role": "owner"}
    response = owner.post(reverse("admin:teams_membership_add"), data)
    assert "project" in response.context["adminform"].form.errors
    assert world.other_project.memberships.count() == 1


def test_roles_change_and_the_last_owner_stays(world: World, owner: Client) -> None:
    memberships = {row.user_id: row for row in world.project.memberships.all()}
    last, viewer = memberships[world.owner.pk], memberships[world.viewer.pk]
    page = reverse("admin:teams_membership_change", args=[last.pk])
    response = owner.post(page, {"role": "viewer"}, follow=True)
    assert "last owner" in str(next(iter(response.context["messages"])))
    last.refresh_from_db()
    assert last.role == Role.OWNER
    response = owner.post(
        reverse("admin:teams_membership_delete", args=[last.pk]), {"post": "yes"}, follow=True
    )
    assert "last owner" in str(next(iter(response.context["messages"])))
    assert Membership.objects.filter(pk=last.pk).exists()
    page = reverse("admin:teams_membership_change", args=[viewer.pk])
    assert owner.post(page, {"role": "owner"}).status_code == 302
    page = reverse("admin:teams_membership_delete", args=[last.pk])
    assert owner.post(page, {"post": "yes"}).status_code == 302
    assert not Membership.objects.filter(pk=last.pk).exists()


def test_tokens_are_ones_own_and_can_be_revoked(world: World, owner: Client) -> None:
    mine, _ = issue_token(world.owner, "mine")
    theirs, _ = issue_token(world.viewer, "theirs")
    page = owner.get(reverse("admin:teams_apitoken_changelist"))
    assert list(page.context["cl"].result_list) == [mine]
    change = reverse("admin:teams_apitoken_change", args=[theirs.pk])
    assert owner.get(change).status_code == 302
    act(owner, "admin:teams_apitoken_changelist", "revoke", mine, theirs)
    assert ApiToken.objects.get(pk=mine.pk).revoked_at is not None
    assert ApiToken.objects.get(pk=theirs.pk).revoked_at is None


def test_a_superuser_adds_a_person(root: Client) -> None:
    data = {"username": "new", "password1": "correct horse 12", "password2": "correct horse 12"}
    data["usable_password"] = "true"
    response = root.post(reverse("admin:teams_user_add"), data)
    assert response.status_code == 302
    assert User.objects.get(username="new").check_password("correct horse 12")


def test_owners_do_not_manage_people(world: World, owner: Client) -> None:
    assert owner.get(reverse("admin:teams_user_changelist")).status_code == 403
    page = reverse("admin:teams_user_change", args=[world.owner.pk])
    assert owner.post(page, {"is_superuser": "on"}).status_code == 403
