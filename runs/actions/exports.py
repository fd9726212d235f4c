"""Asking for a spreadsheet: at once while it is small, and else as a file that a task writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django_q.tasks import async_task

from reqplatform.errors import Conflict, InvalidInput
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.permissions import require
from runs.models import StoredExport
from runs.models.stored_export import UNFINISHED
from runs.reporting.table import Column
from runs.sheets.asked import Asked
from runs.sheets.cells import XLSX_MOST_ROWS
from runs.sheets.listings import AT_ONCE, Listing, find, is_large, resolved
from runs.sheets.resources import render
from runs.sheets.writing import CSV, MEDIA_TYPES, ODS, XLSX

MOST_UNFINISHED = 5  # of one person in one project: the queue is everybody's


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list of a project as a person narrowed it down, and the format to write it in."""

    listing: Listing
    asked: Asked
    columns: tuple[Column, ...]
    format: str
    rows: "QuerySet[Any]"

    @property
    def name(self) -> str:
        return self.listing.row_sheet.name


def wanted(
    user: User, project: Project, name: str, asked: Asked, extension: str, *, costs: bool = True
) -> Wanted:
    """What exactly is to be written. Viewers and above; raises NotFound and InvalidInput."""
    require(user, project, Role.VIEWER)
    check_format(extension)
    listing = find(name)
    asked = resolved(user, project, name, asked)
    columns = listing.row_sheet.columns(costs=costs)
    return Wanted(listing, asked, columns, extension, listing.rows(user, project, asked))


def check_format(extension: str) -> None:
    if extension not in MEDIA_TYPES:
        raise InvalidInput(
            f"There is no format {extension}. Formats: {', '.join(MEDIA_TYPES)}.", field="format"
        )


def write_now(project: Project, what: Wanted) -> bytes:
    """The whole file, in the order of the page. Raises Conflict for too many rows."""
    if is_large(what.rows):
        raise Conflict(
            f"These are more than {AT_ONCE:,} rows, which nobody should wait for. Ask for a stored "
            "export of them, as csv or xlsx, or narrow the list down.",
            code="too_many_rows",
        )
    rows = what.rows.order_by(*what.listing.order)
    row_sheet = what.listing.row_sheet
    return render(row_sheet, rows, what.columns, what.format, project.time_zone)


def store(user: User, project: Project, what: Wanted) -> StoredExport:
    """Have a task of the `maint` cluster write the file. Viewers and above; raises Conflict."""
    title = what.listing.row_sheet.title
    names = [column.name for column in what.columns]
    return store_rows(
        user, project, what.name, title, what.asked.words(), names, what.format, what.rows
    )


def store_rows(
    user: User,
    project: Project,
    what: str,
    title: str,
    asked: dict[str, Any],
    columns: Sequence[str],
    extension: str,
    rows: "QuerySet[Any]",
) -> StoredExport:
    """The same of any rows that `runs.sheets` finds again by `what` and `asked`."""
    require(user, project, Role.VIEWER)
    check_format(extension)
    _check_fits(extension, rows)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)  # one request of them at a time
        mine = StoredExport.objects.filter(owner=user, project=project, state__in=UNFINISHED)
        if mine.count() >= MOST_UNFINISHED:
            raise Conflict(
                f"{MOST_UNFINISHED} exports of yours are not written yet. Wait until one is ready."
            )
        export = StoredExport.objects.create(
            project=project,
            owner=user,
            what=what,
            title=title,
            asked=asked,
            columns=list(columns),
            format=extension,
        )
        wake_writer(export)
    return export


def _check_fits(extension: str, rows: "QuerySet[Any]") -> None:
    if extension == ODS and is_large(rows):
        raise Conflict(
            f"An ods file is made in memory, so it takes {AT_ONCE:,} rows at most. Choose csv or "
            "xlsx, which most programs for ods can read, or narrow the list down.",
            code="too_many_rows",
        )
    if extension == XLSX and rows.order_by()[:XLSX_MOST_ROWS].count() == XLSX_MOST_ROWS:
        raise Conflict(
            f"A sheet of xlsx holds {XLSX_MOST_ROWS:,} rows with its header, and these are more. "
            f"Choose {CSV}, or narrow the list down.",
            code="too_many_rows",
        )


def wake_writer(export: StoredExport) -> None:
    """Tell the queue, once the transaction has committed, that this export wants a worker.

    A queue that cannot be told is logged, and the sweep tells it later: the export is QUEUED.
    """
    export_id = str(export.pk)
    transaction.on_commit(
        lambda: async_task("runs.tasks.write_export", export_id, cluster="maint"), robust=True
    )
