"""The page of a project's budgets, and the forms of their limits."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from observability.budgets import Payer, set_limits, windows_of
from observability.models import Budget, BudgetWindow, Scope
from reqplatform.teams.models import Project
from runs.models import Run, RunStatus
from tests import factories, money
from tests.audience import check_page
from tests.conftest import World
from tests.money import CENT, DOLLAR

URL = "/projects/survey/budgets/"


@pytest.fixture
def run(world: World) -> Run:
    return factories.run(world.project, status=RunStatus.RUNNING, group="nightly")


def window_of(run: Run, scope: Scope = Scope.RUN) -> BudgetWindow:
    opened = windows_of(Payer(run.project_id, run.pk, run.group))
    return BudgetWindow.objects.get(pk__in=opened, budget__scope=scope)


def limits(row: Budget | BudgetWindow) -> tuple[int | None, int | None]:
    row.refresh_from_db()
    return row.warn_nusd, row.max_nusd


def budget(world: World, scope: Scope = Scope.RUN) -> Budget:
    return Budget.objects.get(project=world.project, scope=scope)


def test_who_may(world: World, run: Run) -> None:
    check_page(world, URL)
    check_page(world, f"{URL}day/", least="owner")
    check_page(world, f"/budget-accounts/{window_of(run).pk}/", least="owner")


def test_every_budget_with_its_open_accounts(world: World, run: Run) -> None:
    done = factories.completed_run(world.project)
    money.paid_call(done)
    money.paid_call(run, 2 * DOLLAR, held_nusd=2 * DOLLAR)
    money.held_call(run, CENT)
    money.unconfirmed_call(run, 3 * CENT)
    answer = world.client(world.viewer).get(URL)
    rows = answer.context["budgets"]
    assert [row.budget.scope for row in rows] == ["run", "group", "day", "month", "total"]
    assert [len(row.accounts) for row in rows] == [1, 1, 1, 1, 1]  # the run that is over is not one
    for words in (
        "warns at <strong>$1.00</strong>", "stops at <strong>$5.00</strong>", f"Run {run.short_id}",
        "Group nightly", "$2.0300", "$0.0100", "$0.0300", "$2.9600", "Past its warning",
        "Project in total", "Owners change the limits", f"/runs/{run.pk}/",
    ):  # fmt: skip
        assert words in answer.text, words
    assert "Change" not in answer.text.split("<h1>")[1].split("Owners change")[1]


def test_an_owner_who_is_not_staff_sets_a_budget(world: World, run: Run) -> None:
    assert not world.owner.is_staff
    client = world.client(world.owner)
    assert f"{URL}run/" in client.get(URL).text
    text = client.get(f"{URL}run/").text
    assert 'value="1.00"' in text
    assert 'value="5.00"' in text
    answer = client.post(f"{URL}run/", {"warn": "2", "stop": "7.50"}, follow=True)
    assert "Raised to $7.50." in answer.text
    assert limits(budget(world)) == (2 * DOLLAR, 750 * CENT)


def test_the_stop_of_one_run(world: World, run: Run) -> None:
    window = window_of(run)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.OUT_OF_BUDGET)
    page = f"/budget-accounts/{window.pk}/"
    data = {"warn": "1", "stop": "8", "run": str(run.pk)}
    answer = world.client(world.owner).post(page, data, follow=True)
    assert answer.redirect_chain[-1][0] == f"/runs/{run.pk}/"
    assert "Raised to $8.00: press Resume." in answer.text
    assert limits(window) == (DOLLAR, 8 * DOLLAR)
    assert limits(budget(world)) == (DOLLAR, 5 * DOLLAR)
    assert "has limits of its own" in world.client(world.owner).get(URL).text


def test_the_short_form_of_a_run_names_the_stop_alone(world: World, run: Run) -> None:
    """Neither an empty field nor a forgotten one takes a limit away, and the warning stays."""
    window = window_of(run)
    before = limits(window)
    assert None not in before
    page = f"/budget-accounts/{window.pk}/"
    client = world.client(world.owner)
    for data in ({"stop": ""}, {}, {"warn": "1"}, {"run": str(run.pk)}):
        assert client.post(page, data).status_code == 200
        assert limits(window) == before
    client.post(page, {"stop": "8", "run": str(run.pk)})
    assert limits(window) == (before[0], 8 * DOLLAR)


def test_a_day_raised_for_a_run_leads_back_to_it(world: World, run: Run) -> None:
    set_limits(None, budget(world, Scope.DAY), warn_nusd=None, max_nusd=DOLLAR)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.OUT_OF_BUDGET)
    page = f"/budget-accounts/{window_of(run, Scope.DAY).pk}/"
    client = world.client(world.owner)
    answer = client.post(page, {"warn": "", "stop": "2", "run": str(run.pk)}, follow=True)
    assert "Raised to $2.00: press Resume." in answer.text
    for other in ("", "no run", str(factories.run(world.other_project).pk)):
        answer = client.post(page, {"warn": "", "stop": "3", "run": other})
        assert answer.headers["Location"] == URL


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"warn": "9", "stop": "8"}, "The warning must come before the stop"),
        ({"warn": "", "stop": "-1"}, "greater than or equal to 0"),
        ({"warn": "", "stop": "1000000.01"}, "less than or equal to 1000000"),
        ({"warn": "", "stop": "five"}, "Enter a number"),
    ],
)
def test_limits_that_make_no_sense(
    world: World, run: Run, typed: dict[str, str], said: str
) -> None:
    for page in (f"{URL}run/", f"/budget-accounts/{window_of(run).pk}/"):
        answer = world.client(world.owner).post(page, typed)
        assert answer.status_code == 200
        assert said in answer.text
    assert limits(budget(world)) == limits(window_of(run)) == (DOLLAR, 5 * DOLLAR)


def test_only_owners_of_the_project_change_anything(world: World, run: Run) -> None:
    window = window_of(run)
    for page in (f"{URL}run/", f"/budget-accounts/{window.pk}/"):
        for person, status in ((world.editor, 403), (world.viewer, 403), (world.stranger, 404)):
            answer = world.client(person).post(page, {"warn": "", "stop": "9"})
            assert answer.status_code == status
    assert limits(budget(world)) == limits(window) == (DOLLAR, 5 * DOLLAR)
    assert world.client(world.owner).get(f"{URL}year/").status_code == 404


def test_an_archived_project_keeps_its_limits(world: World, run: Run) -> None:
    Project.objects.filter(pk=world.project.pk).update(archived_at=timezone.now())
    client = world.client(world.owner)
    assert "Change" not in client.get(URL).text
    assert client.post(f"{URL}run/", {"warn": "", "stop": "9"}).status_code == 409
    assert limits(budget(world)) == (DOLLAR, 5 * DOLLAR)


def test_hidden_costs_hide_the_page(world: World, run: Run, settings: LazySettings) -> None:
    settings.COST_TRACKING_ENABLED = False
    client = world.client(world.owner)
    for page in (URL, f"{URL}run/", f"/budget-accounts/{window_of(run).pk}/"):
        assert client.get(page).status_code == 404
    assert URL not in client.get("/projects/survey/members/").text


def test_queries_do_not_grow(world: World, django_assert_num_queries: Callable[[int], Any]) -> None:
    client = world.client(world.viewer)
    shared = factories.revision(world.project)
    for _ in range(4):
        one = factories.run(world.project, revision=shared, status=RunStatus.RUNNING)
        money.unconfirmed_call(one)
    client.get(URL)
    # session, person, project, role, rates (2), budgets, windows, refusals, runs, their windows,
    # refusals, budgets, unconfirmed calls
    with django_assert_num_queries(14):
        assert client.get(URL).status_code == 200
