"""Budgets and the journal of calls, for scripts."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from observability import alerts
from observability.budgets import Payer, windows_of
from observability.models import Alert, AlertCause, Budget, BudgetWindow, CallPurpose, Scope
from reqplatform.teams.models import Project
from runs.models import Run
from tests import factories, money
from tests.api.conftest import Caller, problem
from tests.conftest import World
from tests.money import CENT, DOLLAR

PATH = "/projects/survey/budgets"


@pytest.fixture
def run(world: World) -> Run:
    return factories.run(world.project)


def test_limits_and_where_they_stand(viewer: Caller, run: Run) -> None:
    Budget.objects.filter(scope=Scope.DAY).update(warn_nusd=DOLLAR, max_nusd=4 * DOLLAR)
    money.paid_call(run, DOLLAR, held_nusd=DOLLAR)
    money.unconfirmed_call(run, 5 * CENT)
    money.held_call(run, 7 * CENT)
    answer = viewer.get(PATH).json()
    assert answer["time_zone"] == "UTC"
    assert [item["scope"] for item in answer["items"]] == ["run", "group", "day", "month", "total"]
    by_scope = {item["scope"]: item for item in answer["items"]}
    assert by_scope["run"] == {
        "scope": "run", "warn": "1.000000000", "stop": "5.000000000", "window": None,
    }  # fmt: skip
    assert by_scope["day"]["window"] == {
        "scope": "day",
        "key": f"{timezone.now():%Y-%m-%d}",
        "warn": "1.000000000",
        "stop": "4.000000000",
        "spent": "1.050000000",
        "held": "0.070000000",
        "unconfirmed": "0.050000000",
        "left": "2.880000000",
        "state": "warned",
        "set_alone": False,
        "warned_at": None,
        "reaches_warning": "crossed already",
        "reaches_stop": None,
        "warning_ahead": {"reach": "crossed", "on": None, "early": None, "late": None},
        "stop_ahead": None,
        "why_no_forecast": "spending on fewer than 3 days of the last 14",
    }
    assert by_scope["total"]["window"]["left"] is None
    assert by_scope["total"]["stop"] is None


def test_before_anything_is_spent(viewer: Caller) -> None:
    windows = [item["window"] for item in viewer.get(PATH).json()["items"]]
    assert [window and window["spent"] for window in windows] == [None, None, *["0.000000000"] * 3]
    assert not BudgetWindow.objects.exists()


def test_a_forecast(viewer: Caller, run: Run, world: World) -> None:
    Budget.objects.filter(scope=Scope.TOTAL).update(max_nusd=28 * DOLLAR)
    Budget.objects.filter(scope=Scope.RUN).update(max_nusd=None)
    days = [timezone.now() - timedelta(days=back) for back in range(1, 15)]
    money.spend_on(run, dict.fromkeys(days, DOLLAR))
    ahead = timezone.now() + timedelta(days=14)
    total = viewer.get(PATH).json()["items"][4]["window"]
    assert total["reaches_stop"] == f"{ahead.day} {ahead:%b %Y}"
    assert (total["warning_ahead"], total["why_no_forecast"]) == (None, "")
    day = f"{ahead:%Y-%m-%d}"  # each day cost the same, so the interval is that day
    assert total["stop_ahead"] == {"reach": "on", "on": day, "early": day, "late": day}


def test_a_forecast_has_its_interval(viewer: Caller, run: Run, world: World) -> None:
    """In the cost report as well, and the same as on its page."""
    Budget.objects.filter(scope=Scope.TOTAL).update(max_nusd=28 * DOLLAR)
    Budget.objects.filter(scope=Scope.RUN).update(max_nusd=None)
    days = [timezone.now() - timedelta(days=back) for back in range(1, 15)]
    money.spend_on(run, {day: (1 + n % 2) * DOLLAR // 2 for n, day in enumerate(days)})
    total = viewer.get(PATH).json()["items"][4]["window"]
    ahead = total["stop_ahead"]
    assert f"{timezone.now():%Y-%m-%d}" < ahead["early"] < ahead["on"] < ahead["late"]
    told = viewer.get("/projects/survey/reports/cost").json()["budgets"]
    assert [one["scope"] for one in told] == ["day", "month", "total"]
    assert told[2] == total
    shown = [date.fromisoformat(ahead[end]) for end in ("early", "late")]
    between = " and ".join(f"{day.day} {day:%b %Y}" for day in shown)
    page = world.client(world.viewer).get("/projects/survey/reports/cost").text
    assert f"The stop between {between}" in page


def limits(scope: Scope = Scope.DAY) -> tuple[int | None, int | None]:
    row = Budget.objects.get(project__slug="survey", scope=scope)
    return row.warn_nusd, row.max_nusd


def test_an_owner_sets_limits(owner: Caller) -> None:
    answer = owner.patch(f"{PATH}/day", {"warn": "0.5", "stop": 2})
    assert answer.status_code == 200
    day = answer.json()["items"][2]
    assert (day["warn"], day["stop"]) == ("0.500000000", "2.000000000")
    assert limits() == (50 * CENT, 2 * DOLLAR)
    assert owner.patch(f"{PATH}/day", {"warn": None, "stop": None}).status_code == 200
    assert limits() == (None, None)


def test_raising_the_stop_answers_its_alert(owner: Caller, run: Run) -> None:
    window = windows_of(Payer(run.project_id, run.pk))[0]
    subject = f"window {window}"
    alerts.raise_alert(run.project_id, AlertCause.BUDGET_STOP, subject, "Stopped.")
    assert owner.patch(f"{PATH}/run", {"warn": None, "stop": "6"}).status_code == 200
    assert Alert.objects.get().acknowledged_at is not None
    assert BudgetWindow.objects.get(pk=window).max_nusd == 6 * DOLLAR


def test_one_run_is_given_more(owner: Caller, run: Run) -> None:
    before = owner.get(f"/runs/{run.pk}/budget").json()
    assert (before["key"], before["stop"], before["set_alone"]) == (
        str(run.pk),
        "5.000000000",
        False,
    )
    assert not BudgetWindow.objects.exists()  # looking opens nothing
    answer = owner.patch(f"/runs/{run.pk}/budget", {"warn": "1", "stop": "8"})
    assert answer.status_code == 200
    assert (answer.json()["stop"], answer.json()["left"]) == ("8.000000000", "8.000000000")
    assert answer.json()["set_alone"] is True
    assert limits(Scope.RUN) == (DOLLAR, 5 * DOLLAR)
    assert owner.get(f"/runs/{run.pk}/budget").json() == answer.json()
    problem(owner.patch(f"/runs/{run.pk}/budget", {"stop": "9"}), 422, "invalid_input")


def test_whoever_may_not_opens_no_account(editor: Caller, run: Run) -> None:
    body = {"warn": "1", "stop": "8"}
    problem(editor.patch(f"/runs/{run.pk}/budget", body), 403, "not_allowed")
    assert not BudgetWindow.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"stop": "1"}, {"warn": "1"}, {"warn": "3", "stop": "2"}, {"warn": -1, "stop": 2},
        {"warn": None, "stop": "NaN"}, {"warn": None, "stop": "1e30"}, {"warn": None, "stop": True},
        {"warn": None, "stop": "0.0000000001"}, {"warn": None, "stop": 2, "scope": "month"},
    ],
)  # fmt: skip
def test_limits_that_make_no_sense(owner: Caller, wrong: dict[str, Any]) -> None:
    problem(owner.patch(f"{PATH}/day", wrong), 422, "invalid_input")
    assert limits() == (None, None)


@pytest.mark.parametrize("scope", ["year", "DAY", "1"])
def test_an_unknown_scope(owner: Caller, scope: str) -> None:
    body = problem(owner.patch(f"{PATH}/{scope}", {"warn": None, "stop": "1"}), 404, "not_found")
    assert "run, group, day, month, total" in body["detail"]


def test_an_archived_project_keeps_its_limits(owner: Caller, world: World) -> None:
    Project.objects.filter(pk=world.project.pk).update(archived_at=timezone.now())
    problem(owner.patch(f"{PATH}/day", {"warn": None, "stop": "1"}), 409, "conflict")
    assert limits() == (None, None)


def test_the_journal_of_a_run(viewer: Caller, world: World) -> None:
    run = factories.completed_run(world.project)
    first = money.paid_call(run, 3 * CENT, shared=True, prompt=[["human", "secret words"]])
    second = money.paid_call(run, 2 * CENT, purpose=CallPurpose.RETRY, ordinal=4)
    third = money.held_call(run, 7 * CENT)
    money.paid_call(factories.completed_run(world.project))
    response = viewer.get(f"/runs/{run.pk}/calls")
    items = response.json()["items"]
    assert [item["id"] for item in items] == [str(row.pk) for row in (first, second, third)]
    assert [item["paid_by"] for item in items] == ["extraction", "run", "run"]
    assert [item["cost"] for item in items] == ["0.030000000", "0.020000000", None]
    assert (items[1]["purpose"], items[1]["ordinal"], items[1]["source"]) == ("retry", 4, "metered")
    assert (items[1]["input_fresh"], items[1]["cache_read"], items[1]["output"]) == (900, 80, 150)
    assert (items[2]["state"], items[2]["held"]) == ("held", "0.070000000")
    assert "secret words" not in response.content.decode()
    assert not {"prompt", "answer", "raw_usage"} & set(items[0])


def test_the_journal_comes_in_pages(viewer: Caller, run: Run) -> None:
    made = [str(money.paid_call(run).pk) for _ in range(5)]
    seen, cursor = [], ""
    while True:
        page = viewer.get(f"/runs/{run.pk}/calls", limit=2, cursor=cursor).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == made
    other = factories.run(run.project)
    first = viewer.get(f"/runs/{run.pk}/calls", limit=2).json()["next"]
    problem(viewer.get(f"/runs/{other.pk}/calls", cursor=first), 422, "bad_cursor")


def test_a_run_tells_what_its_calls_took(viewer: Caller, run: Run) -> None:
    money.paid_call(run, 3 * CENT, more={"energy_low_wh": 0.5, "energy_high_wh": 2.0})
    money.unconfirmed_call(run, 5 * CENT, purpose=CallPurpose.RETRY)
    money.refused_call(run)
    money.end_node(run)
    answer = viewer.get(f"/runs/{run.pk}").json()
    took = {
        "calls": 2,
        "calls_by_purpose": {"ask": 1, "retry": 1},
        "calls_refused": 1,
        "input_tokens": 1000,
        "cache_read_tokens": 80,
        "cache_write_tokens": 20,
        "output_tokens": 200,
        "reasoning_tokens": 50,
        "sources": ["metered", "unconfirmed"],
        "unconfirmed": "0.050000000",
        "estimated": "0.000000000",
        "energy": {"low_wh": 0.5, "high_wh": 2.0, "unknown_calls": 1},
        "models": ["openai_compatible/gpt-test"],
    }
    assert answer["cost"] == {"amount": "0.080000000", "currency": "USD", **took}
    assert answer["nodes"] == [
        {
            "node": "decompose", "iteration": 1, "ended": True, "seconds": 1.2,
            "cost": "0.080000000", **took,
        }
    ]  # fmt: skip


def test_queries(viewer: Caller, run: Run, django_assert_num_queries: Callable[[int], Any]) -> None:
    for _ in range(12):
        money.paid_call(run)
    viewer.get(PATH)
    with django_assert_num_queries(8):  # token, project, rates (2), budgets (2), windows, refusals
        viewer.get(PATH)
    with django_assert_num_queries(3):  # token, run, calls
        assert len(viewer.get(f"/runs/{run.pk}/calls").json()["items"]) == 12
