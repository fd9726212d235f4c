"""Rows 12 to 14: two reviewers, a server that dies under a decision, a person in a hurry."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection
from django.test import Client

from fault_rows.books import books
from fault_rows.machine import standing
from fault_rows.stage import (
    CALLS_AT_ONCE,
    Measured,
    Stage,
    calls_in_flight,
    claims,
    starts,
    state,
    wait_for,
    wait_for_calls,
    wait_for_state,
    wait_until_ended,
)
from reqplatform.teams.actions.tokens import issue_token
from reqplatform.teams.models import Membership, Role
from runs.actions.cancel import cancel_run
from runs.models import Run, RunStatus
from tests import factories

VAGUE = (
    "1 Requirements of {mark}\n\n"
    "SYS-001 The Navigation subsystem shall quickly show a user-friendly picture, if possible.\n\n"
    "SYS-002 The Navigation subsystem shall be fast and shall react in a timely manner, etc.\n"
)
DYING = Path(__file__).parent / "dying_reviewer.py"
STOPPED_IN = 2.0


def waiting(stage: Stage, count: int) -> list[Run]:
    """Runs that wait for a review of their result."""
    runs = [
        stage.run(
            VAGUE.format(mark=f"{stage.project.slug} {number}"), unattended=False, max_iterations=1
        )
        for number in range(count)
    ]
    for run in runs:
        wait_for_state(run, RunStatus.WAITING_REVIEW, 60)
    return runs


def two_reviewers(stage: Stage) -> Measured:
    """12: two people approve by the API at the same moment."""
    measured = Measured(stage.trials(4, 50))
    standing(stage)
    tokens = [_reviewer(stage, name) for name in ("ann", "bob")]
    runs = waiting(stage, measured.trials)
    answers = [tuple(sorted(_decide_at_once(run, tokens))) for run in runs]
    wait_until_ended(runs, 60 + 5 * measured.trials)
    documents = [
        sum(n for (node, _), n in starts(run).items() if node == "document") for run in runs
    ]
    measured.figures["answers"] = " ".join(f"{a}/{b}" for a, b in sorted(set(answers)))
    measured.figures["documents of one run, at most"] = max(documents)
    measured.must(set(answers) == {(200, 409)}, f"answers: {answers}")
    measured.must(set(documents) == {1}, f"documents: {documents}")
    measured.must(all(state(run) == RunStatus.COMPLETED for run in runs), "a run is not completed")
    books(stage).put(measured)
    return measured


def _documents(run: Run) -> int:
    return sum(count for (node, _), count in starts(run).items() if node == "document")


def _reviewer(stage: Stage, name: str) -> str:
    person = factories.user(f"{name}-{stage.project.slug}")
    Membership.objects.create(project=stage.project, user=person, role=Role.REVIEWER)
    return issue_token(person, name)[1]


def _decide_at_once(run: Run, tokens: list[str]) -> list[int]:
    barrier = threading.Barrier(len(tokens))
    answers: list[int] = []

    def decide(token: str) -> None:
        client = Client(headers={"authorization": f"Bearer {token}", "host": "localhost"})
        barrier.wait()
        try:
            answers.append(
                client.post(
                    f"/api/v1/runs/{run.pk}/review", {"decision": "approved"}, "application/json"
                ).status_code
            )
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def dying_reviewer(stage: Stage) -> Measured:
    """13: the process dies between the decision's commit and the message to the queue."""
    measured = Measured(stage.trials(3, 10))
    standing(stage)
    runs = waiting(stage, measured.trials)
    decided = []
    for run in runs:
        code = subprocess.run([sys.executable, str(DYING), str(run.pk)], check=False).returncode
        measured.must(code == -9, f"the reviewer's process ended with {code}")
        review = run.reviews.get()
        decided.append(review.decided_at.timestamp() if review.decided_at else 0.0)
        measured.must(state(run) == RunStatus.QUEUED, f"{run} is {run.status} after the decision")
    wait_until_ended(runs, 60 + 2 * stage.intervals.forgotten)
    times = [claims(run)[-1].timestamp() - at for run, at in zip(runs, decided, strict=True)]
    measured.within("resumed", times, stage.intervals.swallowed)
    measured.must(all(state(run) == RunStatus.COMPLETED for run in runs), "a run is not completed")
    books(stage).put(measured)
    return measured


def cancelled(stage: Stage) -> Measured:
    """14: cancelled in one long call, in four at once, and in a stream of short ones."""
    variants = [_in_one_call, _in_calls_at_once, _between_short_calls]
    measured = Measured(len(variants) * stage.trials(1, 5))
    standing(stage)
    times = []
    between = afterwards = under_way = 0
    for begin in variants * stage.trials(1, 5):
        with begin(stage) as run:
            under_way += calls_in_flight(run)
            began = len(stage.wire.requests)
            stopped, begun, late = _cancel(stage, run)
        times.append(stopped)
        between += begun - began
        afterwards += late - begun
        measured.must(state(run) == RunStatus.CANCELLED, f"{run} is {run.status}")
    time.sleep(1)  # for the worker to book what it has hung up
    measured.within("stopped", times, STOPPED_IN)
    measured.figures["calls hung up or ended"] = under_way
    measured.figures["calls begun before that"] = between
    measured.zero("calls started afterwards", afterwards)
    found = books(stage)
    found.put(measured)
    most = CALLS_AT_ONCE * measured.trials
    measured.must(0 < found.unconfirmed <= most, f"unconfirmed: {found.unconfirmed}, most {most}")
    return measured


@contextmanager
def _in_one_call(stage: Stage) -> Iterator[Run]:
    with stage.answering(20):
        run = stage.run()
        wait_for_calls([run])
        yield run


@contextmanager
def _in_calls_at_once(stage: Stage) -> Iterator[Run]:
    """At a node that has so many requests that as many are under way as may be."""
    run = stage.run(wide=True)
    wait_for(lambda: any(node == "decompose" for node, _ in starts(run)), 40, "no decomposition")
    with stage.answering(20):
        wait_for_calls([run], CALLS_AT_ONCE)
        yield run


@contextmanager
def _between_short_calls(stage: Stage) -> Iterator[Run]:
    """New calls begin all the time."""
    run = stage.run(requirements=90)
    wait_for(lambda: any(node == "decompose" for node, _ in starts(run)), 40, "no decomposition")
    with stage.answering(0.3):
        time.sleep(stage.chance.uniform(0.5, 1.5))
        yield run


def _cancel(stage: Stage, run: Run) -> tuple[float, int, int]:
    """Seconds until nothing was under way or begun any more, by the provider; how many requests
    there were 2 s after the cancellation, and 3 s later."""
    wire = stage.wire
    began = last = time.monotonic()
    cancel_run(None, run)
    seen = len(wire.requests)
    at_limit: int | None = None
    while time.monotonic() - began < STOPPED_IN + 3:
        now = time.monotonic()
        if len(wire.requests) > len(wire.bill.lines) or len(wire.requests) > seen:
            seen, last = len(wire.requests), now
        if at_limit is None and now - began >= STOPPED_IN:
            at_limit = seen
        time.sleep(0.01)
    return last - began, at_limit or seen, len(wire.requests)
