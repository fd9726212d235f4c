"""LangSmith's account of a run is asked for after it, and noted in it once."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone
from django_q.models import Schedule

from observability import ledger
from observability.models import CallState, CostSource, LLMCall, NodeCost
from observability.reconciliation import Report
from reqplatform.tracing import Tracing
from runs.actions import reconcile
from runs.models import EventKind, Run
from tests import factories, money
from tests.conftest import World

ON = Tracing(True, "it is on", endpoint="http://127.0.0.1:9", api_key_set=True)


@pytest.fixture
def run(world: World, settings: LazySettings) -> Run:
    settings.TRACING = ON
    return factories.run(world.project)


def report(**values: Any) -> Report:
    defaults = {"matched": 2, "missing": 0, "failed": 0, "settled": 0, "compared": 2}
    return Report(**{**defaults, "difference_nusd": 0, **values})


def test_passes_lie_further_and_further_apart_and_end(run: Run) -> None:
    waits = []
    for already in range(10):
        if not reconcile.schedule(run.pk, already):
            break
        planned = Schedule.objects.get(name=f"reconcile {run.short_id} {already + 1}")
        assert planned.schedule_type == Schedule.ONCE
        waits.append(planned.next_run - timezone.now())
    assert len(waits) == 5
    assert waits == sorted(waits)
    assert waits[0] < timedelta(seconds=6)


def test_without_tracing_nothing_is_planned(run: Run, settings: LazySettings) -> None:
    settings.TRACING = Tracing(False, "it is off")
    assert not reconcile.schedule(run.pk)
    assert not Schedule.objects.exists()


def test_a_pass_that_knows_all_is_the_last_and_is_noted(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "reconcile_run", lambda *a, **k: report(matched=2))
    reconcile.reconcile(run.pk)
    event = run.events.get(kind=EventKind.RECONCILED)
    assert event.message.startswith("LangSmith has figures for 2 of 2 calls")
    assert event.figures["difference_nusd"] == 0
    assert not Schedule.objects.exists()


def test_a_pass_that_misses_something_plans_another_and_notes_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "reconcile_run", lambda *a, **k: report(missing=1))
    reconcile.reconcile(run.pk, already=1)
    assert not run.events.filter(kind=EventKind.RECONCILED).exists()
    assert Schedule.objects.get().name.endswith(" 3")
    reconcile.reconcile(run.pk, already=4)  # the last
    assert run.events.filter(kind=EventKind.RECONCILED).count() == 1


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (report(matched=0, compared=0), "told of none"),
        (report(), "the cost of 2 is the same there to the nano-dollar"),
        (report(difference_nusd=-1_500_000), "it has $0.0015 less than was booked"),
        (report(difference_nusd=1), "it has $0.000000001 more than was booked"),
        (report(settled=1), "1 unconfirmed were settled by its figures"),
        (report(problem="It cannot be reached."), "It cannot be reached."),
    ],
)
def test_what_it_says(found: Report, words: str) -> None:
    assert words in reconcile.in_words(found)


def test_what_langsmith_settles_is_added_up_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    money.paid_call(run)
    held = money.held_call(run)
    ledger.leave_unconfirmed(ledger.Held.of(held), "lost")
    money.end_node(run)
    before = NodeCost.objects.get(run=run).cost_nusd

    def settle(run_id: Any, **kwargs: Any) -> Report:
        ledger.reconcile(held.pk, usage=money.USAGE, cost_nusd=1_000)
        return report(settled=1)

    monkeypatch.setattr(reconcile, "reconcile_run", settle)
    reconcile.reconcile(run.pk)
    call = LLMCall.objects.get(pk=held.pk)
    assert (call.state, call.cost_source) == (CallState.SETTLED, CostSource.LANGSMITH)
    assert NodeCost.objects.get(run=run).cost_nusd == before - held.held_nusd + 1_000
