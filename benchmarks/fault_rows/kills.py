"""Rows 1 to 3: workers and clusters that are killed with -9."""

import time
from dataclasses import dataclass

from fault_rows.books import books
from fault_rows.intervals import CLAIM
from fault_rows.machine import Machine, restarted, standing
from fault_rows.stage import (
    CALLS_AT_ONCE,
    Measured,
    Stage,
    calls_in_flight,
    claims,
    ended,
    state,
    wait_for,
    wait_until_ended,
)
from runs.models import EventKind, Run, RunEvent, RunStatus

MOST_KILLS = 2  # of one run: after the third loss it is given up


@dataclass
class Victim:
    """A run whose workers are killed, and when each of them was."""

    run: Run
    next_kill: float
    left: int = MOST_KILLS
    killed_at: float = 0.0
    token: int = 0

    def resumed(self) -> float | None:
        """Seconds from the kill until the next worker had taken the run; None before that."""
        self.run.refresh_from_db()
        if not self.killed_at or self.run.lease_token == self.token:
            return None
        return claims(self.run)[-1].timestamp() - self.killed_at


def busy_worker(stage: Stage) -> Measured:
    """1: kill -9 a worker while it executes a run, at a random moment.

    No more runs at a time than workers: T is for a run that need not queue behind others.
    """
    wanted = stage.trials(4, 60)
    measured = Measured(wanted)
    times: list[float] = []
    victims: list[Victim] = []
    machine = standing(stage)
    until = time.monotonic() + 60 + wanted * 2 * stage.intervals.t
    with stage.answering(0.5):
        while time.monotonic() < until:
            working = [victim for victim in victims if not ended([victim.run])]
            to_come = sum(victim.left + bool(victim.killed_at) for victim in working)
            due = wanted - len(times) - to_come
            if len(working) < machine.workers and due > 0:
                victims.append(Victim(stage.run(wide=True), 0.0, left=min(MOST_KILLS, due)))
            elif not working:
                break
            for victim in working:
                _next(stage, machine, victim, times)
            time.sleep(0.05)
    measured.must(len(times) == wanted, f"{len(times)} of {wanted} kills were resumed")
    measured.within("resumed", times, stage.intervals.t)
    _whole(measured, stage, [victim.run for victim in victims], wanted * CALLS_AT_ONCE)
    return measured


def _next(stage: Stage, machine: Machine, victim: Victim, times: list[float]) -> None:
    """Kill the victim's worker when it is due, and take the time until it has another."""
    if victim.killed_at:
        resumed = victim.resumed()
        if resumed is None:
            return
        times.append(resumed)
        victim.killed_at = 0.0
        victim.next_kill = 0.0
    victim.run.refresh_from_db()
    if not victim.left or victim.run.status != RunStatus.RUNNING or not machine.has(victim.run):
        return
    if not victim.next_kill:  # from its first call on: what is loaded before takes as long
        if calls_in_flight(victim.run):
            victim.next_kill = time.monotonic() + stage.chance.uniform(0.0, 2.0)
    elif time.monotonic() >= victim.next_kill:
        victim.token = victim.run.lease_token
        victim.killed_at = machine.kill_worker(victim.run)
        victim.left -= 1


def _whole(measured: Measured, stage: Stage, runs: list[Run], most_unconfirmed: int) -> None:
    """Every run is complete, and nothing was paid twice or forgotten."""
    lost = [run.short_id for run in runs if state(run) != RunStatus.COMPLETED]
    measured.figures["lost runs"] = len(lost)
    measured.must(not lost, f"not completed: {', '.join(lost)}")
    found = books(stage)
    found.put(measured)
    measured.must(found.unconfirmed > 0, "no kill hit a call in flight, so nothing is proved")
    measured.must(
        found.unconfirmed <= most_unconfirmed,
        f"unconfirmed: {found.unconfirmed}, at most {most_unconfirmed}",
    )


def whole_cluster(stage: Stage) -> Measured:
    """2: kill -9 everything on the machine, and start it again."""
    measured = Measured(stage.trials(1, 20))
    times: list[float] = []
    runs: list[Run] = []
    machine = standing(stage)
    with stage.answering(0.5):
        for _ in range(measured.trials):
            batch = [stage.run(wide=True) for _ in range(3)]  # two run, one is queued
            runs += batch
            hit = _two_at_work(stage, batch)
            before = {run.pk: run.lease_token for run in hit}
            machine.end()
            began = time.time()
            machine = restarted(stage)
            wait_until_ended(batch, 120)
            for run in hit:
                measured.must(state(run) == RunStatus.COMPLETED, f"{run} is {run.status}")
                measured.must(run.lease_token > before[run.pk], "a kill hit no running run")
                times.append(claims(run)[-1].timestamp() - began)
    measured.within("resumed", times, stage.intervals.t)
    _whole(measured, stage, runs, 2 * CALLS_AT_ONCE * measured.trials)
    return measured


def _two_at_work(stage: Stage, batch: list[Run]) -> list[Run]:
    """The two runs that the workers execute, at a random moment after their first calls."""

    def both() -> bool:
        running = _running(batch)
        return len(running) == 2 and all(calls_in_flight(run) for run in running)

    wait_for(both, 40, "the workers took no runs")
    time.sleep(stage.chance.uniform(0.0, 1.5))
    return _running(batch)


def _running(runs: list[Run]) -> list[Run]:
    return list(Run.objects.filter(pk__in=[run.pk for run in runs], status=RunStatus.RUNNING))


def idle_worker(stage: Stage) -> Measured:
    """3: kill -9 idle workers: one of them held the lock of the queue."""
    measured = Measured(stage.trials(1, 5))
    times: list[float] = []
    restarted = 0
    for _ in range(measured.trials):
        with Machine(stage).up() as machine:
            time.sleep(2 + CLAIM / 5)  # until both wait for the queue
            for pid in machine.idle_workers():
                machine.kill(pid)
            run = stage.run()
            queued = run.created_at.timestamp()
            wait_until_ended([run], stage.intervals.hung + 60)
            times.append(claims(run)[0].timestamp() - queued)
            restarted += RunEvent.objects.filter(run=run, kind=EventKind.WARNING).count()
            measured.must(state(run) == RunStatus.COMPLETED, f"{run.short_id} is {run.status}")
    measured.within("started", times, stage.intervals.hung)
    measured.figures["clusters that hung"] = restarted
    books(stage).put(measured)
    return measured
