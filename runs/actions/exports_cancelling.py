"""Stopping a stored export on its owner's word."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from reqplatform.errors import Conflict, NotFound
from reqplatform.teams.models import Role, User
from reqplatform.teams.permissions import require
from runs.models import ExportState, StoredExport, StoredExportPart
from runs.models.stored_export import UNFINISHED


def cancel_export(user: User, export: StoredExport) -> None:
    """Cancel an export that is queued or being written. Its owner only, and as long as they are a
    member; raises Conflict if it has ended.

    A worker that writes it finds out after its next rows and keeps nothing.
    """
    require(user, export.project, Role.VIEWER)
    if export.owner_id != user.pk:
        raise NotFound("There is no such export of yours.")
    with transaction.atomic():
        stopped = StoredExport.objects.filter(pk=export.pk, state__in=UNFINISHED).update(
            state=ExportState.CANCELLED, finished_at=timezone.now(), changes=F("changes") + 1
        )
        if stopped:
            StoredExportPart.objects.filter(export=export).delete()
    export.refresh_from_db()
    if not stopped:
        raise Conflict(
            f"This export is {export.get_state_display().lower()}; there is nothing to stop."
        )
