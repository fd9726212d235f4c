"""Who may do what, for every operation that is registered: one without a row here fails."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from observability.alerts import raise_alert
from observability.models import Alert, AlertCause, AlertRule, Budget
from reqplatform.api import api
from reqplatform.teams.models import User
from runs.models import Campaign, Dismissal, Run, StoredExport, Subsystem
from skills.actions.domains import save_domain
from tests import factories
from tests.api.conftest import Caller, give_text, problem
from tests.conftest import World


@dataclass(frozen=True)
class Row:
    path: str
    least: str = "viewer"  # the least role that may
    body: dict[str, Any] | None = None
    public: bool = False  # lists only what is the caller's own, so a stranger sees an empty answer
    conflict: bool = False  # allowed, but the completed run of this test is not in a state for it


SUBSYSTEM = {"code": "PWR", "name": "Power"}
CAMPAIGN = {"revision": "{revision}"}
RUN = {"revision": "{revision}", "subsystem": "NAV"}
REVIEW = {"decision": "approved"}
LIMITS = {"warn": "1", "stop": "2"}

MATRIX = {
    "list_projects": Row("/projects", public=True),
    "get_project": Row("/projects/survey"),
    "get_domain": Row("/projects/survey/domain"),
    "list_budgets": Row("/projects/survey/budgets"),
    "patch_budget": Row("/projects/survey/budgets/day", "owner", LIMITS),
    "list_subsystems": Row("/projects/survey/subsystems"),
    "create_subsystem": Row("/projects/survey/subsystems", "editor", SUBSYSTEM),
    "list_specifications": Row("/projects/survey/specifications"),
    "upload_specification": Row("/projects/survey/specifications", "editor", {"file": "upload"}),
    "get_specification": Row("/specifications/{specification}"),
    "get_revision": Row("/revisions/{revision}"),
    "get_revision_text": Row("/revisions/{revision}/text"),
    "list_source_requirements": Row("/revisions/{revision}/requirements"),
    "list_runs": Row("/projects/survey/runs"),
    "create_run": Row("/projects/survey/runs", "editor", RUN),
    "create_estimate": Row("/projects/survey/estimates", "editor", RUN),
    "get_run": Row("/runs/{run}"),
    "get_run_budget": Row("/runs/{run}/budget"),
    "patch_run_budget": Row("/runs/{run}/budget", "owner", LIMITS),
    "list_calls": Row("/runs/{run}/calls"),
    "list_events": Row("/runs/{run}/events"),
    "post_cancel": Row("/runs/{run}/cancel", "editor", {}, conflict=True),
    "post_resume": Row("/runs/{run}/resume", "editor", {}, conflict=True),
    "post_review": Row("/runs/{run}/review", "reviewer", REVIEW, conflict=True),
    "list_requirements": Row("/runs/{run}/requirements"),
    "list_links": Row("/runs/{run}/links"),
    "list_issues": Row("/runs/{run}/issues"),
    "list_dismissals": Row("/projects/survey/dismissals"),
    "post_dismiss": Row("/issues/{issue}/dismiss", "editor", {"reason": "Clear to us."}),
    "post_withdraw": Row("/dismissals/{dismissal}/withdraw", "editor", {}),
    "list_quality": Row("/runs/{run}/quality"),
    "list_proofs": Row("/runs/{run}/proofs"),
    "list_allocations": Row("/runs/{run}/allocations"),
    "list_campaigns": Row("/projects/survey/campaigns"),
    "create_campaign": Row("/projects/survey/campaigns", "editor", CAMPAIGN),
    "create_campaign_estimate": Row("/projects/survey/campaign-estimates", "editor", CAMPAIGN),
    "get_campaign": Row("/campaigns/{campaign}"),
    "post_cancel_campaign": Row("/campaigns/{campaign}/cancel", "editor", {}, conflict=True),
    "post_resume_campaign": Row("/campaigns/{campaign}/resume", "editor", {}, conflict=True),
    "list_coverage": Row("/campaigns/{campaign}/coverage"),
    "list_campaign_files": Row("/campaigns/{campaign}/files"),
    "get_campaign_file": Row("/campaigns/{campaign}/files/coverage.csv"),
    "get_campaign_archive": Row("/campaigns/{campaign}/archive"),
    "list_files": Row("/runs/{run}/files"),
    "get_file": Row("/runs/{run}/files/requirements.md"),
    "get_archive": Row("/runs/{run}/archive"),
    "list_alerts": Row("/projects/survey/alerts"),
    "post_acknowledge": Row("/alerts/{alert}/acknowledge", "editor", {}),
    "list_rules": Row("/projects/survey/alert-rules"),
    "post_mute": Row("/projects/survey/alert-rules/run_failed/mute", "editor", {}),
    "post_lint": Row("/projects/survey/lint", body={"text": "The unit shall be fast."}),
    "get_sheet": Row("/projects/survey/sheets/runs"),
    "create_export": Row("/projects/survey/exports", "viewer", {"list": "runs", "format": "xlsx"}),
    "list_exports": Row("/projects/survey/exports"),
    "get_export": Row("/exports/{export}"),
    "post_cancel_export": Row("/exports/{export}/cancel", "viewer", {}, conflict=True),
    "get_export_file": Row("/exports/{export}/file"),
    "get_cost_report": Row("/projects/survey/reports/cost"),
    "get_quality_report": Row("/projects/survey/reports/quality"),
    "get_model_report": Row("/projects/survey/reports/models"),
    "get_run_comparison": Row("/projects/survey/reports/runs?run={run}"),
    "get_subsystem_report": Row("/projects/survey/reports/subsystems"),
    "get_energy_report": Row("/projects/survey/reports/energy"),
    "list_counted_calls": Row("/projects/survey/reports/cost/calls"),
    "list_begun_runs": Row("/projects/survey/reports/cost/runs"),
    "list_judged_runs": Row("/projects/survey/reports/quality/runs"),
}
OPEN = {"root", "no_such_path"}  # they say where nothing is, and show nothing
ROLES = ("viewer", "reviewer", "editor", "owner")


def registered() -> dict[str, tuple[str, str]]:
    """Every operation by its name: method and path, also those that no schema shows."""
    return {
        operation.view_func.__name__: (method, path)
        for _, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }


@pytest.fixture
def run(world: World, methods: None) -> Run:
    done = factories.completed_run(world.project)
    give_text(done.revision)
    done.campaign = factories.campaign(world.project, done.revision)
    done.save(update_fields=["campaign"])
    factories.dismissal(done)
    for role in ROLES:  # a stored export is its owner's alone
        factories.stored_export(getattr(world, role), world.project)
    save_domain(None, world.project, "# Survey\n\n## System\nIt surveys.\n")
    AlertRule.objects.create(project=world.project, cause=AlertCause.RUN_FAILED)
    raise_alert(world.project.pk, AlertCause.RUN_FAILED, f"run {done.pk}", "It failed.")
    return done


def send(caller: Caller, name: str, run: Run, whose: str = "viewer") -> Any:
    method, _ = registered()[name]
    row = MATRIX[name]
    names = {
        "run": str(run.pk),
        "campaign": str(run.campaign_id),
        "revision": str(run.revision_id),
        "specification": str(run.revision.specification_id),
        "issue": str(run.quality_issues.filter(rule="vague-term").get().pk),
        "alert": str(Alert.objects.get().pk),
        "export": str(StoredExport.objects.get(owner__username=whose, format="csv").pk),
        "dismissal": str(Dismissal.objects.get(rule="negative").pk),
    }
    path = row.path.format(**names)
    if method == "GET":
        return caller.get(path)
    if row.body == {"file": "upload"}:
        file = SimpleUploadedFile("new.txt", b"1 Power\n\nThe unit shall deliver 5 W.\n")
        return caller.upload(path, file=file)
    body = {key: value.format(**names) for key, value in (row.body or {}).items()}
    return caller.post(path, body) if method == "POST" else caller.patch(path, body)


def test_every_operation_has_a_row() -> None:
    assert set(registered()) == set(MATRIX) | OPEN


@pytest.mark.parametrize("name", sorted(MATRIX))
def test_a_row_is_about_its_operation(name: str) -> None:
    _, path = registered()[name]
    shape = [part.startswith("{") or part for part in path.split("/")]
    row = MATRIX[name].path.partition("?")[0].split("/")
    assert len(row) == len(shape)
    assert all(fixed is True or fixed == part for fixed, part in zip(shape, row, strict=True))


@pytest.mark.parametrize("name", sorted(MATRIX))
def test_anonymous(name: str, call: Callable[[User | None], Caller], run: Run) -> None:
    response = send(call(None), name, run)
    problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("name", sorted(MATRIX))
def test_stranger(name: str, call: Callable[[User | None], Caller], run: Run, world: World) -> None:
    response = send(call(world.stranger), name, run)
    if MATRIX[name].public:
        assert response.status_code == 200
        assert "survey" not in response.content.decode()
    else:
        body = problem(response, 404, "not_found")
        assert "Survey" not in body["detail"]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", sorted(MATRIX))
def test_members(
    name: str, role: str, call: Callable[[User | None], Caller], run: Run, world: World
) -> None:
    row = MATRIX[name]
    response = send(call(getattr(world, role)), name, run, whose=role)
    if ROLES.index(role) < ROLES.index(row.least):
        problem(response, 403, "not_allowed")
    elif row.conflict:
        problem(response, 409, "conflict")
    else:
        assert response.status_code in {200, 201}, response.content


@pytest.mark.parametrize("name", sorted(set(MATRIX) - {"list_projects"}))
def test_the_browser_session_sees_the_same(name: str, run: Run, world: World) -> None:
    """A session is refused what it may not do exactly as a token is."""

    problem(send(Caller(client=world.client(world.stranger)), name, run), 404, "not_found")
    response = send(Caller(client=world.client(world.viewer)), name, run)
    if MATRIX[name].least != "viewer":
        problem(response, 403, "not_allowed")
    elif MATRIX[name].conflict:
        problem(response, 409, "conflict")
    else:
        assert response.status_code in {200, 201}


def test_nothing_was_written_for_those_who_may_not(
    call: Callable[[User | None], Caller], run: Run, world: World
) -> None:
    for name in MATRIX:
        for who in (None, world.stranger, world.viewer):
            send(call(who), name, run)
    assert Run.objects.count() == 1
    assert Campaign.objects.count() == 1
    assert Subsystem.objects.filter(code="PWR").count() == 0
    assert not Budget.objects.filter(scope="day", max_nusd__isnull=False).exists()
    assert world.project.specifications.count() == 1
