"""Days that cost too much are found, with a reason that adds up; usual ones are not."""

import random
from collections.abc import Callable
from datetime import date, time, timedelta
from math import exp
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.models import Grain, Node, SpanCost
from observability.reports.anomalies import (
    CostAnomaly,
    cost_anomalies,
    judge,
)
from observability.reports.asked import Period
from observability.reports.excess import By, Mix, Reason, reasons, whole
from observability.reports.weekdays import LEAST_DAYS, Spending
from observability.tokens import Usage
from runs.models import Run
from tests import factories
from tests.conftest import World
from tests.money import DOLLAR, unconfirmed_call
from tests.observability.history import NOW, TODAY, Spent, before, uneven, write

MONDAY = date(2026, 11, 16)


@pytest.fixture
def run(world: World) -> Run:
    return factories.run(world.project)


def made_up(days: int = 200, noise: float = 0.2, seed: int = 1, **kind: Any) -> dict[int, int]:
    """About $20 a day, to the Monday before last."""
    chance = random.Random(seed)  # noqa: S311
    last = MONDAY.toordinal() - 1
    found = {}
    for day in range(last - days + 1, last + 1):
        drawn = chance.gauss(0, noise)
        if (day - 1) % 7 not in kind.get("rests", ()):
            quiet = kind.get("quiet", 0.0) if (day - 1) % 7 in (5, 6) else 0.0
            found[day] = round(20 * DOLLAR * exp(drawn - quiet))
    return found


def told(costs: dict[int, int], least_nusd: int = DOLLAR) -> list[int]:
    return [one.day for one in judge(costs, min(costs), max(costs), least_nusd)]


@pytest.mark.parametrize("kind", [{}, {"rests": (5, 6)}, {"quiet": 2.0}])
def test_a_spike_is_told_and_quiet_days_are_not(kind: dict[str, Any]) -> None:
    costs = made_up(**kind)
    assert told(costs) == []
    costs[MONDAY.toordinal()] = 70 * DOLLAR
    assert told(costs) == [MONDAY.toordinal()]


def test_a_quiet_weekday_is_judged_by_its_like() -> None:
    """A Sunday that costs what any Monday does, where Sundays cost a seventh of that."""
    costs = made_up(quiet=2.0)
    sunday = MONDAY.toordinal() - 1
    costs[sunday] = 20 * DOLLAR
    assert told(costs) == [sunday]


def test_a_day_on_which_a_project_rests_is_judged_by_its_days_of_work() -> None:
    costs = made_up(rests=(5, 6))
    sunday = MONDAY.toordinal() - 1
    assert told(costs | {sunday: 20 * DOLLAR}) == []
    assert told(costs | {sunday: 90 * DOLLAR}) == [sunday]


def test_27_days_say_nothing_and_28_do() -> None:
    costs = made_up(days=28)
    first = min(costs)
    spike = {MONDAY.toordinal(): 400 * DOLLAR}
    assert told(costs | spike) == [MONDAY.toordinal()]
    del costs[first]
    assert told(costs | spike) == []
    assert Spending(costs).usual(first + LEAST_DAYS) is None


def test_few_days_with_spending_say_nothing() -> None:
    costs = made_up(days=91)
    spike = {MONDAY.toordinal(): 900 * DOLLAR}
    kept = dict(list(costs.items())[::7])  # Mondays: 13 days
    assert len(kept) == 13
    assert told(kept | spike) == []


def test_after_a_long_rest_a_project_begins_anew() -> None:
    costs = {day - 120: cost for day, cost in made_up().items()}
    costs[MONDAY.toordinal()] = 900 * DOLLAR
    assert told(costs) == []


def test_cents_are_no_anomaly() -> None:
    costs = {day: cost // 1_000 for day, cost in made_up().items()}  # 2 cents a day
    costs[MONDAY.toordinal()] = DOLLAR // 4
    assert told(costs) == []
    assert told(costs, least_nusd=DOLLAR // 10) == [MONDAY.toordinal()]


def test_far_below_the_usual_is_no_anomaly() -> None:
    costs = made_up()
    costs[MONDAY.toordinal()] = DOLLAR // 100
    assert told(costs) == []


def test_a_lasting_change_is_one_series_until_it_is_usual() -> None:
    costs = made_up(days=150)
    monday = MONDAY.toordinal()
    rest = {day + 150: 3 * cost for day, cost in made_up(days=150, seed=2).items()}
    found = list(judge(costs | rest, monday, monday + 60))
    days = [one.day for one in found]
    assert {one.series for one in found} == {monday}
    assert days[0] == monday
    assert monday + 9 <= days[-1] <= monday + 20


def test_a_day_of_rest_does_not_end_a_series() -> None:
    costs = made_up(rests=(5, 6))
    friday = MONDAY.toordinal() - 3
    costs |= {friday: 90 * DOLLAR, friday + 3: 90 * DOLLAR}
    assert [(one.day, one.series) for one in judge(costs, friday + 3, friday + 3)] == [
        (friday + 3, friday)
    ]


def test_anomalies_of_the_past_hide_no_later_one() -> None:
    costs = made_up()
    spikes = [MONDAY.toordinal() - back for back in (40, 30, 20, 10)]
    for day in spikes:
        costs[day] *= 5
    assert told(costs) == spikes


@given(st.lists(st.integers(0, 50 * DOLLAR), min_size=40, max_size=120), st.integers(30, 119))
def test_a_day_is_judged_by_what_was_known_then(amounts: list[int], cut: int) -> None:
    costs = dict(enumerate(amounts, 739_000))
    last = 739_000 + cut
    short = {day: cost for day, cost in costs.items() if day <= last}
    everything = list(judge(costs, 739_000, 739_200, 0))
    assert list(judge(short, 739_000, last, 0)) == [one for one in everything if one.day <= last]


def test_it_is_the_same_however_long_ago_reading_began() -> None:
    costs = made_up(days=500, noise=0.5)
    monday = MONDAY.toordinal()
    late = {day: cost for day, cost in costs.items() if day >= monday - 182}
    assert Spending(costs).usual(monday) == Spending(late).usual(monday)


AMOUNTS = st.floats(1, 1e12)
MIXES = st.builds(Mix, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, st.floats(0, 1e12))


@given(MIXES, MIXES)
def test_reasons_leave_no_remainder(one: Mix, other: Mix) -> None:
    change = other.total - one.total
    parts = reasons(one, other)
    scale = max(map(abs, [*parts.values(), one.total, other.total]))
    assert sum(parts.values()) == pytest.approx(change, abs=1e-9 * scale)
    assert sum(whole(parts, round(change)).values()) == round(change)


EDGES = st.sampled_from([0.0, 1.0, 1e9])


@given(st.builds(Mix, EDGES, EDGES, EDGES, EDGES, EDGES, EDGES), MIXES)
def test_nothing_of_something_is_no_error(one: Mix, other: Mix) -> None:
    for before_, now in ((one, other), (other, one)):
        parts = reasons(before_, now)
        scale = max(1.0, *map(abs, parts.values()), before_.total, now.total)
        change = now.total - before_.total
        assert sum(parts.values()) == pytest.approx(change, abs=1e-9 * scale)


def mix(calls: float = 100, input_: float = 4_000, output: float = 800, price: float = 1_000,
        cached: float = 0.5) -> Mix:  # fmt: skip
    gross = calls * (input_ + 5 * output) * price
    return Mix(calls, calls * input_, calls * output, gross * (1 - cached), gross)


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (mix(calls=300), Reason.CALLS),
        (mix(input_=20_000), Reason.INPUT),
        (mix(output=4_000), Reason.OUTPUT),
        (mix(price=3_000), Reason.PRICE),
        (mix(cached=0.0), Reason.CACHE),
    ],
)
def test_one_cause_is_all_of_the_reason(now: Mix, reason: Reason) -> None:
    parts = reasons(mix(), now)
    assert parts.pop(reason) == pytest.approx(now.cost - mix().cost)
    assert all(abs(other) < 1 for other in parts.values())


def test_two_causes_share_it() -> None:
    parts = reasons(mix(), mix(calls=200, price=2_000))
    assert parts[Reason.CALLS] == pytest.approx(parts[Reason.PRICE])


def anomalies(run: Run, days: int = 7, **values: Any) -> tuple[CostAnomaly, ...]:
    return cost_anomalies(run.project_id, Period.of_days(days, TODAY), TODAY, **values)


LOST_CACHE = Usage(input_fresh=80_000, cache_read=0, output=8_000)
LONG = Usage(input_fresh=120_000, cache_read=360_000, output=8_000)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (Spent(calls=45), Reason.CALLS),
        (Spent(calls=11, usage=LOST_CACHE), Reason.CACHE),
        (Spent(calls=11, usage=LONG), Reason.INPUT),
        (Spent(calls=11, model="dear", times=3), Reason.PRICE),
    ],
)
def test_the_largest_reason_is_what_was_planted(run: Run, day: Spent, reason: Reason) -> None:
    spiked = TODAY - timedelta(days=3)
    write(run, uneven(before(TODAY, 60)) | {spiked: day})
    (one,) = anomalies(run)
    assert (one.day, one.since, one.is_complete) == (spiked, spiked, True)
    assert one.actual_nusd == day.cost_nusd
    assert one.because[0].reason == reason
    assert sum(part.nusd for part in one.because) == one.actual_nusd - one.expected_nusd
    for by in By:
        parts = [part.nusd for part in one.shares if part.by == by]
        assert sum(parts) == one.excess_nusd
    assert one.least_nusd < one.expected_nusd < one.most_nusd < one.actual_nusd
    assert one.score > 3
    assert one.expected_nusd == pytest.approx(Spent().cost_nusd, rel=0.1)


def test_who_had_the_excess_is_named(run: Run, world: World) -> None:
    other = factories.run(
        world.project, subsystem=factories.subsystem(world.project, "COM", "Radio")
    )
    spiked = TODAY - timedelta(days=3)
    usual = uneven(before(TODAY, 60), Spent(person=world.editor))
    write(run, usual)
    more = Spent(calls=40, model="other", node=Node.VALIDATE, run=other, person=world.owner)
    write(other, {spiked: more})
    (one,) = anomalies(run)
    most = {by: one.most_of(by) for by in By}
    assert {by: share.key for by, share in most.items() if share} == {
        By.NODE: Node.VALIDATE, By.MODEL: "openai_compatible/other",
        By.SUBSYSTEM: other.subsystem_id, By.PERSON: world.owner.pk,
    }  # fmt: skip
    assert one.shares[0].share == pytest.approx(1, abs=0.1)
    text = one.message({(By.SUBSYSTEM, other.subsystem_id): "COM", (By.PERSON, world.owner.pk):
                        "Olivia"})  # fmt: skip
    assert "more calls (" in text
    assert "COM (" in text
    assert "Olivia (" in text
    assert len(text) <= 500
    assert len(one.message({(By.PERSON, world.owner.pk): "O" * 600})) == 500


def test_calls_whose_outcome_is_unknown_are_a_reason_of_their_own(run: Run) -> None:
    spiked = TODAY - timedelta(days=3)
    write(run, uneven(before(TODAY, 60)))
    at = NOW - timedelta(days=3)
    unconfirmed_call(run, 4 * DOLLAR, at=at)
    write(run, {})
    (one,) = anomalies(run)
    assert one.day == spiked
    assert one.because[0].reason == Reason.UNKNOWN
    assert one.because[0].nusd == 4 * DOLLAR
    assert sum(part.nusd for part in one.because) == one.excess_nusd


def test_today_is_told_once_it_has_cost_more_than_a_day_may(run: Run) -> None:
    write(run, uneven(before(TODAY, 60)) | {TODAY: Spent(calls=8)})
    assert anomalies(run) == ()
    write(run, {TODAY: Spent(calls=40)})
    (one,) = anomalies(run)
    assert (one.day, one.is_complete) == (TODAY, False)
    assert " so far;" in one.message()


def test_no_calls_and_no_history_are_no_anomaly(run: Run) -> None:
    assert anomalies(run) == ()
    write(run, uneven(before(TODAY, 27)) | {TODAY: Spent(calls=90)})
    assert anomalies(run) == ()


def test_another_project_is_not_counted(run: Run, world: World) -> None:
    spiked = TODAY - timedelta(days=3)
    write(run, uneven(before(TODAY, 60)))
    write(factories.run(world.other_project), {spiked: Spent(calls=90)})
    assert anomalies(run) == ()


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Los_Angeles", "Pacific/Auckland"])
def test_days_are_those_of_the_project_also_when_clocks_change(run: Run, zone: str) -> None:
    """Half an hour before midnight, over both changes of the clocks; Berlin's was on 25 October,
    Los Angeles' on 1 November, Auckland's on 27 September."""
    run.project.time_zone = zone
    run.project.save(update_fields=["time_zone"])
    days = before(TODAY, 70)
    changes = [date(2026, 10, 25), date(2026, 11, 1), date(2026, 9, 27)]
    write(run, uneven(days), at=time(23, 30))
    rows = SpanCost.objects.filter(days=1, project=run.project, grain=Grain.ALL)
    assert sorted(set(rows.values_list("day", flat=True))) == days
    assert anomalies(run, days=60) == ()
    write(run, {changes[1]: Spent(calls=40)}, at=time(0, 30))
    assert [one.day for one in anomalies(run, days=60)] == [changes[1]]


def test_it_takes_one_query_and_three_more_for_any_number(
    run: Run, django_assert_num_queries: Callable[[int], Any]
) -> None:
    spikes = {TODAY - timedelta(days=back): Spent(calls=60) for back in (2, 9, 16)}
    write(run, uneven(before(TODAY, 80)))
    with django_assert_num_queries(1):
        assert anomalies(run, days=30) == ()
    write(run, spikes)
    with django_assert_num_queries(4):
        assert len(anomalies(run, days=30)) == 3
    with django_assert_num_queries(4):
        assert len(anomalies(run, days=15)) == 2
