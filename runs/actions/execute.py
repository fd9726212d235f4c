"""Executing a run: claim it, walk the graph from its last checkpoint, and leave it in a state that
says where it stands. Called by the queue's task and by the command line.
"""

import logging
import time
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from observability import langsmith, telemetry
from observability.ledger import Denied
from observability.llm.errors import CallCancelled, ModelError, OutOfBudget
from reqplatform.contention import is_away
from reqplatform.errors import ActionError
from runs.actions import reconcile
from runs.actions.claim import claim, heartbeat
from runs.actions.reap import hand_over, leave_to_another, sweeping
from runs.graph import GRAPH_VERSION
from runs.graph.draining import Drained
from runs.graph.execution import Execution, Listener
from runs.models import Decision, EventKind, Review, ReviewKind, Run, RunStatus
from runs.records import LostLease, append_event, transition
from runs.waking import move_on_from

log = logging.getLogger(__name__)


def execute(run_id: UUID, listener: Listener | None = None) -> bool:
    """Execute a run until it ends or waits. False if it is not to be had: someone else has it.

    What goes wrong is recorded in the run and logged, not raised; only KeyboardInterrupt is raised
    again, after the run was left cancelled and resumable, and SystemExit, after it was left to
    another worker.
    """
    token = claim(run_id)
    if token is None:
        return False
    try:  # a KeyboardInterrupt before this point leaves the run queued, or to the reaper
        langsmith.prepare()
        with heartbeat(run_id, token), sweeping():
            _walk_through_outages(Execution(Run.objects.get(pk=run_id), token, listener))
    except Drained:
        with suppress(LostLease):
            hand_over(run_id, token)
    except (LostLease, CallCancelled) as reason:
        log.info("Run %s left: %s", run_id, reason)
    except KeyboardInterrupt:
        _stop(run_id, token, RunStatus.CANCELLED, "Interrupted at the keyboard; it can be resumed.")
        raise
    except SystemExit as reason:  # the queue's limit on the time of a task, for one
        log.warning("Run %s was ended: %s", run_id, reason)
        row = Run.objects.get(pk=run_id)
        leave_to_another(row, Q(lease_token=token), f"Its worker was ended ({reason})")
        raise
    except OutOfBudget as error:
        log.warning("Run %s is out of budget: %s", run_id, error)
        _stop(run_id, token, RunStatus.OUT_OF_BUDGET, str(error), _figures(error.denied))
    except (ModelError, ActionError) as error:
        log.warning("Run %s failed: %s", run_id, error)
        _stop(run_id, token, RunStatus.FAILED, str(error))
    except Exception as error:
        log.exception("Run %s failed", run_id)
        _stop(
            run_id,
            token,
            RunStatus.FAILED,
            f"An unexpected error stopped it ({type(error).__name__}: {error}). The log has the "
            "details; resume it to go on from its last checkpoint.",
        )
    finally:
        with suppress(DatabaseError):  # the sweep does it then
            move_on_from(run_id)
        _account(run_id)
    return True


def _figures(denied: Denied) -> dict[str, int]:
    return {
        "window": denied.window_id,
        "needed_nusd": denied.needed_nusd,
        "left_nusd": denied.left_nusd,
        "max_nusd": denied.max_nusd,
    }


def _account(run_id: UUID) -> None:
    """Tell LangSmith what is left to tell, for 3 seconds at most, and ask for its figures later;
    and OpenTelemetry's collector."""
    telemetry.flush()
    if langsmith.is_on():
        langsmith.flush(timeout=3.0)
        reconcile.schedule(run_id)


def _stop(
    run_id: UUID,
    token: int,
    status: RunStatus,
    reason: str,
    figures: dict[str, int] | None = None,
) -> None:
    try:
        transition(
            run_id,
            RunStatus.RUNNING,
            status,
            f"{status.label}: {reason}",
            token=token,
            figures=figures,
            reason=reason,
            finished_at=timezone.now(),
        )
    except LostLease:
        log.info("Run %s has gone on elsewhere", run_id)


def _walk_through_outages(execution: Execution) -> None:
    """Go on from the last checkpoint when the database was away. What was answered is in the
    journal; whoever has lost the lease meanwhile is told by it."""
    for pause in (1.0, 2.0, 4.0, 8.0, None):
        try:
            _walk(execution)
            return
        except (OperationalError, InterfaceError) as error:
            if pause is None or not is_away(error):
                raise
            log.warning("Run %s lost the database; goes on in %g s.", execution.run_id, pause)
            connection.close()
            time.sleep(pause)


def _walk(execution: Execution) -> None:
    from runs.graph.build import build  # LangGraph is loaded only where a run is executed
    from runs.graph.checkpointer import DjangoCheckpointSaver

    run = execution.run
    if run.graph_version != GRAPH_VERSION:
        raise ActionError(
            f"The run was begun by version {run.graph_version} of the graph; this server has "
            f"version {GRAPH_VERSION} and cannot continue it. Start a new run."
        )
    saver = DjangoCheckpointSaver(execution.token)
    try:
        graph = build(execution, wants_review=run.review_strategy, saver=saver)
        config: Any = {"configurable": {"thread_id": str(run.pk)}, "recursion_limit": 100}
        begun = saver.get_tuple(config) is not None
        entry: Any = None if begun else {"analysis": 0, "iteration": 0}
        result = graph.invoke(entry, config, durability="sync")
    finally:
        saver.close()
    waiting = result.get("__interrupt__")
    if waiting:
        _wait_for_review(execution, waiting[0].value)
    else:
        _complete(execution)


def _wait_for_review(execution: Execution, asked: dict[str, Any]) -> None:
    kind, iteration = ReviewKind(asked["kind"]), int(asked["iteration"])
    run = execution.run
    if kind == ReviewKind.STRATEGY:
        reason = "The strategy and the allocations wait for a review before decomposition."
    else:
        record = run.quality_records.get(iteration_count=iteration)
        reason = f"{record.gate_reason} The result waits for a review."
    with transaction.atomic():
        transition(
            run.pk,
            RunStatus.RUNNING,
            RunStatus.WAITING_REVIEW,
            "Waiting for a review.",
            token=execution.token,
            reason=reason,
            gate_passed=None if kind == ReviewKind.STRATEGY else False,
        )
        Review.objects.create(run=run, kind=kind, iteration=iteration)
        event = append_event(
            run.pk,
            EventKind.REVIEW,
            reason,
            iteration=iteration,
            figures={"kind": kind.value, "decision": Decision.PENDING.value},
        )
    execution.announce(event)


def _complete(execution: Execution) -> None:
    run = execution.run
    message = "Completed; the gate was passed." if run.gate_passed else "Completed below the gate."
    transition(
        run.pk,
        RunStatus.RUNNING,
        RunStatus.COMPLETED,
        message,
        token=execution.token,
        finished_at=timezone.now(),
    )
