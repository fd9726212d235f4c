"""Methods in the admin: members see their project's, owners edit drafts, nothing used changes."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from reqplatform.teams.models import User
from skills.actions.activation import activate
from skills.actions.drafts import Draft, create_library_draft, create_variant, edit_draft
from skills.loading import load_library
from skills.models import Skill, SkillSlug, SkillVersion, VersionStatus
from tests import factories
from tests.conftest import World

SLUG = SkillSlug.SYSTEM_ANALYSIS
VERSIONS = "admin:skills_skillversion_changelist"
CHANGE = "admin:skills_skillversion_change"
DELETE = "admin:skills_skillversion_delete"


@pytest.fixture(autouse=True)
def _staff(world: World) -> None:
    load_library()
    User.objects.update(is_staff=True)


@pytest.fixture
def draft(world: World) -> SkillVersion:
    made = create_variant(world.owner, world.project, SLUG)
    return edit_draft(world.owner, made, Draft({}, "# Mine\n", "Mine."), seen=made.fingerprint)


def form_of(version: SkillVersion, **changes: object) -> dict[str, object]:
    values = {
        "changelog": "Changed.",
        "parameters": json.dumps({"max_children_per_parent": 2}),
        "body": "# Changed\r\n",
        "seen": version.fingerprint,
    }
    return {**values, **changes}


def save(client: Client, version: SkillVersion, **changes: object) -> str:
    data = form_of(version, **changes)
    response = client.post(reverse(CHANGE, args=[version.pk]), data, follow=True)
    return response.content.decode().replace("&#x27;", "'").replace("&quot;", '"')


@pytest.mark.parametrize(
    ("person", "sees"),
    [("owner", True), ("editor", True), ("viewer", True), ("stranger", False)],
)
def test_staff_see_the_library_and_their_own_projects(
    world: World, draft: SkillVersion, person: str, sees: bool
) -> None:
    client = world.client(getattr(world, person))
    page = client.get(reverse(VERSIONS)).content.decode()
    assert "Requirement extraction v1" in page
    assert (f"/admin/skills/skillversion/{draft.pk}/" in page) is sees
    assert (client.get(reverse(CHANGE, args=[draft.pk])).status_code == 200) is sees


def test_who_is_not_staff_or_not_signed_in_is_sent_away(world: World) -> None:
    User.objects.update(is_staff=False)
    for client in (world.client(world.owner), world.client(None)):
        response = client.get(reverse(VERSIONS))
        assert response.status_code == 302
        assert "login" in response.headers["Location"]


def test_an_owner_edits_a_draft(world: World, draft: SkillVersion) -> None:
    save(world.client(world.owner), draft)
    draft.refresh_from_db()
    assert (draft.body, draft.changelog) == ("# Changed\n", "Changed.")
    assert draft.parameters["max_children_per_parent"] == 2
    assert draft.is_draft


@pytest.mark.parametrize("person", ["editor", "reviewer", "viewer", "stranger"])
def test_others_do_not(world: World, draft: SkillVersion, person: str) -> None:
    save(world.client(getattr(world, person)), draft)
    client = world.client(getattr(world, person))
    client.post(reverse(DELETE, args=[draft.pk]), {"post": "yes"})
    draft.refresh_from_db()
    assert draft.body == "# Mine\n"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"parameters": '{"max_children_per_parent": 99}'}, "max_children_per_parent"),
        ({"parameters": '{"depth": 1}'}, "There is no parameter 'depth'"),
        ({"parameters": "[1]"}, "must be an object"),
        ({"parameters": "{"}, "Enter a valid JSON"),
        ({"body": "x" * 50_001}, "at most 50,000"),
        ({"seen": "0" * 64}, "has changed this draft since you opened it"),
    ],
)
def test_what_cannot_be_saved_is_said(
    world: World, draft: SkillVersion, changes: dict[str, object], complaint: str
) -> None:
    assert complaint in save(world.client(world.owner), draft, **changes)
    draft.refresh_from_db()
    assert draft.body == "# Mine\n"


def test_a_used_version_is_read_only_even_for_a_superuser(
    world: World, draft: SkillVersion
) -> None:
    used = activate(world.owner, draft, seen=draft.fingerprint, seen_active=None)
    client = world.client(factories.user("root", is_superuser=True, is_staff=True))
    assert 'name="body"' not in client.get(reverse(CHANGE, args=[used.pk])).content.decode()
    assert client.post(reverse(CHANGE, args=[used.pk]), form_of(used)).status_code == 403
    assert client.post(reverse(DELETE, args=[used.pk]), {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [used.pk], "post": "yes"}
    client.post(reverse(VERSIONS), data)
    used.refresh_from_db()
    assert (used.body, used.status) == ("# Mine\n", "active")


def test_only_superusers_edit_the_library(world: World) -> None:
    shared = create_library_draft(None, SLUG)
    body = shared.body
    save(world.client(world.owner), shared)
    shared.refresh_from_db()
    assert shared.body == body
    save(world.client(factories.user("root", is_superuser=True, is_staff=True)), shared)
    shared.refresh_from_db()
    assert shared.body == "# Changed\n"


def test_drafts_are_started_activated_and_rolled_back_to(world: World, draft: SkillVersion) -> None:
    client = world.client(world.owner)

    def choose(name: str, address: str, *rows: object) -> None:
        client.post(reverse(address), {"action": name, "_selected_action": list(rows)})

    choose("activate_drafts", VERSIONS, draft.pk)
    draft.refresh_from_db()
    assert draft.status == VersionStatus.ACTIVE

    skill = Skill.objects.get(project=world.project)
    choose("start_draft", "admin:skills_skill_changelist", skill.pk)
    second = SkillVersion.objects.get(skill=skill, number=2)
    save(client, second)
    choose("activate_drafts", VERSIONS, second.pk)
    choose("roll_back_to", VERSIONS, draft.pk)
    draft.refresh_from_db()
    second.refresh_from_db()
    assert (draft.status, second.status) == (VersionStatus.ACTIVE, VersionStatus.RETIRED)


def test_a_viewer_activates_nothing(world: World, draft: SkillVersion) -> None:
    data = {"action": "activate_drafts", "_selected_action": [draft.pk]}
    world.client(world.viewer).post(reverse(VERSIONS), data)
    draft.refresh_from_db()
    assert draft.is_draft


def test_a_draft_is_discarded(world: World, draft: SkillVersion) -> None:
    world.client(world.owner).post(reverse(DELETE, args=[draft.pk]), {"post": "yes"})
    assert not SkillVersion.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize("name", ["skill", "skillversion"])
def test_a_longer_list_takes_no_more_queries(
    world: World, draft: SkillVersion, name: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    client = world.client(world.owner)
    address = reverse(f"admin:skills_{name}_changelist")
    with CaptureQueriesContext(connection) as short:
        client.get(address)
    for slug in (SkillSlug.EXTRACTION, SkillSlug.DECOMPOSITION, SkillSlug.QUALITY_VALIDATION):
        create_variant(world.owner, world.project, slug)
    with django_assert_num_queries(len(short)):
        assert client.get(address).status_code == 200
