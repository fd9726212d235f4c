"""Lists as spreadsheets: small ones at once, large ones written by a task and then fetched."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from reqplatform.pagination import Page, PageQuery, paginate
from reqplatform.teams.authentication import SignedRequest
from runs.actions.exports import store, wanted, write_now
from runs.actions.exports_cancelling import cancel_export
from runs.models import ExportState, StoredExport
from runs.routers.files import download
from runs.routers.lookups import find_project
from runs.routers.schemas import Answer, Input
from runs.sheets.asked import Asked
from runs.sheets.kept import own_export, own_exports, parts_of, require_ready
from runs.sheets.writing import MEDIA_TYPES

router = Router(tags=["Exports"])

Name = Literal["runs", "calls", "judged", "quality", "requirements", "trace", "issues"]
Format = Annotated[Literal["csv", "xlsx", "ods"], Field(description="ods up to 5,000 rows only.")]


class ExportIn(Input):
    list: Name = Field(description="What is exported.")
    format: Format = "csv"
    filter: Asked = Field(Asked(), description="As on the pages; what a list does not know is 422.")


class ExportOut(Answer):
    """A spreadsheet that a task writes. `size` is in bytes."""

    id: UUID
    list: str
    filter: dict[str, Any]
    format: str
    state: ExportState
    reason: str = Field(description="Why it failed, or what was cut.")
    rows_total: int | None
    rows_written: int
    size: int
    created_at: datetime
    expires_at: datetime | None
    url: str | None = Field(description="Where the file is, once it is ready.")

    @classmethod
    def of(cls, row: StoredExport) -> Self:
        ready = row.state == ExportState.READY
        return cls(
            id=row.pk,
            list=row.what,
            filter=row.asked,
            format=row.format,
            state=ExportState(row.state),
            reason=row.reason,
            rows_total=row.rows_total,
            rows_written=row.rows_written,
            size=row.size,
            created_at=row.created_at,
            expires_at=row.expires_at,
            url=reverse("api:get_export_file", args=[row.pk]) if ready else None,
        )


@router.get("/projects/{slug:slug}/sheets/{name}", summary="Download a list as a spreadsheet")
def get_sheet(
    request: SignedRequest,
    slug: str,
    name: Name,
    asked: Query[Asked],
    format: Format = "csv",  # noqa: A002 - the word of the query
) -> HttpResponse:
    """Up to 5,000 rows; 409 with the code `too_many_rows` for more: store an export of them.

    Money is in exact dollars, times are ISO 8601 with the offset of the project's time zone.
    """
    project = find_project(request, slug)
    what = wanted(request.auth, project, name, asked, format)
    day = f"{timezone.localdate():%Y-%m-%d}"
    filename = f"{project.slug}-{name}-{day}.{format}"
    return download(write_now(project, what), filename, MEDIA_TYPES[format])


@router.post(
    "/projects/{slug:slug}/exports", response={201: ExportOut}, summary="Have a spreadsheet written"
)
def create_export(
    request: SignedRequest, slug: str, payload: ExportIn, response: HttpResponse
) -> ExportOut:
    """For any number of rows. Poll the export until it is ready; it is kept for 7 days."""
    project = find_project(request, slug)
    what = wanted(request.auth, project, payload.list, payload.filter, payload.format)
    export = store(request.auth, project, what)
    response["Location"] = reverse("api:get_export", args=[export.pk])
    return ExportOut.of(export)


@router.get(
    "/projects/{slug:slug}/exports",
    response=Page[ExportOut],
    summary="List your stored spreadsheets",
)
def list_exports(request: SignedRequest, slug: str, page: Query[PageQuery]) -> Page[ExportOut]:
    """Your own; nobody sees those of others."""
    project = find_project(request, slug)
    rows = own_exports(request.auth, project)
    found, following = paginate(rows, ["-id"], page, scope=f"exports:{project.pk}")
    return Page[ExportOut](items=[ExportOut.of(row) for row in found], next=following)


@router.get("/exports/{uuid:export_id}", response=ExportOut, summary="Get a stored spreadsheet")
def get_export(request: SignedRequest, export_id: UUID) -> ExportOut:
    return ExportOut.of(own_export(request.auth, export_id))


@router.post(
    "/exports/{uuid:export_id}/cancel", response=ExportOut, summary="Cancel a stored spreadsheet"
)
def post_cancel_export(request: SignedRequest, export_id: UUID) -> ExportOut:
    """While it is queued or being written; 409 once it has ended. Nothing of it is kept."""
    export = own_export(request.auth, export_id)
    cancel_export(request.auth, export)
    return ExportOut.of(export)


@router.get("/exports/{uuid:export_id}/file", summary="Download a stored spreadsheet")
def get_export_file(request: SignedRequest, export_id: UUID) -> StreamingHttpResponse:
    """409 until it is ready, and after it was removed."""
    export = own_export(request.auth, export_id)
    require_ready(export)
    headers = {
        "Content-Disposition": f'attachment; filename="{export.filename}"',  # our own: ASCII
        "Content-Length": str(export.size),
    }
    media_type = MEDIA_TYPES[export.format]
    return StreamingHttpResponse(parts_of(export), content_type=media_type, headers=headers)
