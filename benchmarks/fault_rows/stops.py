"""Rows 4 to 6: signals that stop, and one that freezes."""

import os
import signal
import subprocess
import time
from contextlib import suppress

from fault_rows.books import books
from fault_rows.locks import is_free
from fault_rows.machine import put_away, restarted, standing
from fault_rows.stage import (
    Measured,
    Stage,
    claims,
    ended,
    finishes,
    starts,
    state,
    wait_for_calls,
    wait_for_claims,
    wait_until_ended,
)
from runs.models import Checkpoint, EventKind, RequirementVersion, Run, RunEvent, RunStatus
from tests.faults.work import worker_of

STOP_SECONDS = 20  # what a service manager gives a group before it kills it


def to_main(stage: Stage) -> Measured:
    """4: SIGTERM to the main process, while two workers are at a node."""
    measured = Measured(stage.trials(1, 10))
    over: list[float] = []
    runs: list[Run] = []
    with stage.answering(0.7):
        machine = standing(stage)
        for _ in range(measured.trials):
            batch = [stage.run(wide=True), stage.run()]
            runs += batch
            wait_for_calls(batch)
            time.sleep(stage.chance.uniform(0.0, 1.0))
            began = time.time()
            machine.process.send_signal(signal.SIGTERM)
            code = machine.process.wait(120)
            over.append(time.time() - max(_last_finish(run, began) for run in batch))
            measured.must(code == 0, f"it ended with {code}")
            _were_laid_down(measured, batch)
            machine = restarted(stage)
        wait_until_ended(runs, 120)
    measured.within("exit after the node", over, 5)
    _complete(measured, stage, runs)
    measured.zero("calls cut off", books(stage).unconfirmed)
    return measured


def _last_finish(run: Run, otherwise: float) -> float:
    """When the run's last node ended, or that time if none did after it."""
    event = run.events.filter(kind=EventKind.NODE_FINISHED).order_by("-seq").first()
    return max(otherwise, event.created_at.timestamp()) if event else otherwise


def _were_laid_down(measured: Measured, batch: list[Run]) -> None:
    for run in batch:
        found = state(run)
        measured.must(found in {RunStatus.QUEUED, RunStatus.COMPLETED}, f"{run} is {found}")
        measured.must(found != RunStatus.QUEUED or run.attempts == 0, f"{run}: counted as a loss")


def _complete(measured: Measured, stage: Stage, runs: list[Run]) -> None:
    lost = [str(run) for run in runs if state(run) != RunStatus.COMPLETED]
    measured.figures["lost runs"] = len(lost)
    measured.must(not lost, f"not completed: {', '.join(lost)}")
    books(stage).put(measured)


def to_group(stage: Stage) -> Measured:
    """5: SIGTERM to every process of the machine, killed when it has not ended in time."""
    measured = Measured(stage.trials(1, 10))
    times: list[float] = []
    exits: list[float] = []
    runs: list[Run] = []
    machine = standing(stage)
    with stage.answering(0.7):
        for _ in range(measured.trials):
            batch = [stage.run(wide=True), stage.run(wide=True)]
            runs += batch
            wait_for_calls(batch)
            before = {run.pk: run.lease_token for run in map(_fresh, batch)}
            began = time.time()
            machine.signal_all(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                machine.process.wait(STOP_SECONDS)
            exits.append(time.time() - began)
            put_away(stage.kind)
            began = time.time()
            machine = restarted(stage)
            wait_until_ended(batch, 120)
            for run in batch:
                if state(run) == RunStatus.COMPLETED and run.lease_token > before[run.pk]:
                    times.append(claims(run)[-1].timestamp() - began)
    measured.figures["ended by itself"] = sum(seconds < STOP_SECONDS for seconds in exits)
    measured.within("resumed", times, stage.intervals.t)
    _complete(measured, stage, runs)
    return measured


def _fresh(run: Run) -> Run:
    run.refresh_from_db()
    return run


def frozen(stage: Stage) -> Measured:
    """6: a worker sleeps through its lease, and wakes up while another is at work, or after it."""
    measured = Measured(stage.trials(2, 10))
    runs = []
    commits = extra = 0
    machine = standing(stage)
    with stage.answering(0.7):
        for trial in range(measured.trials):
            run = stage.run(wide=True)
            runs.append(run)
            wait_for_calls([run])
            pid = _freeze(run)
            try:
                _taken_over(stage, run, late=trial % 2 == 1)
                before = _written(run)
            finally:
                os.kill(pid, signal.SIGCONT)
            late = ended([run])
            wait_until_ended([run], 60)
            time.sleep(stage.intervals.heartbeat + 3)
            commits += sum(count - 1 for count in finishes(run).values())
            if late:
                commits += sum(b != a for a, b in zip(before, _written(run), strict=True))
            extra += sum(starts(run).values()) - len(starts(run)) - 1
            measured.must(run.attempts == 2, f"{run} had {run.attempts} workers")
    measured.zero("zombie commits", commits)
    measured.zero("extra nodes", max(0, extra))
    measured.must(machine.process.poll() is None, "the machine has ended")
    _complete(measured, stage, runs)
    return measured


def _freeze(run: Run) -> int:
    """Stop the worker with SIGSTOP; its process id. Not where it holds a lock: on SQLite nobody
    could write then, whatever anybody did."""
    while True:
        run.refresh_from_db()
        pid = worker_of(run.worker)
        os.kill(pid, signal.SIGSTOP)
        if is_free(run):
            return pid
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.05)


def _taken_over(stage: Stage, run: Run, *, late: bool) -> None:
    """Wait until another worker is at work with the run, or has finished it."""
    wait_for_claims(run, 2, stage.intervals.t)
    if late:
        wait_until_ended([run], 60)
    else:
        time.sleep(2)  # it is at work, or about to be
    run.refresh_from_db()


def _written(run: Run) -> tuple[object, ...]:
    """What a worker writes of a run's state: all that a fence must keep a zombie from."""
    run.refresh_from_db()
    return (
        RunEvent.objects.filter(run=run).count(),
        Checkpoint.objects.filter(run_id=run.pk).count(),
        RequirementVersion.objects.filter(run=run).count(),
        run.status,
        run.lease_token,
        run.finished_at,
    )
