"""Sums that reports read are the sums of the calls, whatever happened to them and when."""

from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from observability import ledger, rollups
from observability.ledger import Held
from observability.models import (
    CostSource,
    Grain,
    LLMCall,
    QualityRecord,
    RunFigures,
    SpanCost,
    SpanQuality,
)
from observability.pricing import price_of
from observability.rollups.checking import differences
from observability.rollups.refreshing import TABLES
from observability.tokens import Usage
from reqplatform.teams.models import Project
from runs.actions.reap import sweep
from runs.models import Run
from tests import factories
from tests.conftest import World
from tests.money import (
    CENT,
    held_call,
    paid_call,
    paid_model,
    refused_call,
    replayed_call,
    unconfirmed_call,
)

LATE = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # the next day in Berlin, the same in Lima


@pytest.fixture
def run(world: World) -> Run:
    return factories.completed_run(world.project)


def total(project: Project, **which: Any) -> int:
    rows = SpanCost.objects.filter(days=1, project=project, grain=Grain.ALL, **which)
    return sum(rows.values_list("cost_nusd", flat=True))


def test_every_kind_of_call_is_in_the_sums_once(run: Run) -> None:
    other = paid_model("Other", "gpt-other")
    paid_call(run, 3 * CENT, at=LATE)
    paid_call(run, CENT, iteration=2, profile=other, purpose="repair", at=LATE)
    paid_call(run, 2 * CENT, shared=True)
    unconfirmed_call(run, 5 * CENT)
    refused_call(run)
    replayed_call(run)
    assert rollups.due(run.project_id) == 7  # and the record
    assert rollups.refresh() == 7
    assert rollups.due(run.project_id) == 0
    assert total(run.project) == 11 * CENT
    row = RunFigures.objects.get(run=run)
    assert (row.calls, row.released_calls, row.cost_nusd) == (4, 1, 9 * CENT)
    assert (row.failed_nusd, row.again_nusd, row.revised_nusd) == (5 * CENT, CENT, CENT)
    assert row.sources == ["metered", "replayed", "unconfirmed"]
    assert list(differences(run.project)) == []


def test_a_call_that_is_held_is_not_due_yet(run: Run) -> None:
    paid_call(run)
    rollups.refresh()
    call = held_call(run)
    assert rollups.due(run.project_id) == 0
    ledger.settle(Held.of(call), answer="", usage=Usage(), cost_nusd=7, source=CostSource.METERED)
    assert rollups.due(run.project_id) == 1
    rollups.refresh()
    assert total(run.project) == CENT + 7


def test_what_is_known_late_changes_the_day_of_the_call(run: Run) -> None:
    call = unconfirmed_call(run, 5 * CENT, at=LATE)
    rollups.refresh()
    assert total(run.project, day=date(2026, 11, 20)) == 5 * CENT
    ledger.reconcile(call.pk, usage=Usage(output=5), cost_nusd=CENT)
    assert rollups.refresh() == 1
    assert total(run.project, day=date(2026, 11, 20), source="langsmith") == CENT
    assert total(run.project) == CENT
    assert list(differences(run.project)) == []


def test_days_are_those_of_the_project_also_after_it_has_moved(run: Run) -> None:
    paid_call(run, CENT, at=LATE)
    rollups.refresh()
    assert total(run.project, day=date(2026, 11, 20)) == CENT
    Project.objects.filter(pk=run.project_id).update(time_zone="Europe/Berlin")
    rollups.refresh()
    assert total(run.project, day=date(2026, 11, 20)) == 0
    assert total(run.project, day=date(2026, 11, 21)) == CENT
    run.project.refresh_from_db()
    assert list(differences(run.project)) == []


def test_adding_up_twice_comes_to_the_same(run: Run) -> None:
    paid_call(run, CENT)
    paid_call(run, CENT, shared=True)
    rollups.refresh()
    before = figures()
    LLMCall.objects.update(is_due=True)
    QualityRecord.objects.update(is_due=True)
    rollups.refresh(batch=1)
    assert figures() == before
    rollups.rebuild([run.project_id])
    assert figures() == before


def figures() -> list[list[dict[str, Any]]]:
    return [
        sorted(({k: v for k, v in row.items() if k != "id"} for row in rows), key=str)
        for rows in (table._default_manager.values() for table in TABLES)
    ]


def test_caches_save_by_the_price_of_the_call(run: Run) -> None:
    profile = paid_model(cache_read_price=1)  # 3 dollars fresh, 3.75 written
    usage = Usage(input_fresh=0, cache_read=1_000, cache_write=100, output=10)
    call = paid_call(run, CENT, usage=usage, profile=profile)
    LLMCall.objects.filter(pk=call.pk).update(price=price_of(profile, LATE).as_json())
    rollups.refresh()
    saved = 1_000 * (3_000 - 1_000) - 100 * 750  # nano-USD a token
    assert RunFigures.objects.get(run=run).saved_nusd == saved


def test_only_the_latest_record_of_a_run_counts(run: Run) -> None:
    first = QualityRecord.objects.get(run=run)
    rollups.refresh()
    first.pk, first.iteration_count, first.overall, first.is_due = None, 2, 0.5, True
    first.save(force_insert=True)
    rollups.refresh()
    row = RunFigures.objects.get(run=run)
    assert (row.iterations, row.overall) == (2, 0.5)
    day = SpanQuality.objects.get(grain=Grain.ALL, days=1)
    assert day.measures["overall"][:2] == [1, 0.5]


def test_the_command_finds_a_sum_that_is_wrong(run: Run) -> None:
    paid_call(run, CENT)
    call_command("rebuild_rollups", check=True, stdout=StringIO())
    SpanCost.objects.filter(days=1, grain=Grain.ALL).update(cost_nusd=1)
    RunFigures.objects.update(cost_nusd=2)
    out = StringIO()
    with pytest.raises(CommandError, match="7 sums"):
        call_command("rebuild_rollups", check=True, stdout=out)
    assert "the sums" in out.getvalue()
    call_command("rebuild_rollups", stdout=StringIO())
    assert total(run.project) == CENT


def test_the_sweep_adds_up(run: Run) -> None:
    paid_call(run, CENT)
    sweep()
    assert total(run.project) == CENT
