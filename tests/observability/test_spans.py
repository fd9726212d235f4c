"""A period is covered by few spans, and its figures are those of its days, whenever these came."""

import random
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.db.models import Sum
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from observability import ledger, rollups
from observability.models import (
    Grain,
    LLMCall,
    Node,
    PayerCost,
    QualityRecord,
    RollupState,
    RunCosts,
    RunFigures,
    SpanCost,
    SpanQuality,
)
from observability.reports import sums
from observability.reports.asked import CostFilter, Period, QualityFilter, Unset
from observability.reports.comparison import compare_routes, comparison
from observability.reports.cost import by_project, cost
from observability.reports.per_run import per_run, rank
from observability.reports.quality import quality
from observability.rollups.checking import differences
from observability.rollups.spans import LENGTHS, around, cover, rows_ever, to_make
from observability.tokens import Usage
from reqplatform.teams.models import User
from runs.models import Run
from tests import factories
from tests.conftest import World
from tests.money import CENT
from tests.observability.history import Spent, judged, write

FIRST = date(2026, 7, 1)
DAYS = 130
LAST = FIRST + timedelta(days=DAYS - 1)
days = st.dates(date(2025, 1, 1), date(2027, 12, 31))


@given(days, st.integers(0, 800), st.none() | st.integers(-100, 900))
def test_a_period_is_covered_once_by_spans_that_are_over(
    first: date, length: int, closed_after: int | None
) -> None:
    last = first + timedelta(days=length)
    closed = None if closed_after is None else first + timedelta(days=closed_after)
    found = list(cover(first, last, closed))
    covered = [span.day + timedelta(days=n) for span in found for n in range(span.days)]
    assert covered == [first + timedelta(days=n) for n in range(length + 1)]
    for span in found:
        if span.days > 1:
            assert closed is not None
            assert span.last <= closed
            assert span == around(span.day, span.days)
            assert [part.last for part in span.parts][-1] == span.last


@given(days)
def test_a_year_is_covered_by_two_dozen_spans(first: date) -> None:
    last = first + timedelta(days=364)
    assert len(list(cover(first, last, last))) <= 24


@given(st.lists(days, max_size=4), st.none() | days, days)
def test_spans_are_made_when_they_end_and_when_a_day_of_theirs_changes(
    changed: list[date], before: date | None, closed: date
) -> None:
    found = to_make(changed, before, closed)
    assert [span.days for span in found] == sorted(span.days for span in found)
    assert all(span.last <= closed for span in found)
    for length in LENGTHS:
        for day in changed:
            span = around(day, length)
            assert (span in found) == (span.last <= closed)
        if before is not None and before < closed:
            ended = {around(before + timedelta(days=n), length) for n in range(1, 70)}
            due = {span for span in ended if before < span.last <= closed}
            assert due <= set(found)


@given(st.lists(st.lists(st.integers(0, 10**12), min_size=1), min_size=1), st.floats(0.01, 1))
def test_a_rank_is_that_of_all_costs_sorted(parts: list[list[int]], share: float) -> None:
    costs = sorted(cost for part in parts for cost in part)
    below = sum(cost <= rank([sorted(p) for p in parts], share) for cost in costs)  # type: ignore[operator]
    found = rank([sorted(part) for part in parts], share)
    assert found in costs
    assert below / len(costs) >= share - 1e-9
    assert sum(cost < found for cost in costs) / len(costs) < share


def test_no_costs_have_no_rank() -> None:
    assert rank([], 0.5) is None


@pytest.fixture
def history(world: World, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Calls and judged runs of 130 days, added up now and then while the days pass, and some of
    them weeks late."""
    chance = random.Random(7)  # noqa: S311
    run = factories.run(world.project)
    power = factories.subsystem(world.project, "PWR", "Power")
    other = factories.run(world.project, subsystem=power)
    person, revisions = factories.user("ada"), [run.revision, other.revision]
    at = datetime(2026, 7, 1, 12, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: at)
    for number in range(10):
        day = FIRST + timedelta(days=min(DAYS - 1, number * 130 // 10 + chance.randrange(9)))
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        some = {
            day - timedelta(days=back): Spent(
                calls=chance.randrange(1, 4),
                model=chance.choice(("gpt-test", "gpt-other")),
                node=chance.choice((Node.DECOMPOSE, Node.ANALYZE)),
                run=chance.choice((run, other)),
                person=chance.choice((None, person)),
            )
            for back in (0, chance.choice((1, 3, 40)))
            if day - timedelta(days=back) >= FIRST
        }
        write(run, some)
        scores = [chance.uniform(0.6, 1) for _ in range(3)]
        revision = chance.choice(revisions)
        of_day = judged(world.project, scores, begin=at, revision=revision, versions=("1", "2"))
        write(of_day[0], {day: Spent(model=chance.choice(("gpt-test", "gpt-other")))})
    at = datetime(2026, 11, 9, tzinfo=UTC)
    rollups.refresh(world.project.pk)
    return run


def test_every_span_is_what_the_books_say(history: Run) -> None:
    assert {days for (days,) in SpanCost.objects.values_list("days")} == {1, *LENGTHS}
    assert {days for (days,) in SpanQuality.objects.values_list("days")} == {1, *LENGTHS}
    assert list(differences(history.project)) == []


def test_a_figure_that_is_wrong_is_found_wherever_it_stands(history: Run) -> None:
    """One row of each sum, grain and length is changed or missing."""
    wanted = set()
    for grain, days in product(("all", "subsystem", "person"), (1, *LENGTHS)):
        row = SpanCost.objects.filter(grain=grain, days=days).order_by("-pk")[0]
        SpanCost.objects.filter(pk=row.pk).update(output=row.output + 1)
        wanted.add(f"{days} days by {grain}: {row.day}")
    for grain, days in product(Grain.values, (1, *LENGTHS)):
        judged_row = SpanQuality.objects.filter(grain=grain, days=days).order_by("-pk")[0]
        judged_row.measures["clarity"][4] = 2.0
        judged_row.save()
        wanted.add(f"judged, {days} days: {judged_row.day}, {grain}")
    for by in RunCosts.By.values:
        costs = RunCosts.objects.filter(by=by).order_by("-pk")[0]
        costs.delete()
        wanted.add(f"costs of runs: {costs.day}, {by}")
    run = RunFigures.objects.filter(judged_on__isnull=False).order_by("-pk")[0]
    RunFigures.objects.filter(pk=run.pk).update(begun_at=timezone.now(), judge=0.123)
    wanted |= {f"run {run.pk}, begun_at", f"run {run.pk}, judge"}
    found = [str(one) for one in differences(history.project)]
    missed = {text for text in wanted if not any(one.startswith(text) for one in found)}
    assert not missed


def test_all_days_are_read_once(history: Run) -> None:
    closed, calls = RollupState.objects.get().closed_on, LLMCall.objects.count()
    assert closed is not None
    for back in (0, 1, 3, 20, 64, 200):
        RollupState.objects.update(closed_on=closed - timedelta(days=back))
        rows = SpanCost.objects.filter(rows_ever([history.project_id]), grain="all")
        assert rows.aggregate(n=Sum("calls"))["n"] == calls, back
        assert (len(set(rows.values_list("days", flat=True))) > 1) == (back < 100)


def test_a_late_change_reaches_every_span_of_its_day(history: Run) -> None:
    call = LLMCall.objects.order_by("created_at")[0]
    LLMCall.objects.filter(pk=call.pk).update(state="unconfirmed", cost_source="unconfirmed")
    ledger.reconcile(call.pk, usage=Usage(output=5), cost_nusd=77 * CENT)
    rollups.refresh()
    assert list(differences(history.project)) == []


def periods() -> Iterator[Period]:
    for first, last in ((0, 129), (64, 64), (17, 100)):
        yield Period(FIRST + timedelta(days=first), FIRST + timedelta(days=last))


def test_reports_of_spans_are_those_of_their_days(history: Run) -> None:
    with_spans = list(map(repr_of, reports(history)))
    RollupState.objects.update(closed_on=None)  # so that every day is read by itself
    SpanCost.objects.exclude(days=1).delete()
    SpanQuality.objects.exclude(days=1).delete()
    for found, plain in zip(with_spans, map(repr_of, reports(history)), strict=True):
        assert_same(found, plain)


def reports(run: Run) -> Iterator[Any]:
    pk, zone = run.project_id, run.project.time_zone
    person = PayerCost.objects.filter(person__isnull=False)[0].person_id
    for period in periods():
        asked = CostFilter(pk, zone, period)
        for which in (
            {}, {"subsystem": run.subsystem_id}, {"person": person}, {"node": Node.ANALYZE},
            {"model": "openai/gpt-other"}, {"subsystem": run.subsystem_id, "person": person},
        ):  # fmt: skip
            yield cost(asked.narrowed(**which))
        yield by_project([run.project], period).get(pk, sums.Sum())
        scored = QualityFilter(pk, zone, period)
        for report in (quality, comparison, compare_routes):
            yield report(scored)
            yield report(scored.narrowed(skill="decomposition@2"))
            yield report(scored.narrowed(specification=run.revision.specification_id))


def repr_of(report: Any) -> dict[str, Any]:
    """Its figures by their place."""
    found: dict[str, Any] = {}

    def put(place: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, one in value.items():
                put(f"{place}.{key}", one)
        elif isinstance(value, list | tuple):
            for number, one in enumerate(value):
                put(f"{place}.{number}", one)
        else:
            found[place] = value if isinstance(value, int | float) else str(value)

    put("", [asdict(one) for one in report] if isinstance(report, tuple) else asdict(report))
    return found


def test_sums_by_whom_are_those_of_the_runs_themselves(
    history: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What sums tell of a filter, against its runs, one by one."""
    person = User.objects.get(username="ada")
    records = QualityRecord.objects.order_by("id").values_list("pk", flat=True)
    QualityRecord.objects.filter(pk__in=list(records)[::2]).update(person=person, is_due=True)
    rollups.refresh()
    asked = QualityFilter(history.project_id, history.project.time_zone, next(periods()))
    subsystem = SpanQuality.objects.filter(subsystem__isnull=False)[0].subsystem_id
    questions = [
        asked.narrowed(**which)
        for which in (
            {}, {"person": person.pk}, {"person": Unset.NONE}, {"subsystem": subsystem},
            {"specification": history.revision.specification_id}, {"skill": "decomposition@1"},
        )
    ]  # fmt: skip
    counts = [quality(one).runs for one in questions]
    assert counts[1] == counts[2] == counts[0] / 2 > 10
    told = list(map(repr_of, judged_reports(questions)))
    monkeypatch.setattr("observability.reports.judged._rows", lambda *args: None)
    for one, other in zip(told, map(repr_of, judged_reports(questions)), strict=True):
        assert_same(one, other)


def judged_reports(questions: list[QualityFilter]) -> Iterator[Any]:
    for one in questions:
        yield quality(one)
        yield comparison(one)
        yield compare_routes(one)


def assert_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one.keys() == other.keys()
    for place, value in one.items():
        expected = pytest.approx(value) if isinstance(value, float) else value
        assert other[place] == expected, place


def test_costs_of_runs_are_those_of_their_parts(history: Run) -> None:
    """Sorted costs of days against parts added up: a subsystem of all runs makes it add up."""
    PayerCost.objects.update(subsystem=history.subsystem)
    one = PayerCost.objects.filter(run__isnull=False)[0]
    asked = CostFilter(history.project_id, history.project.time_zone, next(periods()))
    which: dict[str, Any]
    for which in (
        {"node": one.node},
        {"model": f"{one.provider}/{one.model}"},
        {"source": one.source},
    ):
        narrowed = asked.narrowed(**which)
        assert per_run(narrowed).runs > 1
        assert per_run(narrowed) == per_run(narrowed.narrowed(subsystem=history.subsystem_id))
