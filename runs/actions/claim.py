"""Who executes a run: a lease with a token, taken by compare-and-swap and kept by a heartbeat."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now
from django.utils import timezone

from runs.models import EventKind, Run, RunStatus
from runs.models.run import lost_worker
from runs.records import append_event

CLUSTER_VARIABLE = "REQPLATFORM_CLUSTER"  # set by serve and work for the workers that they start

log = logging.getLogger(__name__)


def worker_mark(cluster: str) -> str:
    """What `Run.worker` begins with for the workers of a cluster on this machine."""
    return f"{socket.gethostname()[:60]} {cluster} "


def lease_end() -> CombinedExpression:
    """By the database's clock: a machine whose own is minutes off takes nobody's lease."""
    return Now() + timedelta(seconds=settings.RUN_LEASE_SECONDS)


def claim(run_id: UUID) -> int | None:
    """The lease token if this caller now executes the run, else None.

    A queued run is claimed, and a running one whose lease has expired. Counts the attempt.
    """
    queued = Run.objects.filter(pk=run_id, status=RunStatus.QUEUED)
    orphaned = Run.objects.filter(lost_worker(), pk=run_id)
    for rows, message in ((queued, "Running."), (orphaned, "Taken over from a lost worker.")):
        with transaction.atomic():
            claimed = rows.update(
                status=RunStatus.RUNNING,
                lease_token=F("lease_token") + 1,
                lease_expires_at=lease_end(),
                attempts=F("attempts") + 1,
                worker=f"{worker_mark(os.environ.get(CLUSTER_VARIABLE, 'command'))}{os.getpid()}",
            )
            if claimed:
                Run.objects.filter(pk=run_id, started_at=None).update(started_at=timezone.now())
                append_event(
                    run_id,
                    EventKind.STATUS,
                    message,
                    figures={"status": RunStatus.RUNNING.value},
                )
                return int(Run.objects.values_list("lease_token", flat=True).get(pk=run_id))
    return None


@contextmanager
def heartbeat(
    run_id: UUID, token: int, beside: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Renew the lease from a thread of its own for as long as the block runs.

    `beside` is done after every beat, with errors of the database left to the next one.
    """
    stop = threading.Event()

    def beat() -> None:
        try:
            while not stop.wait(settings.RUN_HEARTBEAT_SECONDS):
                try:
                    kept = Run.objects.filter(
                        pk=run_id, status=RunStatus.RUNNING, lease_token=token
                    ).update(lease_expires_at=lease_end())
                    beside()
                except DatabaseError:
                    log.warning("Could not renew the lease of run %s", run_id, exc_info=True)
                    connection.close()
                    continue
                if not kept:
                    return
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name=f"heartbeat {run_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
