"""Spreadsheets from the admin: what the person sees, and nothing else."""

from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client

from observability.models import LLMCall, ModelProfile
from observability.sheets.admin import SheetExport
from reqplatform.teams.models import Membership, User
from runs.actions.exports_writing import write_export
from runs.models import ExportState, Requirement, RequirementVersion, Run, StoredExport, Subsystem
from runs.sheets.listings import OF_MODELS
from runs.sheets.writing import MEDIA_TYPES
from tests import factories
from tests.admin.rows import populate
from tests.admin.test_every_admin import address
from tests.conftest import World
from tests.runs.sheets.reading import formulas, read

EXPORTED = [model for model in OF_MODELS if admin.site.is_registered(model)]
WANTED = {
    "Alert", "BudgetWindow", "LLMCall", "ModelProfile", "NodeCost", "QualityIssue",
    "QualityRecord", "Requirement", "RequirementVersion", "Run", "SourceRequirement",
    "Subsystem", "TraceLink",
}  # fmt: skip


def export(
    client: Client, model: type[Model], style: str = "csv", query: str = "", **more: Any
) -> Any:
    """As the form posts it, with all columns."""
    page = f"{address(model, 'export')}{query}"
    form = client.get(page).context["form"]
    fields = {name: "on" for name in form.fields if "resource_" in name}
    places = [value for value, _ in form.fields["format"].choices]
    shown = [str(label) for _, label in form.fields["format"].choices]
    return client.post(page, {**fields, "format": places[shown.index(style)], **more})


def keys(rows: list[list[Any]]) -> set[str]:
    return {str(row[0]) for row in rows[1:]}


def test_every_list_with_many_rows_can_be_exported() -> None:
    of_admins = {
        model.__name__
        for model, model_admin in admin.site._registry.items()
        if isinstance(model_admin, SheetExport)
    }
    assert of_admins == WANTED


@pytest.mark.parametrize("style", sorted(MEDIA_TYPES))
def test_an_owner_exports_the_own_rows_only(staffed: World, style: str) -> None:
    populate(staffed.other_project, staffed.stranger)
    client = staffed.client(staffed.owner)
    for model in EXPORTED:
        answer = export(client, model, style)
        assert answer.status_code == 200, model
        rows = read(answer.content, style)
        listed = client.get(address(model, "changelist")).context["cl"].result_count
        assert len(rows) - 1 == listed > 0, model
        text = "\n".join(str(cell) for row in rows for cell in row)
        assert "other" not in text.split(), model  # the slug of the other project
        assert formulas(answer.content, style) == 0


def test_rows_that_are_ticked_and_not_ones_own_are_left_out(staffed: World) -> None:
    populate(staffed.other_project, staffed.stranger)
    client = staffed.client(staffed.owner)
    mine = Run.objects.filter(project=staffed.project)[0]
    theirs = Run.objects.filter(project=staffed.other_project)[0]
    both = [str(mine.pk), str(theirs.pk)]
    page = client.post(
        address(Run, "changelist"), {"action": "export_admin_action", "_selected_action": both}
    )
    assert str(theirs.pk) not in page.content.decode()
    answer = export(client, Run, export_items=[str(mine.pk)])
    assert keys(read(answer.content, "csv")) == {str(mine.pk)}
    for ticked in (both, [str(theirs.pk)], ["nonsense"]):
        answer = export(client, Run, export_items=ticked)  # a form that was tampered with
        assert answer["Content-Type"].startswith("text/html")
        assert "export_items" in answer.context["form"].errors


def test_filters_and_searches_of_the_list_hold(staffed: World) -> None:
    queued = factories.run(staffed.project)
    client = staffed.client(staffed.owner)
    rows = read(export(client, Run, query="?status__exact=queued").content, "csv")
    assert keys(rows) == {str(queued.pk)}
    rows = read(export(client, Run, query=f"?q={queued.pk}").content, "csv")
    assert keys(rows) == {str(queued.pk)}


def test_all_rows_of_a_filtered_list_are_a_filter(staffed: World) -> None:
    client = staffed.client(staffed.owner)
    answer = client.post(
        f"{address(Run, 'changelist')}?status__exact=completed",
        {
            "action": "export_admin_action",
            "select_across": "1",
            "_selected_action": [str(Run.objects.filter(project=staffed.project)[0].pk)],
        },
    )
    assert answer["Location"] == f"{address(Run, 'export')}?status__exact=completed"


def test_some_columns_only(staffed: World) -> None:
    client = staffed.client(staffed.owner)
    page = address(Subsystem, "export")
    form = client.get(page).context["form"]
    chosen = [name for name in form.fields if name.endswith(("_code", "_name"))]
    answer = client.post(page, {**dict.fromkeys(chosen, "on"), "format": "0"})
    assert read(answer.content, "csv")[0] == ["code", "name"]


def test_who_may_not_see_a_list_may_not_export_it(staffed: World) -> None:
    for model in EXPORTED:
        page = address(model, "export")
        for who in (staffed.viewer, None):
            answer = staffed.client(who).get(page)
            assert answer.status_code == 302
            assert answer["Location"].startswith("/admin/login/")
        stranger = staffed.client(staffed.stranger)
        if model is not ModelProfile:  # of the whole installation
            assert len(read(export(stranger, model).content, "csv")) == 1, model


def test_secrets_and_prompts_stay_where_they_are(staffed: World) -> None:
    LLMCall.objects.update(prompt=[{"content": "the secret prompt"}], answer="the secret answer")
    ModelProfile.objects.update(api_key_env="SOME_API_KEY")
    client = staffed.client(staffed.owner)
    for model in (LLMCall, ModelProfile):
        text = export(client, model).content.decode()
        assert "secret" not in text
        assert "API_KEY" not in text


def test_a_requirement_comes_with_its_parents(staffed: World) -> None:
    client = staffed.client(staffed.owner)
    rows = read(export(client, RequirementVersion).content, "csv")
    assert {row[rows[0].index("parents")] for row in rows[1:]} == {"SYS-001"}
    rows = read(export(client, Requirement).content, "csv")
    said = {row[0]: row[rows[0].index("parents")] for row in rows[1:]}
    assert said["NAV-PERF-001"] == "SYS-001"


def test_a_large_list_is_stored_as_it_was_filtered(
    staffed: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(3):
        factories.run(staffed.project)
    monkeypatch.setattr("runs.sheets.listings.AT_ONCE", 2)
    client = staffed.client(staffed.owner)
    answer = export(client, Run, "xlsx", "?status__exact=queued")
    assert answer["Location"] == "/projects/survey/exports/"
    stored = StoredExport.objects.get(state=ExportState.QUEUED)
    assert (stored.what, stored.owner) == ("admin:runs.run", staffed.owner)
    assert write_export(stored.pk)
    content = b"".join(bytes(part.content) for part in stored.parts.all())
    assert len(read(content, "xlsx")) == 4
    stored.refresh_from_db()
    assert stored.filename.endswith(".xlsx")


def test_a_large_list_of_several_projects_is_refused_with_what_to_do(
    staffed: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("runs.sheets.listings.AT_ONCE", 2)
    populate(staffed.other_project, staffed.stranger)
    factories.run(staffed.project)
    root = staffed.client(factories.user("root", is_staff=True, is_superuser=True))
    answer = export(root, Run)
    page = root.get(answer["Location"]).content.decode()
    assert "filter the list by a project" in page
    assert not StoredExport.objects.filter(state=ExportState.QUEUED).exists()


def test_who_is_no_staff_any_more_gets_no_list_of_the_admin(
    staffed: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(3):
        factories.run(staffed.project)
    monkeypatch.setattr("runs.sheets.listings.AT_ONCE", 2)
    export(staffed.client(staffed.owner), Run)
    User.objects.filter(pk=staffed.owner.pk).update(is_staff=False)
    stored = StoredExport.objects.get(state=ExportState.QUEUED)
    assert not write_export(stored.pk)
    stored.refresh_from_db()
    assert (stored.state, "not staff" in stored.reason) == (ExportState.FAILED, True)
    Membership.objects.filter(user=staffed.owner).delete()
