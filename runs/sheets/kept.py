"""Stored files as their owners take them."""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from reqplatform.errors import Conflict, NotFound
from reqplatform.teams.models import Project, User
from runs.models import ExportState, StoredExport, StoredExportPart


def own_exports(user: User, project: Project) -> "QuerySet[StoredExport]":
    """The person's own of a project, the latest first. Nobody sees those of others."""
    rows: QuerySet[StoredExport] = StoredExport.objects.for_user(user)
    return rows.filter(project=project, owner=user).select_related("project").order_by("-id")


def own_export(user: User, pk: UUID) -> StoredExport:
    """One of the person's own, of a project that they are still a member of. Raises NotFound."""
    rows = StoredExport.objects.for_user(user).filter(owner=user, pk=pk)
    found: StoredExport | None = rows.select_related("project").first()
    if found is None:
        raise NotFound("There is no such export of yours, or you are not a member of its project.")
    return found


def require_ready(export: StoredExport) -> None:
    """Raises Conflict with what the person can do."""
    expired = export.expires_at is not None and export.expires_at <= timezone.now()
    if export.state == ExportState.EXPIRED or expired:
        raise Conflict("This file was kept for 7 days and is removed. Ask for it again.")
    if export.state == ExportState.FAILED:
        raise Conflict(f"This file was not written. {export.reason}")
    if export.state == ExportState.CANCELLED:
        raise Conflict("This export was cancelled. Ask for it again.")
    if export.state != ExportState.READY:
        raise Conflict("This file is not written yet. The page Exports says how far it is.")


def parts_of(export: StoredExport) -> Iterator[bytes]:
    """The file piece by piece."""
    ordinal = 0
    rows = StoredExportPart.objects.filter(export=export)  # the caller has found the export
    while (part := rows.filter(ordinal__gt=ordinal).order_by("ordinal").first()) is not None:
        ordinal = part.ordinal
        yield bytes(part.content)
