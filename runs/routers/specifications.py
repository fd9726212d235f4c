"""Specifications, their revisions, and what was read out of them."""

from typing import Annotated
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from ninja import File, Form, Query, Router, UploadedFile
from pydantic import Field

from reqplatform.errors import ActionError, NotFound
from reqplatform.pagination import Page, PageQuery, paginate
from reqplatform.teams.authentication import UPLOADS, PersonRate, SignedRequest
from runs.actions.specifications import add_revision
from runs.models import Extraction, ExtractionState, SourceRequirement, Specification
from runs.routers.lookups import find_project, find_revision, find_specification
from runs.routers.result_schemas import SourceRequirementOut, SourceRequirementPage
from runs.routers.schemas import LINE, RevisionOut, SpecificationOut, TextOut

router = Router(tags=["Specifications"])

LARGEST_ID = 2**63 - 1


class FileTooLarge(ActionError):  # noqa: N818 - it is a decision about the input, not a fault
    status = 413
    code = "too_large"


@router.get(
    "/projects/{slug:slug}/specifications",
    response=Page[SpecificationOut],
    summary="List the specifications of a project",
)
def list_specifications(
    request: SignedRequest, slug: str, page: Query[PageQuery]
) -> Page[SpecificationOut]:
    """The newest first."""
    project = find_project(request, slug)
    rows = (
        Specification.objects.for_user(request.auth)
        .filter(project=project)
        .select_related("project")
        .prefetch_related("revisions__specification", "revisions__uploaded_by")
    )
    found, following = paginate(rows, ["-id"], page, scope=f"specifications:{project.pk}")
    return Page[SpecificationOut](items=[SpecificationOut.of(row) for row in found], next=following)


@router.post(
    "/projects/{slug:slug}/specifications",
    response={201: RevisionOut},
    summary="Upload a specification",
    throttle=[PersonRate(UPLOADS, "api-uploads")],
)
def upload_specification(
    request: SignedRequest,
    slug: str,
    response: HttpResponse,
    file: File[UploadedFile],
    title: Annotated[str, Form("", max_length=200, pattern=LINE)] = "",
) -> RevisionOut:
    """Editors and above. A multipart form with the `file` (.pdf, .docx, .txt, .md, ...) and a
    `title`, which defaults to the file's name.

    A file under the title of a specification that exists becomes its next revision; one that it has
    already is not stored again: you get its revision. A file that cannot be used is refused with
    422, and `code` says why: empty, encrypted, no_text, corrupt, wrong_type, not_english, ...
    """
    project = find_project(request, slug)
    if (file.size or 0) > settings.SPECIFICATION_MAX_BYTES:  # before it is read into memory
        limit = settings.SPECIFICATION_MAX_BYTES // 2**20
        raise FileTooLarge(
            f"The file is larger than {limit} MB. Split the specification, or save it without "
            "pictures.",
            field="file",
        )
    revision = add_revision(
        request.auth, project, filename=file.name or "", content=file.read(), title=title
    )
    response["Location"] = reverse("api:get_revision", args=[revision.pk])
    return RevisionOut.of(revision)


@router.get(
    "/specifications/{uuid:specification_id}",
    response=SpecificationOut,
    summary="Show a specification",
)
def get_specification(request: SignedRequest, specification_id: UUID) -> SpecificationOut:
    """With its revisions, the newest first."""
    return SpecificationOut.of(find_specification(request, specification_id))


@router.get("/revisions/{uuid:revision_id}", response=RevisionOut, summary="Show a revision")
def get_revision(request: SignedRequest, revision_id: UUID) -> RevisionOut:
    """One file of a specification, and what parsing found in it."""
    return RevisionOut.of(find_revision(request, revision_id))


@router.get(
    "/revisions/{uuid:revision_id}/text", response=TextOut, summary="Read the text of a revision"
)
def get_revision_text(
    request: SignedRequest,
    revision_id: UUID,
    offset: Annotated[int, Field(ge=0, le=LARGEST_ID)] = 0,
    limit: Annotated[int, Field(ge=1, le=1_000_000)] = 100_000,
) -> TextOut:
    """The text that every `start` and `end` counts in, in characters (Unicode code points)."""
    from runs.documents.serialise import from_bytes  # only this route needs the document

    revision = find_revision(request, revision_id)
    text = from_bytes(bytes(revision.content.document)).text
    following = offset + limit
    return TextOut(
        revision=revision.pk,
        offset=offset,
        text=text[offset:following],
        length=len(text),
        next_offset=following if following < len(text) else None,
    )


@router.get(
    "/revisions/{uuid:revision_id}/requirements",
    response=SourceRequirementPage,
    summary="List the source requirements of a revision",
)
def list_source_requirements(
    request: SignedRequest,
    revision_id: UUID,
    page: Query[PageQuery],
    extraction: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None,
) -> SourceRequirementPage:
    """What an extraction read out of it, in the order of the document. Without `extraction`: the
    newest one that is done."""
    revision = find_revision(request, revision_id)
    done = Extraction.objects.for_user(request.auth).filter(
        revision=revision, state=ExtractionState.DONE
    )
    if extraction is not None:
        done = done.filter(pk=extraction)
    chosen = done.order_by("-finished_at", "-id").values_list("pk", flat=True).first()
    if extraction is not None and chosen is None:
        raise NotFound("The revision has no such extraction, or it is not done yet.")
    rows = SourceRequirement.objects.for_user(request.auth).filter(extraction=chosen)
    found, following = paginate(rows, ["ordinal"], page, scope=f"sources:{chosen}")
    return SourceRequirementPage(
        items=[SourceRequirementOut.of(row) for row in found], next=following, extraction=chosen
    )
