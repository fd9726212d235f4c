"""Writing stored exports: claimed by compare-and-swap, kept by a heartbeat, fenced by a token."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.formats import number_format

from reqplatform.errors import ActionError, Conflict
from reqplatform.teams.models import Role
from reqplatform.teams.permissions import require
from runs.actions.beside import beside
from runs.actions.claim import lease_end
from runs.models import ExportState, StoredExport, StoredExportPart
from runs.models.stored_export import KEPT
from runs.sheets.cells import XLSX_MOST_ROWS, Cell
from runs.sheets.reading import chunks, keep_keys
from runs.sheets.stored import Source, source_of
from runs.sheets.writing import XLSX, Written, write

PART = 2**20  # bytes
MOST_BYTES = 512 * 2**20  # of one file: it is kept in the database for a week

log = logging.getLogger(__name__)


class LostExportError(Exception):
    """Somebody else writes this export now, or nobody any more: its owner has cancelled it."""


def write_export(export_id: UUID) -> bool:
    """Write a queued export to its end; whether this call did. What goes wrong is recorded in it.

    Its owner must be a member of the project when it begins and when it ends.
    """
    token = _claim(export_id)
    if token is None:
        return False
    export = StoredExport.objects.select_related("project", "owner").get(pk=export_id)
    try:
        with _heartbeat(export, token):
            _write(export, token)
    except LostExportError:
        log.warning("Export %s was cancelled, or taken over by another worker.", export_id)
        return False
    except ActionError as refusal:
        return _fail(export, token, refusal.message)
    except Exception:  # the task's boundary: told in the row, and logged
        log.exception("Export %s failed.", export_id)
        _fail(
            export,
            token,
            "Something unexpected happened; the server's log has the details. Ask for it again, "
            "and tell an administrator if it fails again.",
        )
        return False
    return True


def _claim(export_id: UUID) -> int | None:
    queued = StoredExport.objects.filter(pk=export_id, state=ExportState.QUEUED)
    claimed = queued.update(
        state=ExportState.WRITING,
        lease_token=F("lease_token") + 1,
        lease_expires_at=lease_end(),
        attempts=F("attempts") + 1,
        rows_written=0,
        changes=F("changes") + 1,
    )
    if not claimed:
        return None
    return int(StoredExport.objects.values_list("lease_token", flat=True).get(pk=export_id))


def _heartbeat(export: StoredExport, token: int) -> AbstractContextManager[None]:
    def renew() -> bool:
        return bool(_mine(export, token).update(lease_expires_at=lease_end()))

    return beside(f"heartbeat {export.pk}", settings.RUN_HEARTBEAT_SECONDS, renew)


def _mine(export: StoredExport, token: int) -> "QuerySet[StoredExport]":
    rows: QuerySet[StoredExport] = StoredExport.objects.filter(
        pk=export.pk, state=ExportState.WRITING, lease_token=token
    )
    return rows


def _update(export: StoredExport, token: int, **values: object) -> None:
    """Raises LostExportError if it is not this worker's any more."""
    if not _mine(export, token).update(changes=F("changes") + 1, **values):
        raise LostExportError


def _write(export: StoredExport, token: int) -> None:
    require(export.owner, export.project, Role.VIEWER)
    with transaction.atomic():
        _update(export, token)
        StoredExportPart.objects.filter(export=export).delete()  # of a worker that was lost
    source = source_of(export)
    with tempfile.TemporaryDirectory(prefix="reqplatform-export-") as folder:
        path = Path(folder) / f"export.{export.format}"
        header = [column.name for column in source.columns]
        written = write(
            export.format,
            path,
            export.title,
            header,
            _rows(export, token, source, Path(folder) / "keys"),
        )
        require(export.owner, export.project, Role.VIEWER)  # who left meanwhile gets nothing
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise Conflict(
                f"The file would have {size // 2**20:,} MB, and {MOST_BYTES // 2**20} MB are kept "
                "at most. Narrow the list down."
            )
        _keep(export, token, path)
    now = timezone.now()
    _update(
        export,
        token,
        state=ExportState.READY,
        rows_written=written.rows,
        size=size,
        reason=_note(written),
        finished_at=now,
        expires_at=now + KEPT,
    )


def _rows(export: StoredExport, token: int, source: Source, keys: Path) -> Iterator[list[Cell]]:
    """Each row's cells; after some, how far it is."""
    total = keep_keys(source.rows, keys)
    if export.format == XLSX and total >= XLSX_MOST_ROWS:
        raise Conflict(
            f"There are {total:,} rows by now, and a sheet of xlsx holds {XLSX_MOST_ROWS:,} with "
            "its header. Choose csv, or narrow the list down."
        )
    _update(export, token, rows_total=total)
    done = 0
    cells = source.row_sheet.reader(source.columns, source.time_zone)
    for rows in chunks(source.found(), keys):
        yield from map(cells, rows)
        done += len(rows)
        _update(export, token, rows_written=done)


def _keep(export: StoredExport, token: int, path: Path) -> None:
    with path.open("rb") as file:
        ordinal = 0
        while content := file.read(PART):
            ordinal += 1
            with transaction.atomic():
                _update(export, token)
                StoredExportPart.objects.create(export=export, ordinal=ordinal, content=content)


def _note(written: Written) -> str:
    if not written.cut:
        return ""
    texts = "1 text was" if written.cut == 1 else f"{number_format(written.cut)} texts were"
    return (
        f"{texts} longer than the 32,767 characters that a cell of Excel takes, and cut there. "
        "The csv has them whole."
    )


def _fail(export: StoredExport, token: int, reason: str) -> bool:
    with transaction.atomic():
        failed = _mine(export, token).update(
            state=ExportState.FAILED,
            reason=reason,
            finished_at=timezone.now(),
            changes=F("changes") + 1,
        )
        if failed:
            StoredExportPart.objects.filter(export=export).delete()
    return False
