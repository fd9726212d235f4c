"""Rows 15 and 16: budgets under killed processes, and a kill at every point of a call."""

import time
from argparse import Namespace

from ledger import Round, examine, prepare

from fault_rows.books import books, drift
from fault_rows.broken import POINTS
from fault_rows.machine import plan, plans, standing
from fault_rows.stage import CALLS_AT_ONCE, Measured, Stage, state, wait_until_ended
from observability.models import CallState, LLMCall
from runs.actions.reap import sweep
from runs.models import Run, RunStatus
from runs.waking import wake_worker

KILLS = 4
PATIENCE_SECONDS = 2.5  # the worker's calls are given up after 2 s


def budgets(stage: Stage) -> Measured:
    """15: the round with kills of `benchmarks/ledger.py`."""
    measured = Measured(stage.trials(1, 3))
    for trial in range(measured.trials):
        options = Namespace(processes=8, calls=stage.trials(60, 500), seed=trial + 1)
        project, runs = prepare(options, f"row-15-{trial}")
        # Runs that nobody queued: the workers of other rows are not to execute them.
        Run.objects.filter(project=project).update(status=RunStatus.CANCELLED)
        one = Round(options, ignores_cap=False)
        one.play(runs, KILLS, _in_a_call)
        measured.must(one.spawned == options.processes + KILLS, "not all kills hit")
        time.sleep(max(PATIENCE_SECONDS, stage.intervals.sweep + 0.1))
        sweep()
        held = LLMCall.objects.filter(project=project, state=CallState.HELD).count()
        measured.zero("leaked after the reaper", held)
        found = examine(project, one.provider)
        measured.figures["calls billed"] = len(one.provider.bill)
        measured.figures["unconfirmed nano-USD"] = found["of_that_unconfirmed_nusd"]
        for name in ("overspend_nusd", "unbooked_nusd", "unrecorded", "drift_nusd"):
            measured.zero(name, int(str(found[name])))
        measured.zero("drift", drift(project))
        measured.must(bool(found["of_that_unconfirmed_nusd"]), "no kill hit a call in flight")
    return measured


def _in_a_call(runs: list[str]) -> str:
    """One of the runs, that holds money for a call right now if any does."""
    until = time.monotonic() + 1
    while time.monotonic() < until:
        held = LLMCall.objects.filter(run_id__in=runs, state=CallState.HELD).order_by("-id")
        if (found := held.values_list("run_id", flat=True).first()) is not None:
            return str(found)
    return runs[0]


def every_point(stage: Stage) -> Measured:
    """16: the worker dies at each point of hold -> call -> settle."""
    rounds = stage.trials(1, 5)
    measured = Measured(rounds * len(POINTS))
    standing(stage)
    runs: list[tuple[str, Run]] = []
    with stage.answering(0.5):
        for _ in range(rounds):
            for point in POINTS:
                run = stage.run(wide=True, wake=False)
                most = 2 if "node" in point else 8
                plan(stage, run, point, skip=stage.chance.randrange(most))
                wake_worker(run)
                runs.append((point, run))
        wait_until_ended([run for _, run in runs], 60 + 20 * len(runs))
    for point, run in runs:
        killed = len(list(plans(stage).glob(f"{run.pk}.killed-*")))
        measured.must(killed == 1, f"at {point}: {killed} kills instead of 1")
        measured.must(state(run) == RunStatus.COMPLETED, f"at {point}: {run} is {run.status}")
        measured.must(run.attempts == 2, f"at {point}: {run.attempts} attempts instead of 2")
    found = books(stage)
    measured.figures["billed - recorded, nano-USD"] = found.unrecorded_nusd
    found.put(measured)
    measured.zero("settled at another figure", found.inexact)
    measured.must(
        0 < found.unconfirmed <= CALLS_AT_ONCE * measured.trials,
        f"unconfirmed: {found.unconfirmed}",
    )
    return measured
