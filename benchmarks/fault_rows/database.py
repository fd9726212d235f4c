"""Rows 10 and 11: a database that is away, locked, or silent about what it has done."""

from fault_rows.books import books
from fault_rows.broken import UNSEEN
from fault_rows.locks import hold_lock, stop_server
from fault_rows.machine import plan, plans, standing
from fault_rows.stage import Measured, Stage, state, wait_for_calls, wait_until_ended
from runs.models import Run, RunStatus
from runs.waking import wake_worker

AWAY_SECONDS = 5
LOCKED_SECONDS = 10


def away(stage: Stage) -> Measured:
    """10: the server is stopped for 5 s, and a write lock is held for 10 s, while models answer."""
    measured = Measured(stage.trials(1, 10))
    machine = standing(stage)
    faults = ["a lock held"]
    if stage.kind == "postgresql":  # the file of SQLite is never away
        faults.append("a server stopped")
    runs: list[Run] = []
    with stage.answering(0.7):
        for _ in range(measured.trials):
            for fault in faults:
                batch = [stage.run(wide=True), stage.run(wide=True)]
                runs += batch
                wait_for_calls(batch)
                _break(fault)
                wait_until_ended(batch, 120)
    measured.figures["faults"] = " and ".join(faults)
    _complete(measured, stage, runs)
    measured.must(machine.process.poll() is None, "`manage.py work` has ended")
    return measured


def _break(fault: str) -> None:
    if fault == "a lock held":
        hold_lock(LOCKED_SECONDS)
    else:
        stop_server(AWAY_SECONDS)


def _complete(measured: Measured, stage: Stage, runs: list[Run]) -> None:
    for run in runs:
        measured.must(state(run) == RunStatus.COMPLETED, f"{run} is {run.status}: {run.reason}")
    measured.figures["completed"] = sum(run.status == RunStatus.COMPLETED for run in runs)
    books(stage).put(measured)


def unseen_commit(stage: Stage) -> Measured:
    """11: every other commit of a hold or a settlement succeeds, and its client sees the connection
    break."""
    measured = Measured(stage.trials(2, 20))
    standing(stage)
    runs = []
    for _ in range(measured.trials):
        run = stage.run(wide=True, wake=False)
        plan(stage, run, UNSEEN)
        wake_worker(run)
        runs.append(run)
    wait_until_ended(runs, 60 + 30 * measured.trials)
    unseen: list[str] = []
    for run in runs:
        file = plans(stage) / f"{run.pk}.unseen"
        unseen += file.read_text().splitlines() if file.exists() else []
    for step in ("[hold]", "[settled]"):
        measured.figures[f"unseen commits of {step}"] = unseen.count(step)
        measured.must(step in unseen, f"no commit of {step} was unseen")
    _complete(measured, stage, runs)
    found = books(stage)
    measured.zero("settled twice", found.double)
    measured.zero("windows beside their calls, nano-USD", found.drift_nusd)
    return measured
