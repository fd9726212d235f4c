"""What holds for the admin of every model."""

from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from observability.models import (
    Alert,
    CallHold,
    LLMCall,
    NodeCost,
    PayerCost,
    QualityRecord,
    RollupState,
    RunCosts,
    RunFigures,
    SpanCost,
    SpanQuality,
)
from reqplatform.teams.admin_base import RecordAdmin, SettingAdmin, SuperuserOnly, TeamAdmin
from reqplatform.teams.models import ApiToken, User
from runs.models import Run
from tests.admin.rows import populate, some
from tests.conftest import World

ROOMS = ("teams", "observability", "skills", "runs")
MODELS = [
    model
    for room in ROOMS
    for model in apps.get_app_config(room).get_models()
    if admin.site.is_registered(model)
]
SCOPED = [model for model in MODELS if isinstance(admin.site.get_model_admin(model), TeamAdmin)]
OF_PROJECTS = [
    model
    for model in SCOPED
    if not isinstance(admin.site.get_model_admin(model), SettingAdmin) and model is not ApiToken
]
RECORDS = [model for model in SCOPED if isinstance(admin.site.get_model_admin(model), RecordAdmin)]

MADE_ELSEWHERE = {
    "observability.Budget",  # with the project
    "observability.BudgetWindow",  # by the first call that is charged to it
    "runs.KeptFile",  # by uploading a file to import
    "runs.Specification",  # by uploading a file, which is read first
    "skills.Skill",  # by starting a draft
    "skills.SkillVersion",
}


def address(model: type[Model], view: str, row: Model | None = None) -> str:
    meta = model._meta
    args = [row.pk] if row is not None else []
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{view}", args=args)


def listed(client: Client, model: type[Model]) -> list[Model]:
    response = client.get(address(model, "changelist"))
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


# Reports show them; they are made again from calls and records at any time.
SUMS: set[type[Model]] = {PayerCost, SpanCost, RunCosts, RunFigures, SpanQuality, RollupState}


def test_every_model_has_an_admin() -> None:
    missing = [
        model._meta.label
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
        if not admin.site.is_registered(model) and model not in SUMS
    ]
    assert missing == []


def test_every_admin_of_ours_decides_by_membership() -> None:
    kinds = (TeamAdmin, SuperuserOnly)
    assert all(isinstance(admin.site.get_model_admin(model), kinds) for model in MODELS)


def test_a_superuser_opens_everything(root: Client) -> None:
    for model in MODELS:
        row = some(model)
        assert row in listed(root, model), model
        assert root.get(address(model, "change", row)).status_code == 200, model
        assert root.get(address(model, "history", row)).status_code == 200, model
        expected = 403 if model in RECORDS or model._meta.label in MADE_ELSEWHERE else 200
        assert root.get(address(model, "add")).status_code == expected, model


def test_an_owner_sees_the_rows_of_the_own_project(staffed: World) -> None:
    populate(staffed.other_project, staffed.stranger)
    client = staffed.client(staffed.owner)
    for model in OF_PROJECTS:
        mine, theirs = divided(model, staffed)
        assert mine, model
        assert theirs, model
        assert set(listed(client, model)) & theirs == set(), model
        assert mine <= set(listed(client, model)), model
        assert client.get(address(model, "change", mine.pop())).status_code == 200, model
        for row in theirs:
            assert client.get(address(model, "change", row)).status_code == 302, model


def divided(model: type[Model], world: World) -> tuple[set[Model], set[Model]]:
    """The rows of the world's project and of the other one, told apart without `for_user`."""
    found: dict[int, set[Model]] = {world.project.pk: set(), world.other_project.pk: set()}
    model_admin: Any = admin.site.get_model_admin(model)
    for row in model._default_manager.all():
        project = model_admin.project_of(row)
        if project is not None:  # the library's skills belong to nobody
            found[project.pk].add(row)
    return found[world.project.pk], found[world.other_project.pk]


def test_a_stranger_learns_nothing_even_by_filters(staffed: World) -> None:
    client = staffed.client(staffed.stranger)
    for model in OF_PROJECTS:
        page = client.get(address(model, "changelist")).content.decode()
        assert "survey" not in page.lower(), model
        assert not any(run.short_id in page for run in Run.objects.all()), model


@pytest.mark.parametrize("who", ["editor", "viewer", None])
def test_who_is_no_staff_gets_no_admin(staffed: World, who: str | None) -> None:
    client = staffed.client(getattr(staffed, who) if who else None)
    for model in MODELS:
        for page in (address(model, "changelist"), address(model, "change", some(model))):
            response = client.get(page)
            assert response.status_code == 302
            assert response["Location"].startswith("/admin/login/")


def test_nobody_changes_a_record(root: Client) -> None:
    for model in RECORDS:
        row = some(model)
        before = model._default_manager.filter(pk=row.pk).values().get()
        posts: tuple[tuple[str, dict[str, str]], ...] = (
            (address(model, "change", row), {"status": "completed"}),
            (address(model, "add"), {}),
            (address(model, "delete", row), {"post": "yes"}),
        )
        for page, values in posts:
            assert root.post(page, values).status_code == 403, page
        assert model._default_manager.filter(pk=row.pk).values().get() == before, model


def test_money_is_recorded_for_good() -> None:
    assert {Alert, CallHold, LLMCall, NodeCost, QualityRecord, Run} <= set(RECORDS)


def test_there_is_no_deleting_of_many_at_once(root: Client) -> None:
    for model in SCOPED:
        row = some(model)
        data = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
        root.post(address(model, "changelist"), data)
        assert model._default_manager.filter(pk=row.pk).exists(), model


def test_any_search_is_answered(root: Client) -> None:
    for model in MODELS:
        for words in ("abc", str(uuid4()), "%_\\' \""):
            response = root.get(address(model, "changelist"), {"q": words})
            assert response.status_code == 200, (model, words)


def test_lists_ask_as_often_for_ten_rows_as_for_two(staffed: World, root: Client) -> None:
    populate(staffed.project, staffed.owner)
    few = {model: _queries(root, model) for model in MODELS}
    for _ in range(8):
        populate(staffed.project, staffed.owner)
    many = {model: _queries(root, model) for model in MODELS}
    more = [model.__name__ for model in MODELS if len(many[model]) != len(few[model])]
    assert more == []
    assert max(len(queries) for queries in many.values()) <= 16


def _queries(client: Client, model: type[Model]) -> list[Any]:
    listed(client, model)  # what is asked once per process
    with CaptureQueriesContext(connection) as queries:
        listed(client, model)
    return list(queries.captured_queries)


@pytest.mark.parametrize(
    ("label", "column"),
    [
        ("runs.RevisionContent", "original"),
        ("runs.RevisionContent", "document"),
        ("runs.Checkpoint", "state"),
        ("runs.CheckpointWrite", "content"),
        ("runs.StoredExportPart", "content"),
        ("runs.KeptFile", "content"),
        ("observability.LLMCall", "prompt"),
        ("observability.LLMCall", "answer"),
        ("skills.DomainVersion", "text"),
        ("skills.DomainVersion", "content"),
    ],
)
def test_lists_never_load_what_is_long(root: Client, label: str, column: str) -> None:
    model = apps.get_model(label)
    table = model._meta.db_table
    selected = f'"{table}"."{column}"'
    for query in _queries(root, model):
        assert selected not in query["sql"].replace(f"LENGTH({selected})", ""), query["sql"]


def test_secrets_are_never_shown(staffed: World, root: Client) -> None:
    token = ApiToken.objects.get()
    person = staffed.owner
    pages = [
        root.get(address(ApiToken, "changelist")),
        root.get(address(ApiToken, "change", token)),
        root.get(address(User, "changelist")),
        root.get(address(User, "change", person)),
        root.get(address(User, "add")),
    ]
    for page in pages:
        text = page.content.decode()
        assert token.digest not in text
        assert person.password not in text
        assert person.password.split("$")[-1] not in text


def test_the_index_opens(root: Client, staffed: World) -> None:
    for client in (root, staffed.client(staffed.owner)):
        assert client.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("name", ["success", "failure", "schedule", "ormq"])
def test_the_task_queue_is_for_superusers(root: Client, staffed: World, name: str) -> None:
    page = reverse(f"admin:django_q_{name}_changelist")
    assert root.get(page).status_code == 200
    assert staffed.client(staffed.owner).get(page).status_code == 403
