"""Rows 7 to 9 and 17: what the queue does with a run, and what a run does to the queue."""

import threading
from functools import partial

from django.db import connection
from django_q.models import OrmQ
from django_q.tasks import async_task

from fault_rows.books import books
from fault_rows.broken import IN_NODE
from fault_rows.machine import plan, standing
from fault_rows.stage import (
    CALLS_AT_ONCE,
    Measured,
    Stage,
    claims,
    starts,
    state,
    wait_for,
    wait_for_calls,
    wait_for_claims,
    wait_until_ended,
)
from observability.models import CallState, LLMCall
from runs.actions.claim import claim
from runs.models import EventKind, Run, RunStatus
from runs.waking import wake_worker

DELIVERIES = 10
TASK_SECONDS = 8  # a task's limit, of which its worker needs some to load


def ten(stage: Stage) -> Measured:
    """7: ten messages for one run, and ten claims at the same moment."""
    measured = Measured(stage.trials(3, 20))
    standing(stage)
    raced = [stage.run(wake=False) for _ in range(measured.trials)]
    winners = [_race(run) for run in raced]
    measured.must(set(winners) == {1}, f"of ten claims at once, these many won: {winners}")
    runs = [stage.run(wake=False) for _ in range(measured.trials)]
    before = OrmQ.objects.count()
    with stage.answering(0.3):
        for run in runs:
            for _ in range(DELIVERIES):
                wake_worker(run)
        wait_until_ended(runs, 60 + 10 * measured.trials)
        wait_for(partial(_queued, before), 30, "the queue was not emptied")
    executions = [len(claims(run)) for run in runs]
    twice = sum(count > 1 for run in runs for count in starts(run).values())
    measured.figures["deliveries"] = DELIVERIES * len(runs)
    measured.figures["executions of one run, at most"] = max(executions)
    measured.must(set(executions) == {1}, f"executions: {executions}")
    measured.zero("nodes done twice", twice)
    wait_until_ended(raced, 60 + 10 * measured.trials)  # nobody executes them: they are reaped
    measured.must(
        all(state(run) == RunStatus.COMPLETED for run in [*runs, *raced]), "a run is not completed"
    )
    books(stage).put(measured)
    return measured


def _race(run: Run) -> int:
    """How many of ten that claim the run at once succeed."""
    barrier = threading.Barrier(DELIVERIES)
    tokens: list[int | None] = []

    def take() -> None:
        barrier.wait()
        try:
            tokens.append(claim(run.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(DELIVERIES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tokens) == DELIVERIES
    return sum(token is not None for token in tokens)


def refused_duplicate(stage: Stage) -> Measured:
    """8: the second message is refused and acknowledged, so that nothing is left in the queue when
    the worker dies."""
    measured = Measured(stage.trials(1, 10))
    machine = standing(stage)
    times, runs = [], []
    with stage.answering(0.7):
        for _ in range(measured.trials):
            run = stage.run(wide=True)
            runs.append(run)
            wait_for_calls([run])
            before = OrmQ.objects.count()  # those of dead workers stay, and the run's own
            wake_worker(run)
            wait_for(partial(_queued, before), 20, "the duplicate was not acknowledged")
            run.refresh_from_db()
            measured.must(len(claims(run)) == 1, "the duplicate was not refused")
            killed = machine.kill_worker(run)
            wait_for_claims(run, 2, 60)
            times.append(claims(run)[-1].timestamp() - killed)
            wait_until_ended([run], 60)
    measured.within("resumed", times, stage.intervals.t)
    measured.must(all(state(run) == RunStatus.COMPLETED for run in runs), "a run is not completed")
    books(stage).put(measured)
    return measured


def _queued(count: int) -> bool:
    return bool(OrmQ.objects.count() == count)


def deadly_node(stage: Stage) -> Measured:
    """9: a node that kills its process each time."""
    measured = Measured(stage.trials(1, 5))
    standing(stage)
    runs = []
    for _ in range(measured.trials):
        run = stage.run(wake=False)
        plan(stage, run, IN_NODE, times=100)
        wake_worker(run)
        runs.append(run)
    wait_until_ended(runs, 4 * stage.intervals.t * measured.trials)
    begun = [starts(run).get(("decompose", 1), 0) for run in runs]
    measured.figures["starts"] = ", ".join(map(str, begun))
    for run, count in zip(runs, begun, strict=True):
        measured.must(count == 3 == len(claims(run)), f"{count} starts, {len(claims(run))} claims")
        measured.must(state(run) == RunStatus.FAILED, f"{run} is {run.status}")
        measured.must("lost its worker 3 times" in run.reason, f"it says: {run.reason}")
    books(stage).put(measured)
    return measured


def timeout(stage: Stage) -> Measured:
    """17: the queue's limit on a task's time passes while several calls are under way."""
    measured = Measured(stage.trials(1, 5))
    standing(stage)
    for _ in range(measured.trials):
        run = stage.run(wide=True, wake=False)
        cut_before = _cut(stage)
        with stage.answering(30):
            async_task("runs.tasks.execute_run", str(run.pk), timeout=TASK_SECONDS)
            wait_for_calls([run], 2, TASK_SECONDS + 10)
            _wait_until_told(run)
        wait_until_ended([run], 60)
        measured.must(state(run) == RunStatus.COMPLETED, f"{run} is {run.status}: {run.reason}")
        measured.must(run.attempts == 2, f"{run.attempts} attempts instead of 2")
        cut = _cut(stage) - cut_before
        measured.must(1 < cut <= CALLS_AT_ONCE, f"{cut} calls were cut off")
        measured.figures["attempts"] = run.attempts
    measured.figures["recorded"] = "in the run's events"
    books(stage).put(measured)
    return measured


def _wait_until_told(run: Run) -> None:
    events = run.events.filter(kind=EventKind.STATUS, figures__status=RunStatus.QUEUED.value)
    told = events.filter(message__contains="was ended")
    wait_for(told.exists, TASK_SECONDS + 10, "nothing was recorded")


def _cut(stage: Stage) -> int:
    rows = LLMCall.objects.filter(project=stage.project, state=CallState.UNCONFIRMED)
    return rows.count()
