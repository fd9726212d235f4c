"""The record of a run: its events, and changes of its state as one compare-and-swap UPDATE each."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from observability import alerts
from observability.models import AlertCause
from runs.models import EventKind, Run, RunEvent, RunStatus

# States that the project's people are told of, and by which alert.
TOLD = {
    RunStatus.FAILED: AlertCause.RUN_FAILED,
    RunStatus.WAITING_REVIEW: AlertCause.RUN_WAITING,
}


class LostLease(Exception):  # noqa: N818 - a fact about the world, not a fault
    """Someone else executes this run now. Whoever sees this writes nothing more to it."""


def append_event(run_id: UUID, kind: EventKind, message: str, **fields: Any) -> RunEvent:
    """The run's next event. `fields`: node, iteration, figures.

    The run is locked until the transaction ends, so that events are numbered without gaps however
    many write at once; `no_key`, so that rows that only refer to the run need not wait.
    """
    with transaction.atomic(savepoint=False):
        Run.objects.select_for_update(no_key=True).only("pk").get(pk=run_id)
        numbers = RunEvent.objects.filter(run_id=run_id).order_by("-seq")
        last = numbers.values_list("seq", flat=True).first() or 0
        event: RunEvent = RunEvent.objects.create(
            run_id=run_id, seq=last + 1, kind=kind, message=message, **fields
        )
    return event


def transition(
    run_id: UUID,
    frm: RunStatus | Collection[RunStatus],
    to: RunStatus,
    message: str,
    *,
    token: int | None = None,
    only: Q | None = None,
    figures: Mapping[str, Any] | None = None,
    **changes: Any,
) -> bool:
    """Move a run from one of the states `frm` to `to`; False if someone was first.

    With a `token`, only its holder succeeds: LostLease is raised if the lease has moved on.
    `only` is a further condition on the row; `changes` are further columns, set in the same UPDATE;
    `figures` stand in the event beside the new status.
    """
    states = [frm] if isinstance(frm, RunStatus) else list(frm)
    with transaction.atomic():
        rows = Run.objects.filter(pk=run_id, status__in=states)
        if token is not None:
            rows = rows.filter(lease_token=token)
        if only is not None:
            rows = rows.filter(only)
        if not rows.update(status=to, **changes):
            if token is not None:
                raise LostLease(f"Run {run_id} is no longer executed here.")
            return False
        told = {**(figures or {}), "status": to.value}
        append_event(run_id, EventKind.STATUS, message, figures=told)
        if TOLD.keys() & set(states):
            alerts.answer(list(TOLD.values()), run_subject(run_id))
        if to in TOLD:
            tell(run_id, to, changes.get("reason") or message)
    return True


def run_subject(run_id: UUID) -> str:
    """What alerts call a run."""
    return f"run {run_id}"


def tell(run_id: UUID, status: RunStatus, reason: str) -> None:
    """Put on the project's page that the run has failed, or waits: no run stands anywhere without
    somebody being told. What a budget has stopped, its gateway tells."""
    run = Run.objects.select_related("subsystem").get(pk=run_id)
    did = "failed" if status == RunStatus.FAILED else "waits for a review"
    alerts.raise_alert(
        run.project_id,
        TOLD[status],
        run_subject(run_id),
        f"Run {run.short_id} for {run.subsystem.name} {did}. {reason}",
        run_id=run_id,
    )


def stopped_by(run: Run) -> dict[str, Any]:
    """The figures beside the run's last change of state: of one that is out of budget, "window",
    "needed_nusd", "left_nusd" and "max_nusd" of what stopped it."""
    last = run.events.filter(kind=EventKind.STATUS).order_by("-seq").first()
    return last.figures if last else {}


def confirm_lease(run_id: UUID, token: int) -> Run:
    """The run, locked until the transaction ends; its other columns are read when they are asked
    for. Raises LostLease if `token` is not its lease's.

    Every transaction that writes state begins with this, so that a worker that was thought dead
    cannot write over the one that took its place. Rows that only refer to the run, such as calls
    and events of others, do not wait for it.
    """
    run: Run | None = (
        Run.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk=run_id, status=RunStatus.RUNNING, lease_token=token)
        .only("project_id", "subsystem_id")
        .first()
    )
    if run is None:
        raise LostLease(f"Run {run_id} is no longer executed here.")
    return run
