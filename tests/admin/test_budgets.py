"""Budgets in the admin: leads set them in dollars, and see what is behind each account."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from observability import alerts
from observability.budgets import Payer, windows_of
from observability.models import Alert, AlertCause, Budget, BudgetWindow, Scope
from reqplatform.teams.models import Project, User
from runs.models import Run, RunStatus
from tests import factories, money
from tests.conftest import World
from tests.money import CENT, DOLLAR

BUDGETS = "admin:observability_budget_changelist"
WINDOWS = "admin:observability_budgetwindow_changelist"


def staff(world: World, person: User) -> Client:
    User.objects.filter(pk=person.pk).update(is_staff=True)
    return world.client(User.objects.get(pk=person.pk))


@pytest.fixture
def owner(world: World) -> Client:
    return staff(world, world.owner)


@pytest.fixture
def run(world: World) -> Run:
    return factories.run(world.project, status=RunStatus.RUNNING)


def change_page(row: Budget | BudgetWindow) -> str:
    name = type(row)._meta.model_name
    return reverse(f"admin:observability_{name}_change", args=[row.pk])


def budget(world: World, scope: Scope = Scope.RUN) -> Budget:
    return Budget.objects.get(project=world.project, scope=scope)


def window_of(run: Run, scope: Scope = Scope.RUN) -> BudgetWindow:
    opened = windows_of(Payer(run.project_id, run.pk, run.group))
    return BudgetWindow.objects.get(pk__in=opened, budget__scope=scope)


def listed(client: Client, page: str, **query: str) -> list[str]:
    response = client.get(reverse(page), query)
    assert response.status_code == 200
    return [row.label for row in response.context["cl"].result_list]


def limits(row: Budget | BudgetWindow) -> tuple[int | None, int | None]:
    row.refresh_from_db()
    return row.warn_nusd, row.max_nusd


def test_limits_are_typed_in_dollars(world: World, owner: Client) -> None:
    row = budget(world)
    page = owner.get(change_page(row)).text
    assert 'value="1.00"' in page
    assert 'value="5.00"' in page
    response = owner.post(change_page(row), {"warn_usd": "0.25", "stop_usd": "2.5"})
    assert response.status_code == 302
    assert limits(row) == (25 * CENT, 250 * CENT)
    assert owner.post(change_page(row), {"warn_usd": "", "stop_usd": ""}).status_code == 302
    assert limits(row) == (None, None)
    assert owner.post(change_page(row), {"stop_usd": "0.000000001"}).status_code == 302
    assert limits(row) == (None, 1)
    assert 'value="0.000000001"' in owner.get(change_page(row)).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"warn_usd": "3", "stop_usd": "2"},
        {"warn_usd": "-1", "stop_usd": ""},
        {"warn_usd": "", "stop_usd": "-0.01"},
        {"warn_usd": "", "stop_usd": "NaN"},
        {"warn_usd": "", "stop_usd": "1e30"},
        {"warn_usd": "", "stop_usd": "0.0000000001"},
        {"warn_usd": "", "stop_usd": "five"},
    ],
)
def test_limits_that_make_no_sense_are_told(
    world: World, owner: Client, run: Run, wrong: dict[str, str]
) -> None:
    for row in (budget(world), window_of(run)):
        response = owner.post(change_page(row), wrong)
        assert response.status_code == 200
        assert response.context["adminform"].form.errors
        assert limits(row) == (DOLLAR, 5 * DOLLAR)


def test_the_budget_page_explains_itself(world: World, owner: Client) -> None:
    text = owner.get(reverse(BUDGETS)).text
    for words in (
        "Each run has an account of its own",
        "All that the project has ever spent.",
        "At the warning",
        "what it has asked is not paid for again",
        "No limit. The money is counted all the same.",
    ):
        assert words in text
    assert "from midnight to midnight" in owner.get(change_page(budget(world, Scope.DAY))).text


def test_budgets_are_there_from_the_first_day_and_stay(world: World, owner: Client) -> None:
    Project.objects.create(slug="new", name="New")
    assert Budget.objects.filter(project__slug="new").count() == 5
    root = world.client(factories.user("root", is_staff=True, is_superuser=True))
    for client in (owner, root):
        assert client.get(reverse("admin:observability_budget_add")).status_code == 403
        page = reverse("admin:observability_budget_delete", args=[budget(world).pk])
        assert client.post(page, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("who", ["editor", "reviewer", "viewer"])
def test_other_members_read_and_change_nothing(world: World, run: Run, who: str) -> None:
    client = staff(world, getattr(world, who))
    for row in (budget(world), window_of(run)):
        page = client.get(change_page(row))
        assert page.status_code == 200
        assert "$5.00" in page.text
        assert "stop_usd" not in page.text.split("Limits")[1].split("<input")[0]
        assert client.post(change_page(row), {"stop_usd": "9"}).status_code == 403
        assert limits(row) == (DOLLAR, 5 * DOLLAR)


def test_strangers_see_none_of_it(world: World, run: Run) -> None:
    client = staff(world, world.stranger)
    for row in (budget(world), window_of(run)):
        assert client.get(change_page(row)).status_code == 302
        assert client.post(change_page(row), {"stop_usd": "9"}).status_code == 302
        assert limits(row) == (DOLLAR, 5 * DOLLAR)
    assert listed(client, WINDOWS) == []


def test_an_archived_project_keeps_its_limits(world: World, owner: Client) -> None:
    Project.objects.filter(pk=world.project.pk).update(archived_at=timezone.now())
    row = budget(world)
    assert owner.post(change_page(row), {"stop_usd": "9"}).status_code == 403
    assert limits(row) == (DOLLAR, 5 * DOLLAR)


def test_raising_the_stop_of_one_run(world: World, owner: Client, run: Run) -> None:
    window = window_of(run)
    subject = f"window {window.pk}"
    alerts.raise_alert(world.project.pk, AlertCause.BUDGET_STOP, subject, "Stopped.", run_id=run.pk)
    assert owner.get(reverse(WINDOWS)).text.count("Stopped") > 0
    response = owner.post(change_page(window), {"warn_usd": "1", "stop_usd": "8.00"})
    assert response.status_code == 302
    assert limits(window) == (DOLLAR, 8 * DOLLAR)
    assert limits(budget(world)) == (DOLLAR, 5 * DOLLAR)
    assert Alert.objects.get().acknowledged_at is not None


def test_the_list_says_what_is_left_and_in_which_state(owner: Client, run: Run) -> None:
    money.paid_call(run, DOLLAR, held_nusd=DOLLAR)
    money.unconfirmed_call(run, 50 * CENT)
    money.held_call(run, 25 * CENT)
    text = owner.get(reverse(WINDOWS), {"budget__scope__exact": "run"}).text
    for words in ("Past its warning", "35.0 % of $5.00", "$1.50", "$0.2500", "$0.5000", "$3.25"):
        assert words in text, words
    assert f"holds__window={window_of(run).pk}" in text
    Budget.objects.filter(scope=Scope.TOTAL).update(warn_nusd=1)
    BudgetWindow.objects.filter(budget__scope=Scope.TOTAL).update(warn_nusd=1, max_nusd=DOLLAR)
    text = owner.get(reverse(BUDGETS)).text
    assert "175.0 % of $1.00" in text
    assert "Stopped" in text


def test_the_page_of_a_window_adds_up_its_calls(owner: Client, run: Run) -> None:
    money.paid_call(run, DOLLAR, held_nusd=DOLLAR)
    money.unconfirmed_call(run, 50 * CENT)
    window = window_of(run)
    text = owner.get(change_page(window)).text
    assert "Metered by the provider" in text
    assert "The account and its calls agree." in text
    BudgetWindow.objects.filter(pk=window.pk).update(spent_nusd=2 * DOLLAR)
    text = owner.get(change_page(window)).text
    assert "Drift: the account is off by" in text
    assert "The account and its calls agree." not in text


def test_the_page_of_a_runs_account_leads_to_the_run(owner: Client, run: Run) -> None:
    window = window_of(run)
    assert f'href="/runs/{run.pk}/"' in owner.get(change_page(window)).text
    day = window_of(run, Scope.DAY)
    assert f'href="/runs/{run.pk}/"' not in owner.get(change_page(day)).text


def test_an_empty_list_does_not_ask_for_what_nobody_may_add(world: World, owner: Client) -> None:
    text = owner.get(reverse(WINDOWS)).text
    assert "There is nothing here yet" in text
    assert "Create a new item" not in text
    assert "Add budget window" not in text


def test_the_calls_of_a_window_are_added_up_once(owner: Client, run: Run) -> None:
    money.paid_call(run)
    window = window_of(run)
    with CaptureQueriesContext(connection) as queries:
        owner.get(change_page(window))
    sums = [one for one in queries if "SUM(" in one["sql"] and "callhold" in one["sql"]]
    assert len(sums) == 1


def test_the_calls_behind_a_window(world: World, owner: Client, run: Run) -> None:
    mine = money.paid_call(run)
    money.paid_call(factories.run(world.project))
    theirs = money.paid_call(factories.run(world.other_project))
    calls = reverse("admin:observability_llmcall_changelist")
    page = owner.get(calls, {"holds__window": window_of(run).pk})
    assert list(page.context["cl"].result_list) == [mine]
    assert f"Run {run.short_id} of Survey vessel" in page.text
    assert theirs.run is not None
    for value in (window_of(theirs.run).pk, "x", "99999"):
        page = owner.get(calls, {"holds__window": value})
        assert theirs not in page.context["cl"].result_list
        assert "Other project" not in page.text


def test_filters_of_what_is_going_on(world: World, owner: Client, run: Run) -> None:
    waiting = factories.run(world.project, status=RunStatus.WAITING_REVIEW)
    over = factories.run(world.project, status=RunStatus.COMPLETED)
    for each in (run, waiting, over):
        money.paid_call(each)
    money.paid_call(over, at=timezone.now() - timedelta(days=70))
    now = timezone.now()
    assert set(listed(owner, WINDOWS, now="runs")) == {
        f"Run {run.short_id}", f"Run {waiting.short_id}",
    }  # fmt: skip
    assert listed(owner, WINDOWS, now="today") == [f"Day {now:%Y-%m-%d}"]
    assert listed(owner, WINDOWS, now="month") == [f"Month {now:%Y-%m}"]
    assert listed(owner, WINDOWS, now="total") == ["Project in total"]
    assert len(listed(owner, WINDOWS)) == 8


def test_today_is_that_of_each_project(world: World, owner: Client, run: Run) -> None:
    Project.objects.filter(pk=world.project.pk).update(time_zone="Pacific/Kiritimati")
    run.project.refresh_from_db()
    money.paid_call(run)
    today = timezone.now() + timedelta(hours=14)
    assert listed(owner, WINDOWS, now="today") == [f"Day {today:%Y-%m-%d}"]


def test_filters_by_what_was_reached_and_by_budget(world: World, owner: Client, run: Run) -> None:
    money.paid_call(run, DOLLAR, held_nusd=DOLLAR)
    money.paid_call(factories.run(world.project))
    assert listed(owner, WINDOWS, reached="warning") == [f"Run {run.short_id}"]
    assert listed(owner, WINDOWS, reached="stop") == []
    stopped = window_of(run)
    alerts.raise_alert(
        world.project.pk, AlertCause.BUDGET_STOP, f"window {stopped.pk}", "It did not fit."
    )
    assert listed(owner, WINDOWS, reached="stop") == [f"Run {run.short_id}"]  # below its limit
    row = budget(world, Scope.TOTAL)
    assert listed(owner, WINDOWS, budget__id__exact=str(row.pk)) == ["Project in total"]
    assert len(listed(owner, WINDOWS, budget__scope__exact="run")) == 2


def test_a_forecast_is_in_the_list(world: World, owner: Client, run: Run) -> None:
    other = factories.run(world.project)
    Budget.objects.filter(pk=budget(world, Scope.TOTAL).pk).update(max_nusd=28 * DOLLAR)
    BudgetWindow.objects.filter(pk=window_of(other).pk).update(max_nusd=None)
    days = [timezone.now() - timedelta(days=back) for back in range(1, 15)]
    money.spend_on(other, dict.fromkeys(days, DOLLAR))
    expected = timezone.now() + timedelta(days=14)
    text = owner.get(reverse(WINDOWS), {"now": "total"}).text
    assert f"{expected.day} {expected:%b %Y}" in text
    text = owner.get(change_page(window_of(other, Scope.TOTAL))).text
    assert f"{expected.day} {expected:%b %Y}" in text
    assert "No warning is set." in text


def test_lists_do_not_ask_more_for_more_projects(
    world: World, owner: Client, run: Run, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    root = world.client(factories.user("root", is_staff=True, is_superuser=True))
    for number in range(4):
        project = Project.objects.create(slug=f"p{number}", name=f"P {number}")
        money.paid_call(factories.run(project))
    for page in (BUDGETS, WINDOWS):
        root.get(reverse(page))
        with django_assert_max_num_queries(14):
            assert root.get(reverse(page)).status_code == 200
