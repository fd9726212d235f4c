"""Counters never go down, whatever happens to the sums that they are read from."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from observability import ledger, rollups
from observability.ledger import Held
from observability.metrics import scrape
from observability.metrics.scrape import BEHIND_AFTER
from observability.models import CostSource, LLMCall, SpanCost
from observability.rollups import refreshing
from observability.tokens import Usage
from reqplatform.teams.models import Project
from runs.models import Run
from tests import factories
from tests.conftest import World
from tests.money import CENT, USAGE, held_call, paid_call, unconfirmed_call
from tests.observability.metrics.told import samples, value, values

Counters = dict[tuple[Any, ...], float]


def counters() -> Counters:
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for sample in samples()
        if sample.name.endswith("_total")
    }


def fallen(before: Counters) -> Counters:
    """Those that say less than before. Gone is no fall: Prometheus goes on where it was."""
    after = counters()
    return {name: after[name] for name in before if after.get(name, before[name]) < before[name]}


@pytest.fixture
def history(run: Run) -> Run:
    """Ten calls of an hour ago that are in the sums."""
    for _ in range(10):
        paid_call(run)
    age()
    rollups.refresh()
    return run


def age() -> None:
    ago = timezone.now() - timedelta(hours=1)
    LLMCall.objects.update(created_at=ago, finished_at=ago)


def test_a_call_counts_once_its_outcome_is_known(run: Run) -> None:
    call = unconfirmed_call(run, 5 * CENT)
    rollups.refresh()
    assert value("unconfirmed_calls", project="survey") == 1
    assert value("unconfirmed_dollars", project="survey") == 0.05
    assert counters() == {}
    ledger.reconcile(call.pk, usage=Usage(output=5), cost_nusd=CENT)
    rollups.refresh()
    assert values("unconfirmed_calls") == []
    assert value("cost_dollars_total", source="langsmith") == 0.01


def test_an_answer_that_comes_late_takes_nothing_back(history: Run) -> None:
    late = unconfirmed_call(history)
    rollups.refresh()
    before = counters()
    ledger.settle(
        Held.of(late), answer="{}", usage=USAGE, cost_nusd=CENT, source=CostSource.METERED
    )
    assert fallen(before) == {}
    rollups.refresh()
    assert fallen(before) == {}
    assert value("calls_total", source="metered") == 11


@contextmanager
def watched(before: Counters, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Counters]]:
    """What a scraper sees between any two batches."""
    seen: list[Counters] = []
    step = refreshing._step

    def watching(project_id: int, batch: int, wait: bool) -> int:
        assert fallen(before) == {}
        seen.append(counters())
        return step(project_id, batch, wait)

    monkeypatch.setattr(refreshing, "_step", watching)
    yield seen
    assert fallen(before) == {}
    assert counters() == before


def test_sums_that_are_made_anew_let_no_counter_fall(
    history: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = counters()
    with watched(before, monkeypatch) as seen:
        rollups.rebuild([history.project_id], batch=3)
    assert len(seen) > 4
    assert seen[1] == {}  # left out, or this test could not fail
    assert SpanCost.objects.exists()


def test_that_they_are_being_made_is_told(history: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert value("sums_behind", project="survey") == 0
    assert value("sums_due", project="survey") == 0
    monkeypatch.setattr(refreshing, "refresh", lambda *args, **more: 0)
    rollups.rebuild([history.project_id])
    assert value("sums_behind", project="survey") == 1
    assert value("sums_due", project="survey") == 11  # with the record
    assert value("sums_behind", project="other") == 0
    assert values("quality_judged_runs", project="survey") == []
    assert values("quality_judged_runs", project="other") == [0]
    assert values("budget_spent_dollars", project="survey", scope="total") == [0.1]


def test_a_project_that_moves_lets_no_counter_fall(
    history: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = counters()
    Project.objects.filter(pk=history.project_id).update(time_zone="Pacific/Kiritimati")
    with watched(before, monkeypatch):
        rollups.refresh(batch=3)


def test_calls_of_the_last_moments_are_late_and_hide_nothing(history: Run) -> None:
    before = counters()
    paid_call(history)
    assert counters() == before
    assert value("sums_due", project="survey") == 1
    LLMCall.objects.filter(is_due=True).update(
        finished_at=timezone.now() - BEHIND_AFTER - timedelta(seconds=1)
    )
    assert counters() == {}  # nobody adds up
    rollups.refresh()
    assert fallen(before) == {}
    assert value("calls_total", source="metered") == 11


def test_what_is_held_for_long_is_not_behind(history: Run) -> None:
    held_call(history, at=timezone.now() - timedelta(hours=2))
    assert value("sums_behind", project="survey") == 0


@pytest.mark.parametrize("counted", [1, 2, 3, 4, 7, 100])
def test_what_is_due_is_counted_up_to_a_limit_for_each_project(
    history: Run, world: World, monkeypatch: pytest.MonkeyPatch, counted: int
) -> None:
    """However many of one there are, those of the next are seen."""
    monkeypatch.setattr(scrape, "COUNTED", counted)
    for _ in range(3):
        paid_call(history)
        paid_call(factories.run(world.other_project))
    assert value("sums_due", project="survey") == min(3, counted)
    assert value("sums_due", project="other") == min(3, counted)
    refreshing._mark_all(history.project_id)
    assert value("sums_behind", project="survey") == 1
    assert value("sums_behind", project="other") == 0
    assert value("sums_due", project="other") == min(3, counted)
