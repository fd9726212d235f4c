"""Stored exports whose worker is lost, that nobody writes, or that have been kept long enough."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django_q.brokers import get_broker

from runs.actions.exports import wake_writer
from runs.models import ExportState, StoredExport, StoredExportPart
from runs.models.stored_export import KEPT, lost_writer

MOST_ATTEMPTS = 3


def requeue_lost_exports() -> list[StoredExport]:
    """Queue exports again whose worker is lost; those. One that lost three workers fails."""
    return [row for row in StoredExport.objects.filter(lost_writer()) if _leave_to_another(row)]


def _leave_to_another(export: StoredExport) -> bool:
    rows = StoredExport.objects.filter(lost_writer(), pk=export.pk, lease_token=export.lease_token)
    if export.attempts >= MOST_ATTEMPTS:
        rows.update(
            state=ExportState.FAILED,
            reason=f"It lost its worker {export.attempts} times, so it is not tried again by "
            "itself. The server's log says what ends the workers; a smaller list may do.",
            finished_at=timezone.now(),
            changes=F("changes") + 1,
        )
        return False
    with transaction.atomic():
        queued = rows.update(
            state=ExportState.QUEUED, woken_at=timezone.now(), changes=F("changes") + 1
        )
        if queued:
            wake_writer(export)
    return bool(queued)


def wake_forgotten_exports() -> list[StoredExport]:
    """Wake a worker for exports that are queued for RUN_FORGOTTEN_SECONDS while no message waits:
    what was to wake it got lost. Those exports."""
    now = timezone.now()
    before = now - timedelta(seconds=settings.RUN_FORGOTTEN_SECONDS)
    forgotten = StoredExport.objects.filter(state=ExportState.QUEUED, woken_at__lt=before)
    if not forgotten.exists() or get_broker("maint").queue_size():
        return []
    woken = []
    for export in forgotten:
        with transaction.atomic():
            if forgotten.filter(pk=export.pk).update(woken_at=now):
                wake_writer(export)
                woken.append(export)
    return woken


def purge_exports() -> int:
    """Remove the files of exports that were kept for KEPT, and what failed ones left; how many
    files."""
    now = timezone.now()
    due = StoredExport.objects.filter(
        Q(state=ExportState.READY, expires_at__lte=now)
        | Q(state=ExportState.FAILED, finished_at__lte=now - KEPT)
    )
    purged = 0
    for export in due.only("pk"):
        with transaction.atomic():
            if due.filter(pk=export.pk, state=ExportState.READY).update(
                state=ExportState.EXPIRED, size=0, changes=F("changes") + 1
            ):
                purged += 1
            StoredExportPart.objects.filter(export=export).delete()
    return purged
