"""Looking after a machine's clusters and everybody's runs, every few seconds.

A worker of django-q2 that is killed while it is idle takes the lock of its queue with it, and its
cluster hangs from then on, to all appearance in good health. It shows in this alone: a run waits
while a worker of this machine is free.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from runs.actions.claim import worker_mark
from runs.actions.reap import sweep, wake_waiting
from runs.models import EventKind, Run, RunEvent, RunStatus
from runs.models.run import lost_worker
from runs.records import append_event
from runs.serving import children
from runs.serving.children import Child
from runs.waking import held_back

TOO_YOUNG_SECONDS = 10.0  # a cluster that dies at this age would die again
RETIRED_SECONDS = 600  # that a hung cluster's busy workers get to lay their runs down

log = logging.getLogger(__name__)


class Watchdog:
    """Watches over its children: the web server, and clusters, which it starts anew."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self._retired: list[tuple[Child, float]] = []

    def still_there(self) -> list[Child]:
        """The children, and hung clusters whose workers are still busy."""
        try:
            self._end_retired()
        except Exception:
            log.warning("Could not see which workers are busy still.", exc_info=True)
        return [*self.children, *(child for child, _ in self._retired)]

    def watch(self, until: Callable[[], bool]) -> Child | None:
        """Look after them until `until` (None), or until one ends that is not started anew, and say
        which: the web server, or a cluster that died right after its start."""
        next_look = time.monotonic()
        while not until():
            for child in [child for child in self.children if child.has_ended]:
                if not child.mark or child.age < TOO_YOUNG_SECONDS:
                    return child
                log.error("The %s died (exit %s) and is started anew.", child.name, child.exit_code)
                child.kill()
                self._put_another(child)
            if time.monotonic() >= next_look:
                self._look()
                next_look = time.monotonic() + settings.RUN_SWEEP_SECONDS
            time.sleep(0.3)
        return None

    def _look(self) -> None:
        try:
            sweep()
            self._restart_what_hangs()
        except Exception:  # whatever it was, the children stay watched
            log.warning("Could not look after the runs; trying again soon.", exc_info=True)
            connection.close()

    def _restart_what_hangs(self) -> None:
        self._end_retired()
        waiting = _waiting_too_long()
        for child in self.children if waiting else []:
            if child.age < _too_long() or child.name != "runs cluster":
                continue  # what waits may have waited for it
            if _busy(child) < settings.RUN_WORKERS and not _has_claimed(child):
                self._replace(child)
                _report(waiting)

    def _end_retired(self) -> None:
        self._retired = [pair for pair in self._retired if not _is_done(*pair)]

    def _replace(self, hung: Child) -> None:
        """Begin with a new one at once; the old one's busy workers lay their runs down."""
        hung.terminate()
        self._retired.append((hung, time.monotonic() + RETIRED_SECONDS))
        self._put_another(hung)
        wake_waiting()

    def _put_another(self, child: Child) -> None:
        self.children[self.children.index(child)] = children.cluster(child.name.split()[0])


def _too_long() -> float:
    """Seconds: longer than a run waits that the queue has forgotten and a sweep has woken."""
    return settings.RUN_FORGOTTEN_SECONDS + 1.5 * settings.RUN_SWEEP_SECONDS


def _waiting_too_long() -> list[Run]:
    recent = Now() - timedelta(seconds=_too_long())
    rows = Run.objects.filter(~held_back(), status=RunStatus.QUEUED, created_at__lt=recent)
    return list(rows.exclude(events__created_at__gt=recent))


def _busy(child: Child) -> int:
    """How many of its workers execute a run."""
    rows = Run.objects.filter(status=RunStatus.RUNNING, worker__startswith=worker_mark(child.mark))
    return rows.exclude(lost_worker()).count()


def _has_claimed(child: Child) -> bool:
    """Whether one of its workers took a run lately: then the others only wait for their turn."""
    return RunEvent.objects.filter(
        run__worker__startswith=worker_mark(child.mark),
        kind=EventKind.STATUS,
        figures__status=RunStatus.RUNNING.value,
        created_at__gt=Now() - timedelta(seconds=_too_long()),
    ).exists()


def _is_done(child: Child, deadline: float) -> bool:
    """Whether a retired cluster is gone; it is ended when it executes nothing any more."""
    if not child.has_ended and _busy(child) and time.monotonic() < deadline:
        return False
    child.kill()
    return True


def _report(waiting: list[Run]) -> None:
    log.error("The runs cluster took no run although it had workers free; it was restarted.")
    for run in waiting:
        append_event(
            run.pk,
            EventKind.WARNING,
            "It waited although a worker was free, so the workers were started anew.",
        )
