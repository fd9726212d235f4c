from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from reqplatform.errors import Conflict, InvalidInput
from reqplatform.pagination import counted
from reqplatform.teams.models import Project, Role
from reqplatform.teams.permissions import require
from reqplatform.teams.views.access import MemberRequest, access_to, project_of, signed_in
from runs.actions.specifications import add_revision
from runs.forms import SpecificationForm, show_refusal
from runs.models import (
    Extraction,
    ExtractionState,
    Revision,
    RevisionContent,
    SourceRequirement,
    Specification,
)
from runs.views.attachment import attachment
from runs.views.paging import page_of
from runs.views.projects import specifications_of


@signed_in
def index(request: MemberRequest, slug: str) -> HttpResponse:
    project = project_of(request, slug)
    rows = specifications_of(request, project)
    return render(
        request,
        "runs/specifications.html",
        {
            "project": project,
            "section": "specifications",
            "access": access_to(request, project),
            "page": page_of(request, rows, ("title", "id")),
        },
    )


@signed_in
def upload(request: MemberRequest, slug: str) -> HttpResponse:
    project = project_of(request, slug)
    require(request.user, project, Role.EDITOR)
    form = SpecificationForm(
        request.POST or None, request.FILES or None, initial={"title": request.GET.get("title")}
    )
    if request.method == "POST" and form.is_valid():
        try:
            revision = _add(request, project, form.cleaned_data)
        except (InvalidInput, Conflict) as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("runs:specification", revision.specification_id)
    return render(
        request,
        "runs/upload.html",
        {"project": project, "section": "specifications", "form": form},
        status=422 if form.errors else 200,
    )


def _add(request: MemberRequest, project: Project, chosen: dict[str, Any]) -> Revision:
    asked_at = timezone.now()
    file = chosen["file"]
    revision = add_revision(
        request.user, project, filename=file.name, content=file.read(), title=chosen["title"]
    )
    if revision.created_at < asked_at:
        messages.info(request, f"This file is here already, as revision {revision.number}.")
    else:
        messages.success(request, f"Revision {revision.number} is stored and can be run.")
    return revision


@signed_in
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The revisions of a specification, and what was last read out of the newest."""
    rows = Specification.objects.for_user(request.user).select_related("project")
    specification = get_object_or_404(rows, pk=pk)
    revisions = list(specification.revisions.select_related("uploaded_by"))
    extraction = (
        Extraction.objects.for_user(request.user)
        .filter(revision__specification=specification, state=ExtractionState.DONE)
        .select_related("revision", "skill_version__skill__project")
        .order_by("-revision__number", "-finished_at", "-pk")
        .first()
    )
    sources = SourceRequirement.objects.for_user(request.user).filter(extraction=extraction)
    return render(
        request,
        "runs/specification.html",
        {
            "project": specification.project,
            "section": "specifications",
            "access": access_to(request, specification.project),
            "specification": specification,
            "revisions": revisions,
            "newest": revisions[0] if revisions else None,
            "extraction": extraction,
            "page": page_of(request, sources, ("ordinal", "id")),
            "count": counted(sources),
        },
    )


@require_safe
@signed_in
def download(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    """The file as it was uploaded, never shown in the browser."""
    revision = get_object_or_404(Revision.objects.for_user(request.user), pk=pk)
    content = get_object_or_404(RevisionContent.objects.only("original"), revision=revision)
    return attachment(bytes(content.original), revision.filename, revision.media_type)
