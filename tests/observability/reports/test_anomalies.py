"""Days that cost far more than their past: found, explained, and told only where they are."""

import random
from datetime import UTC, date, datetime, timedelta
from math import exp, isclose
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability import rollups
from observability.models import Budget, LLMCall, Node
from observability.reports.anomalies import (
    LEAST_NUSD,
    History,
    cost_anomaly,
    explain,
    judge,
)
from observability.reports.sums import Sum
from observability.tokens import Usage
from runs.models import Run
from tests import factories
from tests.conftest import World
from tests.money import CENT, DOLLAR, paid_call, paid_model

MONDAY = date(2026, 6, 1)


def history(days: int, *, noise: float = 0.2, seed: int = 3) -> dict[date, int]:
    """About ten dollars a day; a third of it on Saturday and Sunday."""
    chance = random.Random(seed)  # noqa: S311
    found = {}
    for number in range(days, 0, -1):
        day = MONDAY - timedelta(days=number)
        usual = 10 * DOLLAR / (3 if day.weekday() > 4 else 1)
        found[day] = round(usual * exp(chance.gauss(0, noise)))
    return found


def test_a_day_of_four_times_the_usual_is_found() -> None:
    judged = judge(history(84) | {MONDAY: 40 * DOLLAR}, MONDAY)
    assert judged is not None
    assert judged.is_anomaly
    assert isclose(judged.expected_nusd, 10 * DOLLAR, rel_tol=0.2)
    assert judged.score > 3.3


def test_a_usual_day_is_none() -> None:
    judged = judge(history(84) | {MONDAY: 12 * DOLLAR}, MONDAY)
    assert judged is not None
    assert not judged.is_anomaly


def test_a_weekday_is_compared_with_its_kind() -> None:
    saturday = MONDAY + timedelta(days=5)
    past = history(84) | {MONDAY + timedelta(days=n): 10 * DOLLAR for n in range(5)}
    quiet = judge(past | {saturday: 3 * DOLLAR}, saturday)
    busy = judge(past | {saturday: 12 * DOLLAR}, saturday)
    assert quiet is not None
    assert busy is not None
    assert (quiet.is_anomaly, busy.is_anomaly) == (False, True)


def test_too_little_past_says_nothing() -> None:
    assert judge(history(27) | {MONDAY: 400 * DOLLAR}, MONDAY) is None
    assert judge(history(28) | {MONDAY: 400 * DOLLAR}, MONDAY) is not None
    rare = dict(list(history(84).items())[::7])  # twelve days with spending
    assert judge(rare | {MONDAY: 400 * DOLLAR}, MONDAY) is None
    assert judge({}, MONDAY) is None
    assert judge(history(84), MONDAY) is None  # nothing was spent on it


def test_a_few_cents_more_are_none() -> None:
    small = {day: nusd // 1_000 for day, nusd in history(84).items()}
    judged = judge(small | {MONDAY: DOLLAR // 2}, MONDAY)
    assert judged is not None
    assert judged.score > 10
    assert not judged.is_anomaly
    assert judged.most_nusd == judged.expected_nusd + LEAST_NUSD


def test_days_that_are_all_alike_leave_some_room() -> None:
    alike = {MONDAY - timedelta(days=n): 10 * DOLLAR for n in range(1, 85)}
    eleven = judge(alike | {MONDAY: 11 * DOLLAR}, MONDAY)
    twenty = judge(alike | {MONDAY: 20 * DOLLAR}, MONDAY)
    assert eleven is not None
    assert twenty is not None
    assert (eleven.is_anomaly, twenty.is_anomaly) == (False, True)


def test_one_bad_day_hides_no_other() -> None:
    past = history(84)
    past[MONDAY - timedelta(days=7)] = 900 * DOLLAR
    judged = judge(past | {MONDAY: 40 * DOLLAR}, MONDAY)
    assert judged is not None
    assert judged.is_anomaly


def test_quiet_history_stays_quiet() -> None:
    past = history(364, seed=12)
    found = [judge(past, day) for day in past]
    assert sum(one is not None for one in found) == 364 - 28
    assert sum(bool(one and one.is_anomaly) for one in found) <= 1


amounts = st.integers(min_value=0, max_value=10**15)


@given(st.lists(amounts, min_size=1, max_size=120), amounts)
def test_no_history_breaks_it(spent: list[int], value: int) -> None:
    days = {MONDAY - timedelta(days=n + 1): nusd for n, nusd in enumerate(spent)}
    judged = judge(days | {MONDAY: value}, MONDAY)
    if judged is not None:
        assert judged.most_nusd > judged.expected_nusd
        assert judged.is_anomaly == (value > judged.most_nusd)


sums = st.builds(
    Sum,
    calls=st.integers(1, 10**4),
    input_fresh=st.integers(1, 10**8),
    cache_read=st.integers(0, 10**8),
    output=st.integers(0, 10**7),
    cost_nusd=st.integers(1, 10**13),
    saved_nusd=st.integers(0, 10**12),
)


@given(sums, sums, st.integers(1, 84))
def test_the_four_reasons_add_up(day: Sum, usual: Sum, days: int) -> None:
    parts = explain(day, usual, days)
    assert parts is not None
    change = day.cost_nusd - usual.cost_nusd / days
    assert isclose(sum(parts), change, rel_tol=1e-6, abs_tol=1.0)


def test_each_reason_is_named_for_what_it_is() -> None:
    usual = Sum(calls=10, input_fresh=10_000, cost_nusd=10 * CENT)
    cases = {
        "calls": Sum(calls=40, input_fresh=40_000, cost_nusd=40 * CENT),
        "tokens": Sum(calls=10, input_fresh=40_000, cost_nusd=40 * CENT),
        "price": Sum(calls=10, input_fresh=10_000, cost_nusd=40 * CENT),
    }
    for number, name in enumerate(cases):
        parts = explain(cases[name], usual, 1)
        assert parts is not None
        assert isclose(parts[number], 30 * CENT)
        assert isclose(sum(map(abs, parts)), 30 * CENT)
    cached = Sum(calls=10, cache_read=10_000, cost_nusd=4 * CENT, saved_nusd=16 * CENT)
    fresh = Sum(calls=10, input_fresh=10_000, cost_nusd=20 * CENT)
    parts = explain(fresh, cached, 1)
    assert parts is not None
    assert isclose(parts[3], 16 * CENT)


def test_nothing_is_explained_without_anything_to_compare() -> None:
    assert explain(Sum(), Sum(calls=1, input_fresh=1, cost_nusd=1), 1) is None
    assert explain(Sum(calls=1, input_fresh=1, cost_nusd=1), None, 3) is None
    assert explain(Sum(calls=1, input_fresh=1, cost_nusd=1), Sum(), 0) is None


# From the database

NOW = datetime(2026, 6, 1, 20, tzinfo=UTC)


@pytest.fixture
def run(limits: None, world: World) -> Run:
    """Sixty days of a call a day, and ten on the last."""
    done = factories.completed_run(world.project)
    usage = Usage(input_fresh=1_000, output=100)
    rows = []
    for number in range(60):
        at = NOW - timedelta(days=60 - number)
        rows.append(paid_call(done, DOLLAR + number * CENT, held_nusd=2 * DOLLAR, usage=usage).pk)
        LLMCall.objects.filter(pk=rows[-1]).update(created_at=at)
    for _ in range(10):
        call = paid_call(done, DOLLAR, held_nusd=2 * DOLLAR, usage=usage, node=Node.VALIDATE)
        LLMCall.objects.filter(pk=call.pk).update(created_at=NOW - timedelta(hours=3))
    rollups.rebuild([done.project_id])
    return done


@pytest.fixture
def limits(world: World) -> None:
    Budget.objects.filter(project=world.project).update(warn_nusd=None, max_nusd=None)


def test_an_anomaly_says_why(run: Run) -> None:
    found = cost_anomaly(run.project, NOW)
    assert found is not None
    assert found.judged.day == date(2026, 6, 1)
    assert found.judged.spent_nusd == 10 * DOLLAR
    because = found.because
    assert because is not None
    assert because.main == "calls"
    total = because.calls + because.tokens + because.price + because.cache
    assert isclose(total, 10 * DOLLAR - because.usual_nusd, rel_tol=1e-9)
    most = {share.dimension: (share.key, share.excess_nusd) for share in because.most}
    assert most["agent"] == ("validate", 10 * DOLLAR)
    assert "Mainly because there were more calls" in found.text
    assert "$10.00" in found.text


def test_yesterday_is_told_today(run: Run) -> None:
    found = cost_anomaly(run.project, NOW + timedelta(days=1))
    assert found is not None
    assert found.judged.day == date(2026, 6, 1)
    assert cost_anomaly(run.project, NOW + timedelta(days=2)) is None


def test_a_history_is_read_once(run: Run, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        read = History.of(run.project, date(2026, 5, 30), 30)
        assert [read.anomaly(date(2026, 5, day)) for day in range(1, 31)] == [None] * 30


def test_another_model_is_named(run: Run) -> None:
    dear = paid_model("Dear", "gpt-dear")
    call = paid_call(run, 30 * DOLLAR, held_nusd=31 * DOLLAR, profile=dear)
    LLMCall.objects.filter(pk=call.pk).update(created_at=NOW - timedelta(hours=2))
    rollups.rebuild([run.project_id])
    found = cost_anomaly(run.project, NOW)
    assert found is not None
    assert found.because is not None
    assert "openai_compatible/gpt-dear" in [share.key for share in found.because.most]
