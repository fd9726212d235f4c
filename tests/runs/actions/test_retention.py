"""Checkpoints go when a run has ended and its time is over; a late resume does nothing twice."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import Schedule

from runs.actions.execute import execute
from runs.actions.resume import resume_run
from runs.actions.retention import purge_checkpoints
from runs.actions.review import decide_review
from runs.models import Checkpoint, CheckpointWrite, Decision, Run, RunEvent, RunStatus
from runs.serving import schedules
from tests.runs.conftest import VAGUE, ScriptedChatModel, Starter

pytestmark = pytest.mark.django_db(transaction=True)


def ended(run: Run, status: RunStatus, days: float) -> None:
    Run.objects.filter(pk=run.pk).update(
        status=status, finished_at=timezone.now() - timedelta(days=days)
    )


def test_they_go_after_thirty_days(executed: Starter) -> None:
    old, young = executed(), executed()
    ended(old, RunStatus.COMPLETED, 31)
    ended(young, RunStatus.COMPLETED, 29)
    assert purge_checkpoints() == 1
    assert purge_checkpoints() == 0
    for rows in (Checkpoint.objects, CheckpointWrite.objects):
        assert set(rows.values_list("run", flat=True)) == {young.pk}


def test_a_run_that_waits_keeps_them(executed: Starter) -> None:
    run = executed(review_strategy=True)
    Run.objects.update(finished_at=timezone.now() - timedelta(days=99))
    assert purge_checkpoints() == 0
    assert run.checkpoints.exists()


def test_a_run_that_is_resumed_without_them_does_nothing_twice(
    executed: Starter, scripted: type[ScriptedChatModel]
) -> None:
    run = executed(VAGUE, max_iterations=1)
    decide_review(None, run, Decision.CHANGES, "Say how fast.", enqueue=False)
    asked, events = len(scripted.asked), RunEvent.objects.filter(run=run, kind="node_finished")
    finished = events.count()
    ended(run, RunStatus.FAILED, 31)
    assert purge_checkpoints() == 1
    resume_run(None, run, enqueue=False)
    assert execute(run.pk)
    run.refresh_from_db()
    assert (run.status, run.iteration) == (RunStatus.WAITING_REVIEW, 2)
    assert events.count() == finished + 2  # decompose and validate, with the feedback
    again = [request["task"] for request in scripted.asked[asked:]]
    assert "extract" not in again
    assert "analyze" not in again


def test_the_schedules_are_made_once() -> None:
    schedules.ensure()
    schedules.ensure()
    made = {row.func for row in Schedule.objects.filter(cluster="maint")}
    assert {"runs.tasks.purge_checkpoints", "runs.tasks.purge_exports"} <= made
    assert Schedule.objects.count() == len(made)
