"""What a path names, if the caller may see it; else 404, whether it exists or not."""

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from reqplatform.errors import NotFound
from reqplatform.teams.authentication import SignedRequest
from reqplatform.teams.models import Project
from runs.models import Campaign, Revision, Run, Specification

M = TypeVar("M", bound=Model)


def _one(rows: QuerySet[M], what: str, of: str = "its project") -> M:
    found = rows.first()
    if found is None:
        raise NotFound(f"There is no such {what}, or you are not a member of {of}.")
    return found


def find_project(request: SignedRequest, slug: str) -> Project:
    return _one(Project.objects.for_user(request.auth).filter(slug=slug), "project", "it")


def find_specification(request: SignedRequest, specification_id: UUID) -> Specification:
    rows = Specification.objects.for_user(request.auth).filter(pk=specification_id)
    return _one(
        rows.select_related("project").prefetch_related("revisions__uploaded_by"), "specification"
    )


def find_revision(request: SignedRequest, revision_id: UUID) -> Revision:
    rows = Revision.objects.for_user(request.auth).filter(pk=revision_id)
    return _one(rows.select_related("specification", "uploaded_by"), "revision")


def find_campaign(request: SignedRequest, campaign_id: UUID) -> Campaign:
    rows = Campaign.objects.for_user(request.auth).filter(pk=campaign_id)
    return _one(rows.select_related("project", "revision__specification", "started_by"), "campaign")


def runs_of(request: SignedRequest) -> QuerySet[Run]:
    """The runs that the caller may see, with all that an answer about a run shows."""
    rows: QuerySet[Run] = Run.objects.for_user(request.auth)
    return rows.select_related("project", "revision__specification", "subsystem", "started_by")


def find_run(request: SignedRequest, run_id: UUID) -> Run:
    return _one(runs_of(request).filter(pk=run_id), "run")
