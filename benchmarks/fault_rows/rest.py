"""Rows 18 to 20: a clock that is off, text that a database refuses, a graph of another day."""

from contextlib import ExitStack

from fault_rows.books import books
from fault_rows.machine import Machine, standing
from fault_rows.people import waiting
from fault_rows.stage import (
    Measured,
    Stage,
    claims,
    starts,
    state,
    wait_for,
    wait_until_ended,
)
from observability.models import Alert, AlertCause
from runs.actions.resume import resume_run
from runs.graph import GRAPH_VERSION
from runs.models import Run, RunStatus, SourceRequirement
from runs.waking import wake_worker

OFF_SECONDS = 300
SPOILT = (
    b"1 Requirements\n\n"
    b"SYS-001 The Navigation subsystem shall re\x00port the position every 2 s.\n\n"
    b"SYS-002 When the position is lost, the Navigation subsystem shall raise\xed\xa0\x80 an alarm "
    b"within 5 s at \xc2\xb12 \xc2\xb0C\xed\xbf\xbf.\n"
)
READABLE = ("report the position every 2 s", "raise", "an alarm within 5 s at \u00b12 \u00b0C")


def clocks(stage: Stage) -> Measured:
    """18: two machines, one of which is five minutes fast (and in the long form a slow one)."""
    shifts = [0, OFF_SECONDS] + ([-OFF_SECONDS] if stage.long else [])
    runs: list[Run] = []
    measured = Measured(stage.trials(6, 30))
    with ExitStack() as stack, stage.answering(1.0):
        machines = [
            stack.enter_context(Machine(stage, FAULTS_CLOCK=str(shift) if shift else ""))
            for shift in shifts
        ]
        for machine in machines:
            machine.up()
        runs += [stage.run(wide=True, wake=False) for _ in range(measured.trials)]
        took: dict[int, set[object]] = {number: set() for number in range(len(machines))}

        def look() -> bool:
            for run in Run.objects.filter(pk__in=[run.pk for run in runs]):
                for number, machine in enumerate(machines):
                    if machine.has(run):
                        took[number].add(run.pk)
            return all(state(run) == RunStatus.COMPLETED for run in runs)

        for run in runs:
            wake_worker(run)
        wait_for(look, 60 + 20 * len(runs), "not every run was completed")
    measured.figures["runs of each machine"] = "/".join(str(len(of)) for of in took.values())
    measured.must(all(took.values()), "a machine took no run")
    measured.zero("double leases", sum(len(claims(run)) - 1 for run in runs))
    measured.zero("nodes begun twice", sum(n - 1 for run in runs for n in starts(run).values()))
    given_up = Alert.objects.filter(project=stage.project, cause=AlertCause.UNCONFIRMED)
    measured.zero("calls given up by the other machine", given_up.count())
    books(stage).put(measured)
    return measured


def spoilt_text(stage: Stage) -> Measured:
    """19: NUL and lone surrogates in a document."""
    measured = Measured(1)
    standing(stage)
    run = stage.run(SPOILT)
    wait_until_ended([run], 60)
    measured.must(state(run) == RunStatus.COMPLETED, f"it is {run.status}: {run.reason}")
    texts = SourceRequirement.objects.filter(extraction=run.extraction).values_list(
        "text", flat=True
    )
    whole = " ".join(texts)
    measured.figures["text"] = repr(whole)
    for words in READABLE:
        measured.must(words in whole, f"{words!r} cannot be read any more")
    measured.must(whole.isprintable(), "it has characters that nobody can see")
    books(stage).put(measured)
    return measured


def older_graph(stage: Stage) -> Measured:
    """20: runs that an older version of the graph began: one queued, one that waits for review."""
    measured = Measured(2)
    standing(stage)
    queued, reviewed = stage.run(wake=False), waiting(stage, 1)[0]
    Run.objects.filter(pk__in=[queued.pk, reviewed.pk]).update(graph_version=GRAPH_VERSION - 1)
    wake_worker(queued)
    resume_run(None, reviewed)
    wait_until_ended([queued, reviewed], 40)
    for run in (queued, reviewed):
        measured.must(state(run) == RunStatus.FAILED, f"{run} is {run.status}")
        said = f"version {GRAPH_VERSION - 1} of the graph" in run.reason
        measured.must(said, f"it says: {run.reason}")
    measured.figures["it says"] = queued.reason
    return measured
