"""When spending crosses a limit, by the formula that the report's docstring states."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from observability.budgets import Payer, set_limits, windows_of
from observability.models import Budget, BudgetWindow, Scope
from observability.reports.forecast import Crossing, Rate, Reach, forecast, rates
from observability.reports.windows import Standing, standing_of
from reqplatform.teams.models import Project
from tests import factories
from tests.conftest import World
from tests.money import DOLLAR, spend_on

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
STEADY = Rate(spent_nusd=14 * DOLLAR, days=14, days_with_spending=14)  # $1 a day


def days_ago(*days: int) -> list[datetime]:
    return [NOW - timedelta(days=day) for day in days]


def standing(
    world: World, scope: Scope, *, spent: int = 0, now: datetime = NOW, **limits: Any
) -> Standing:
    """The window of `now`, with so much spent and these limits."""
    opened = BudgetWindow.objects.in_bulk(windows_of(Payer(world.project.pk), now))
    window = next(row for row in opened.values() if row.scope == scope)
    BudgetWindow.objects.filter(pk=window.pk).update(spent_nusd=spent, **limits)
    window.refresh_from_db()
    return standing_of(window)


def rate_of(project: Project, now: datetime = NOW) -> Rate | None:
    return rates([project], now).get(project.pk)


def test_the_rate_is_the_mean_of_14_complete_days(world: World) -> None:
    run = factories.run(world.project)
    Budget.objects.filter(project=world.project).update(max_nusd=None, warn_nusd=None)
    # day 20 is too old to count, but shows that all of the 14 days do; today is not complete
    spend_on(run, dict.fromkeys(days_ago(20, 14, 7, 1, 0), 2 * DOLLAR))
    assert rate_of(world.project) == Rate(6 * DOLLAR, days=14, days_with_spending=3)


def test_a_young_project_counts_from_its_first_day(world: World) -> None:
    run = factories.run(world.project)
    Budget.objects.filter(project=world.project).update(max_nusd=None)
    spend_on(run, dict.fromkeys(days_ago(5, 4, 1), DOLLAR))
    rate = rate_of(world.project)
    assert rate == Rate(3 * DOLLAR, days=5, days_with_spending=3)
    assert rate.nusd_per_day == pytest.approx(0.6 * DOLLAR)


def test_spending_of_today_alone_is_no_rate(world: World) -> None:
    spend_on(factories.run(world.project), {NOW: DOLLAR})
    assert rate_of(world.project) is None


def test_days_are_those_of_the_projects_time_zone(world: World) -> None:
    Project.objects.filter(pk=world.project.pk).update(time_zone="Asia/Tokyo")
    world.project.refresh_from_db()
    late = datetime(2026, 11, 19, 16, tzinfo=UTC)  # the 20th in Tokyo, which is today
    run = factories.run(world.project)
    spend_on(run, {late: DOLLAR, late - timedelta(days=1): DOLLAR})
    rate = rate_of(world.project)
    assert rate is not None
    assert (rate.spent_nusd, rate.days) == (DOLLAR, 1)


def test_rates_of_many_projects_take_two_queries(world: World) -> None:
    for project in (world.project, world.other_project):
        spend_on(factories.run(project), dict.fromkeys(days_ago(3, 2, 1), DOLLAR))
    with CaptureQueriesContext(connection) as queries:
        found = rates([world.project, world.other_project], NOW)
    assert set(found) == {world.project.pk, world.other_project.pk}
    assert len(queries) == 2


def test_the_total_crosses_on_a_date(world: World) -> None:
    row = standing(
        world, Scope.TOTAL, spent=10 * DOLLAR, warn_nusd=20 * DOLLAR, max_nusd=40 * DOLLAR
    )
    ahead = forecast(row, STEADY, "UTC", NOW)
    assert ahead.warn == Crossing(Reach.ON, date(2026, 11, 30))
    assert ahead.stop == Crossing(Reach.ON, date(2026, 12, 20))
    assert str(ahead.stop) == "20 Dec 2026"


def test_the_date_is_one_of_the_projects_calendar(world: World) -> None:
    row = standing(world, Scope.TOTAL, max_nusd=DOLLAR // 2)  # in 12 hours: midnight UTC
    assert forecast(row, STEADY, "UTC", NOW).stop == Crossing(Reach.ON, date(2026, 11, 21))
    ahead = forecast(row, STEADY, "America/New_York", NOW)
    assert ahead.stop == Crossing(Reach.ON, date(2026, 11, 20))


def test_a_month_that_will_not_reach_it_says_so(world: World) -> None:
    row = standing(world, Scope.MONTH, spent=0, warn_nusd=9 * DOLLAR, max_nusd=11 * DOLLAR)
    ahead = forecast(row, STEADY, "UTC", NOW)  # 10.5 days until December
    assert ahead.warn == Crossing(Reach.ON, date(2026, 11, 29))
    assert ahead.stop is not None
    assert ahead.stop.reach == Reach.NOT_BEFORE_END
    assert str(ahead.stop) == "not before the month ends"


def test_a_day_is_over_at_midnight(world: World) -> None:
    row = standing(world, Scope.DAY, warn_nusd=DOLLAR // 4, max_nusd=DOLLAR)
    ahead = forecast(row, STEADY, "UTC", NOW)
    assert ahead.warn == Crossing(Reach.ON, date(2026, 11, 20))
    assert str(ahead.stop) == "not before the day ends"


def test_what_is_crossed_is_crossed_whatever_the_rate(world: World) -> None:
    row = standing(world, Scope.TOTAL, spent=5, warn_nusd=5, max_nusd=9 * DOLLAR)
    ahead = forecast(row, None, "UTC", NOW)
    assert str(ahead.warn) == "crossed already"
    assert ahead.stop is None
    assert ahead.why_none == "spending on fewer than 3 days of the last 14"


@pytest.mark.parametrize("days", [0, 1, 2])
def test_too_few_days_are_no_forecast(world: World, days: int) -> None:
    row = standing(world, Scope.TOTAL, max_nusd=DOLLAR)
    ahead = forecast(row, Rate(days * DOLLAR, 14, days), "UTC", NOW)
    assert (ahead.warn, ahead.stop) == (None, None)
    assert ahead.why_none


def test_no_limit_is_no_forecast(world: World) -> None:
    row = standing(world, Scope.TOTAL, spent=DOLLAR)
    ahead = forecast(row, STEADY, "UTC", NOW)
    assert (ahead.warn, ahead.stop, ahead.why_none) == (None, None, "")


def test_past_days_have_none(world: World) -> None:
    row = standing(world, Scope.DAY, now=NOW - timedelta(days=2), max_nusd=DOLLAR)
    assert forecast(row, STEADY, "UTC", NOW).why_none in {"the day is over", "the month is over"}


def test_runs_have_none(world: World) -> None:
    run = factories.run(world.project)
    pk = windows_of(Payer(run.project_id, run.pk))[0]
    row = standing_of(BudgetWindow.objects.select_related("budget").get(pk=pk))
    assert forecast(row, STEADY, "UTC", NOW).why_none == "there is none for runs and groups"


def test_a_date_in_the_far_future_is_not_named(world: World) -> None:
    budget = Budget.objects.get(project=world.project, scope=Scope.TOTAL)
    set_limits(None, budget, warn_nusd=None, max_nusd=10**15)
    row = standing(world, Scope.TOTAL)
    ahead = forecast(row, Rate(3, 14, 3), "UTC", NOW)
    assert str(ahead.stop) == "not within ten years"


@pytest.mark.parametrize(
    ("limits", "spent", "rate", "said"),
    [
        ({}, 0, STEADY, ""),
        ({"warn_nusd": DOLLAR}, DOLLAR, STEADY, "Its warning has been reached."),
        ({"warn_nusd": DOLLAR}, DOLLAR, None, "Its warning has been reached."),
        ({"max_nusd": DOLLAR}, DOLLAR, None, "Its stop has been reached."),
        (
            {"warn_nusd": 3 * DOLLAR}, 0, STEADY,
            "Forecast: reaches its warning on 23 Nov 2026.",
        ),
        ({"max_nusd": 3 * DOLLAR}, 0, STEADY, "Forecast: reaches its stop on 23 Nov 2026."),
        (
            {"warn_nusd": DOLLAR, "max_nusd": 9 * DOLLAR}, 2 * DOLLAR, None,
            "No forecast: spending on fewer than 3 days of the last 14.",
        ),
        ({"max_nusd": 10**15}, 0, STEADY, "Forecast: reaches its stop not within ten years."),
    ],
)  # fmt: skip
def test_what_is_ahead_in_a_sentence(
    world: World, limits: Any, spent: int, rate: Rate | None, said: str
) -> None:
    row = standing(world, Scope.TOTAL, spent=spent, **limits)
    assert forecast(row, rate, "UTC", NOW).sentence == said


def test_a_limit_that_is_not_set_is_said_so(world: World) -> None:
    row = standing(world, Scope.TOTAL, spent=0, warn_nusd=DOLLAR)
    ahead = forecast(row, None, "UTC", NOW)
    assert ahead.stop_text == "No stop is set."
    assert ahead.warning_text == "Spending on fewer than 3 days of the last 14"
    row = standing(world, Scope.DAY, now=NOW - timedelta(days=3), max_nusd=DOLLAR)
    ahead = forecast(row, STEADY, "UTC", NOW)
    assert (ahead.warning_text, ahead.stop_text) == ("No warning is set.", "The day is over")


def test_the_interval_is_wider_the_more_the_days_differ(world: World) -> None:
    total = standing(world, Scope.TOTAL, spent=0, max_nusd=20 * DOLLAR)

    def ends(deviation: float) -> tuple[date | None, date | None]:
        rate = Rate(14 * DOLLAR, 14, 14, deviation)
        stop = forecast(total, rate, "UTC", NOW).stop
        assert stop is not None
        assert stop.on == date(2026, 12, 10)
        return stop.early, stop.late

    assert ends(0) == (date(2026, 12, 10), date(2026, 12, 10))
    # (20 - T)^2 = 1.35^2 / 4 (T + T^2 / 14) has the roots 16.04 and 25.78
    assert ends(DOLLAR / 2) == (date(2026, 12, 6), date(2026, 12, 16))
    early, late = ends(4 * DOLLAR)
    assert early is not None
    assert early < date(2026, 12, 1)
    assert late is None


def test_an_interval_says_where_it_has_no_end() -> None:
    early, late = date(2026, 12, 3), date(2026, 12, 20)
    texts = [
        Crossing(Reach.ON, late, early=early, late=late).interval_text,
        Crossing(Reach.ON, late, early=early).interval_text,
        Crossing(Reach.ON, early, early=early, late=early).interval_text,
        Crossing(Reach.FAR).interval_text,
    ]
    assert texts == [
        "between 3 Dec 2026 and 20 Dec 2026",
        "3 Dec 2026 or later",
        "on 3 Dec 2026",
        "",
    ]
