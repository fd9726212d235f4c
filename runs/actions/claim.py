"""Who executes a run: a lease with a token, taken by compare-and-swap and kept by a heartbeat."""

import os
import socket
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now
from django.utils import timezone

from runs.actions.beside import beside
from runs.models import EventKind, Run, RunStatus
from runs.models.run import lost_worker
from runs.records import append_event

CLUSTER_VARIABLE = "REQPLATFORM_CLUSTER"  # set by serve and work for the workers that they start


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


def heartbeat(run_id: UUID, token: int) -> AbstractContextManager[None]:
    """Renew the lease from a thread of its own, which does nothing else, for as long as the block
    runs."""

    def renew() -> bool:
        mine = Run.objects.filter(pk=run_id, status=RunStatus.RUNNING, lease_token=token)
        return bool(mine.update(lease_expires_at=lease_end()))

    return beside(f"heartbeat {run_id}", settings.RUN_HEARTBEAT_SECONDS, renew)
