"""What leads configure, and what runs do on their word, in the admin."""

import io
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from observability.models import LLMCall, ModelProfile, Route
from reqplatform.teams.models import Membership, Role, User
from runs.models import Requirement, Run, RunStatus, Subsystem
from tests import factories
from tests.admin.test_people import act
from tests.conftest import World
from tests.money import paid_model

RUNS = "admin:runs_run_changelist"


def staff(world: World, person: User) -> Client:
    User.objects.filter(pk=person.pk).update(is_staff=True)
    return world.client(User.objects.get(pk=person.pk))


@pytest.fixture
def owner(world: World) -> Client:
    return staff(world, world.owner)


@pytest.fixture
def profile(db: None) -> ModelProfile:
    return ModelProfile.objects.create(
        name="Analyst", provider="embedded", model="analyst-test", context_window=1000,
        max_output_tokens=100,
    )  # fmt: skip


def subsystem_form(**values: Any) -> dict[str, Any]:
    return {
        "code": "pwr",
        "name": "Power",
        "description": "Batteries",
        "interfaces": "",
        "keywords": "battery\n\n state of charge \n",
        **values,
    }


def test_an_owner_adds_a_subsystem(world: World, owner: Client) -> None:
    page = reverse("admin:runs_subsystem_add")
    assert owner.post(page, subsystem_form(project=world.project.pk)).status_code == 302
    made = Subsystem.objects.get(code="PWR")
    assert made.keywords == ["battery", "state of charge"]
    page = reverse("admin:runs_subsystem_change", args=[made.pk])
    assert "battery\nstate of charge" in owner.get(page).content.decode()
    data = subsystem_form(name="Energy", project=world.other_project.pk)
    assert owner.post(page, data).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.project) == ("Energy", world.project)


@pytest.mark.parametrize("wrong", [{"code": "1"}, {"code": "NAV"}, {"name": "navigation"}])
def test_a_subsystem_that_cannot_be_is_told(
    world: World, owner: Client, wrong: dict[str, str]
) -> None:
    factories.subsystem(world.project)
    data = subsystem_form(project=world.project.pk, **wrong)
    response = owner.post(reverse("admin:runs_subsystem_add"), data)
    assert response.status_code == 200
    assert response.context["adminform"].form.errors
    assert Subsystem.objects.count() == 1


def test_a_code_that_begins_identifiers_stays(world: World, owner: Client) -> None:
    factories.completed_run(world.project)
    subsystem = Requirement.objects.get(identifier="NAV-PERF-001").subsystem
    page = reverse("admin:runs_subsystem_change", args=[subsystem.pk])
    assert owner.post(page, subsystem_form()).status_code == 302
    subsystem.refresh_from_db()
    assert (subsystem.code, subsystem.name) == ("NAV", "Power")


def test_subsystems_of_others_are_out_of_reach(world: World, owner: Client) -> None:
    data = subsystem_form(project=world.other_project.pk)
    response = owner.post(reverse("admin:runs_subsystem_add"), data)
    assert "project" in response.context["adminform"].form.errors
    theirs = factories.subsystem(world.other_project)
    page = reverse("admin:runs_subsystem_change", args=[theirs.pk])
    assert owner.post(page, subsystem_form()).status_code == 302  # "does not exist"
    theirs.refresh_from_db()
    assert theirs.name == "Navigation"


def test_an_editor_reads_what_owners_configure(world: World) -> None:
    client = staff(world, world.editor)
    subsystem = factories.subsystem(world.project)
    page = reverse("admin:runs_subsystem_change", args=[subsystem.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, subsystem_form()).status_code == 403
    assert client.get(reverse("admin:runs_subsystem_add")).status_code == 403


def test_an_owner_routes_nodes_to_models(
    world: World, owner: Client, profile: ModelProfile
) -> None:
    data = {
        "project": world.project.pk,
        "node": "decompose",
        "position": 1,
        "profile": profile.pk,
        "temperature": "0",
    }
    page = reverse("admin:observability_route_add")
    assert owner.post(page, data).status_code == 302
    response = owner.post(page, {**data, "project": world.other_project.pk})
    assert "project" in response.context["adminform"].form.errors
    route = Route.objects.get()
    page = reverse("admin:observability_route_delete", args=[route.pk])
    assert owner.post(page, {"post": "yes"}).status_code == 302
    assert not Route.objects.exists()


def test_a_model_that_is_off_is_marked_and_a_removed_route_leaves_no_gap(
    world: World, owner: Client, profile: ModelProfile
) -> None:
    off = paid_model(enabled=False, disabled_reason="Switched off by root.")
    first, second = (
        Route.objects.create(project=world.project, node="decompose", position=at, profile=which)
        for at, which in ((1, off), (2, profile))
    )
    text = owner.get(reverse("admin:observability_route_changelist")).text
    assert "Off: Switched off by root." in text
    assert text.count("Off:") == 1
    page = reverse("admin:observability_route_delete", args=[first.pk])
    assert owner.post(page, {"post": "yes"}).status_code == 302
    second.refresh_from_db()
    assert second.position == 1


def test_no_route_for_what_asks_no_model(
    world: World, owner: Client, profile: ModelProfile
) -> None:
    page = reverse("admin:observability_route_add")
    data = {"project": world.project.pk, "position": 1, "profile": profile.pk, "temperature": "0"}
    response = owner.post(page, {**data, "node": "document"})
    assert "node" in response.context["adminform"].form.errors
    assert not Route.objects.exists()


def test_a_cap_above_the_models_most_is_told(world: World) -> None:
    root = world.client(factories.user("root", is_staff=True, is_superuser=True))
    data = {
        "name": "Mini", "provider": "openai", "model": "gpt-4o-mini", "context_window": "128000",
        "max_output_tokens": "100000", "answer_format": "text", "timeout_seconds": "60",
        "enabled": "on",
    }  # fmt: skip
    page = reverse("admin:observability_modelprofile_add")
    response = root.post(page, data)
    assert "answers with at most" in response.text
    assert root.post(page, {**data, "max_output_tokens": "16000"}).status_code == 302
    assert ModelProfile.objects.get(name="Mini").max_output_tokens == 16_000


def test_models_are_the_superusers(world: World, owner: Client, profile: ModelProfile) -> None:
    page = reverse("admin:observability_modelprofile_change", args=[profile.pk])
    assert owner.get(page).status_code == 200
    assert owner.post(page, {"name": "Mine"}).status_code == 403
    root = world.client(factories.user("root", is_staff=True, is_superuser=True))
    data = {
        "name": "Renamed",
        "provider": "embedded",
        "model": "analyst-test",
        "context_window": "1000",
        "max_output_tokens": "100",
        "answer_format": "text",
        "timeout_seconds": "60",
        "enabled": "on",
    }
    assert root.post(page, data).status_code == 302
    profile.refresh_from_db()
    assert profile.name == "Renamed"


def test_a_model_that_was_called_cannot_be_deleted(world: World, profile: ModelProfile) -> None:
    run = factories.run(world.project)
    LLMCall.objects.create(
        project=run.project, run=run, node="decompose", profile=profile, provider="embedded",
        model="analyst-test", request_key="k", held_nusd=2_000_000,
    )  # fmt: skip
    root = world.client(factories.user("root", is_staff=True, is_superuser=True))
    page = reverse("admin:observability_modelprofile_delete", args=[profile.pk])
    root.post(page, {"post": "yes"})
    assert ModelProfile.objects.filter(pk=profile.pk).exists()


def test_an_unknown_cost_is_never_zero(world: World, owner: Client, profile: ModelProfile) -> None:
    run = factories.run(world.project)
    call = LLMCall.objects.create(
        project=run.project, run=run, node="decompose", profile=profile, provider="embedded",
        model="analyst-test", request_key="k", held_nusd=1_500_000,
    )  # fmt: skip
    for page in (
        reverse("admin:observability_llmcall_changelist"),
        reverse("admin:observability_llmcall_change", args=[call.pk]),
    ):
        text = owner.get(page).content.decode()
        assert "up to $0.0015" in text
        assert "$0.00<" not in text


def test_runs_are_cancelled_and_resumed_by_actions(world: World, owner: Client) -> None:
    run = factories.run(world.project)
    done = factories.completed_run(world.project)
    told = act(owner, RUNS, "cancel", run, done)
    assert "1 cancelled." in told
    assert any("there is nothing to stop" in message for message in told)
    run.refresh_from_db()
    done.refresh_from_db()
    assert (run.status, done.status) == (RunStatus.CANCELLED, RunStatus.COMPLETED)
    assert run.events.count() == 1
    assert act(owner, RUNS, "resume", run) == ["1 queued again."]
    run.refresh_from_db()
    assert run.status == RunStatus.QUEUED


def test_a_run_that_missed_its_gate_is_told_from_one_that_passed(
    world: World, owner: Client
) -> None:
    factories.completed_run(world.project)
    assert "gate missed" not in owner.get(reverse(RUNS)).content.decode()
    factories.completed_run(world.project, gate_passed=False)
    assert "Completed, gate missed" in owner.get(reverse(RUNS)).content.decode()


def test_viewers_and_strangers_stop_nothing(world: World) -> None:
    run = factories.run(world.project)
    told = act(staff(world, world.viewer), RUNS, "cancel", run)
    assert any("This needs the role Editor" in message for message in told)
    act(staff(world, world.stranger), RUNS, "cancel", run)
    run.refresh_from_db()
    assert run.status == RunStatus.QUEUED


def test_a_run_is_started_from_a_revision_on_its_page(world: World, owner: Client) -> None:
    revision = factories.revision(world.project)
    change = owner.get(reverse("admin:runs_revision_change", args=[revision.pk]))
    page = reverse("admin:runs_revision_start_run", args=[revision.pk])
    assert page in change.content.decode()
    response = owner.get(page)
    assert response.status_code == 302
    assert response["Location"] == f"/projects/survey/runs/new?revision={revision.pk}"
    assert staff(world, world.stranger).get(page).status_code == 404
    assert not Run.objects.exists()


def test_files_of_a_run_are_for_members(world: World, owner: Client) -> None:
    run = factories.completed_run(world.project)
    page = reverse("admin:runs_run_download", args=[run.pk])
    response = owner.get(page)
    assert f"run-{run.short_id}.zip" in response["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(response.content)) as files:
        assert f"run-{run.short_id}/traceability.csv" in files.namelist()
    assert staff(world, world.stranger).get(page).status_code == 404
    assert world.client(world.viewer).get(page).status_code == 302


def test_files_of_a_run_that_has_not_completed_are_refused(world: World, owner: Client) -> None:
    run = factories.run(world.project, status="failed")
    response = owner.get(reverse("admin:runs_run_download", args=[run.pk]), follow=True)
    assert response["Content-Type"].startswith("text/html")
    assert "The run is failed; its files exist once it has completed" in response.text


def test_runs_that_a_budget_stopped_can_be_found(world: World, owner: Client) -> None:
    factories.run(world.project)
    stopped = factories.run(world.project, status=RunStatus.OUT_OF_BUDGET)
    page = owner.get(reverse(RUNS), {"status__exact": "out_of_budget"})
    assert list(page.context["cl"].result_list) == [stopped]


@pytest.mark.parametrize(
    ("code", "name", "said"),
    [
        ("nav", "Other", "The project has a subsystem of the code NAV already: Navigation."),
        ("OTH", "NAVIGATION", "The project has a subsystem of the name Navigation already: NAV."),
        ("ab\u00df", "Other", "The code must be 2 to 10 capital letters"),
        ("OTH", "\u202e\x1b", "The subsystem needs a name."),
    ],
)
def test_a_subsystem_that_cannot_be_saved_is_told_in_words(
    world: World, owner: Client, code: str, name: str, said: str
) -> None:
    factories.subsystem(world.project)
    response = owner.post(
        reverse("admin:runs_subsystem_add"),
        {"project": world.project.pk, "code": code, "name": name, "keywords": ""},
    )
    assert said in response.text
    assert "Constraint" not in response.text
    assert Subsystem.objects.count() == 1


def test_what_people_typed_stays_text(world: World, owner: Client) -> None:
    bad = "<script>alert(1)</script>"
    run = factories.completed_run(world.project)
    run.revision.specification.title = bad
    run.revision.specification.save(update_fields=["title"])
    for page in (
        reverse(RUNS),
        reverse("admin:runs_run_change", args=[run.pk]),
        reverse("admin:runs_specification_changelist"),
        reverse("admin:runs_revision_changelist"),
    ):
        text = owner.get(page).content.decode()
        assert bad not in text
        assert "&lt;script&gt;alert" in text


def test_filters_offer_the_projects_of_the_person(world: World, owner: Client) -> None:
    factories.completed_run(world.project)
    factories.completed_run(world.other_project)
    page = owner.get(reverse(RUNS)).content.decode()
    assert "Survey vessel" in page
    assert "Other project" not in page
    Membership.objects.create(project=world.other_project, user=world.owner, role=Role.VIEWER)
    assert "Other project" in owner.get(reverse(RUNS)).content.decode()
