"""The files of a completed run."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from ninja import Router

from reqplatform.teams.authentication import SignedRequest
from runs import exports
from runs.models import Run
from runs.routers.lookups import find_run
from runs.routers.result_schemas import FileList, FileOut

router = Router(tags=["Files"])


def _completed(request: SignedRequest, run_id: UUID) -> Run:
    run = find_run(request, run_id)
    exports.require_complete(run)
    return run


def download(content: bytes, name: str, media_type: str) -> HttpResponse:
    """An answer that a browser saves."""
    disposition = f'attachment; filename="{name}"'  # our own names: no quotes, ASCII only
    return HttpResponse(
        content, content_type=media_type, headers={"Content-Disposition": disposition}
    )


@router.get("/runs/{uuid:run_id}/files", response=FileList, summary="List the files of a run")
def list_files(request: SignedRequest, run_id: UUID) -> FileList:
    """409 until the run has completed."""
    run = _completed(request, run_id)
    return FileList(
        items=[
            FileOut(
                name=info.name,
                media_type=info.media_type,
                description=info.description,
                url=reverse("api:get_file", args=[run.pk, info.name]),
            )
            for info in exports.files(run)
        ],
        archive=reverse("api:get_archive", args=[run.pk]),
    )


@router.get("/runs/{uuid:run_id}/files/{name}", summary="Download a file of a run")
def get_file(request: SignedRequest, run_id: UUID, name: str) -> HttpResponse:
    """409 until the run has completed."""
    run = _completed(request, run_id)
    content = exports.render(run, name)  # NotFound for a name that is not among its files
    media_type = next(info.media_type for info in exports.files(run) if info.name == name)
    return download(content, name, media_type)


@router.get("/runs/{uuid:run_id}/archive", summary="Download all files of a run as a zip")
def get_archive(request: SignedRequest, run_id: UUID) -> HttpResponse:
    """409 until the run has completed."""
    run = _completed(request, run_id)
    return download(exports.archive(run), exports.archive_name(run), "application/zip")
