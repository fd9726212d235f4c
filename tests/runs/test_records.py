"""Events are numbered without gaps, and a state changes only from where it was thought to be."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from observability.models import Node
from runs.models import EventKind, Run, RunEvent, RunStatus
from runs.records import append_event, transition
from tests import factories
from tests.conftest import World
from tests.runs.actions.at_once import all_at_once


@pytest.fixture
def run(world: World) -> Run:
    return factories.run(world.project)


def numbers(run: Run) -> list[int]:
    return [event.seq for event in run.events.order_by("seq")]


def warn(run: Run, message: str = "Mind.", **fields: Any) -> RunEvent:
    return append_event(run.pk, EventKind.WARNING, message, **fields)


def test_events_are_numbered_from_one_in_each_run(run: Run, world: World) -> None:
    other = factories.run(world.project)
    assert [warn(run).seq, warn(run).seq, warn(other).seq, warn(run).seq] == [1, 2, 1, 3]


def test_an_event_keeps_what_it_is_given(run: Run) -> None:
    warn(run, "Mind the gap.", node=Node.VALIDATE, iteration=2, figures={"score": 0.5})
    event = run.events.get()
    assert (event.kind, event.message, event.node) == ("warning", "Mind the gap.", "validate")
    assert (event.iteration, event.figures) == (2, {"score": 0.5})


def test_many_writers_leave_no_gap(transactional_db: None, run: Run) -> None:
    def write() -> list[int]:
        return [warn(run).seq for _ in range(6)]

    outcomes = all_at_once(*[write] * 6)
    assert numbers(run) == list(range(1, 37))
    given = [number for outcome in outcomes for number in outcome]
    assert sorted(given) == list(range(1, 37))
    assert all(outcome == sorted(outcome) for outcome in outcomes)


def test_writers_in_longer_transactions_leave_no_gap(transactional_db: None, run: Run) -> None:
    def write() -> None:
        with transaction.atomic():
            warn(run)
            warn(run)

    all_at_once(*[write] * 5)
    assert numbers(run) == list(range(1, 11))


def test_what_is_rolled_back_leaves_no_gap(run: Run) -> None:
    warn(run)
    with transaction.atomic():
        warn(run)
        transaction.set_rollback(True)
    warn(run)
    assert numbers(run) == [1, 2]


def test_a_node_is_finished_once(run: Run) -> None:
    def finish(iteration: int) -> RunEvent:
        return append_event(
            run.pk, EventKind.NODE_FINISHED, "Done.", node=Node.DECOMPOSE, iteration=iteration
        )

    finish(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        finish(1)
    finish(2)
    assert numbers(run) == [1, 2]


def test_a_state_changes_with_its_event_and_further_columns(run: Run) -> None:
    assert transition(
        run.pk, RunStatus.QUEUED, RunStatus.FAILED, "Failed: no room.", reason="No room."
    )
    run.refresh_from_db()
    assert (run.status, run.reason) == (RunStatus.FAILED, "No room.")
    event = run.events.get()
    assert (event.kind, event.message) == (EventKind.STATUS, "Failed: no room.")
    assert event.figures == {"status": "failed"}


def test_a_state_that_has_moved_on_is_left_alone(run: Run) -> None:
    stopped = (RunStatus.FAILED, RunStatus.CANCELLED)
    assert transition(run.pk, stopped, RunStatus.COMPLETED, "Done.", reason="x") is False
    run.refresh_from_db()
    assert (run.status, run.reason) == (RunStatus.QUEUED, "")
    assert not run.events.exists()


def test_of_many_who_change_a_state_at_once_one_does(transactional_db: None, run: Run) -> None:
    targets = [RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.COMPLETED, RunStatus.RUNNING]
    moved = all_at_once(
        *[lambda to=to: transition(run.pk, RunStatus.QUEUED, to, to.label) for to in targets]
    )
    assert sorted(moved, key=str) == [False, False, False, True]
    run.refresh_from_db()
    assert run.status == targets[moved.index(True)]
    assert run.events.get().message == run.get_status_display()
