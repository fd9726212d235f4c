"""A project's domain, to read."""

from datetime import datetime
from typing import Annotated

from ninja import Router
from pydantic import BaseModel, ConfigDict, Field

from reqplatform.errors import NotFound
from reqplatform.teams.authentication import SignedRequest
from reqplatform.teams.models import Project
from skills.domain import DomainContent
from skills.models import DomainVersion

router = Router(tags=["Domains"])


class DomainOut(BaseModel):
    """What a project's domain says: its newest version, or the one that was asked for."""

    model_config = ConfigDict(frozen=True)

    number: int
    in_use: bool = Field(description="Whether runs that start now follow the newest version.")
    changelog: str
    created_at: datetime
    text: str = Field(description="As its author wrote it, in Markdown.")
    content: DomainContent


@router.get("/projects/{slug:slug}/domain", response=DomainOut, summary="Show a project's domain")
def get_domain(
    request: SignedRequest,
    slug: str,
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None,
) -> DomainOut:
    """The newest version, or the one of that number; 404 for a project that has none."""
    if not Project.objects.for_user(request.auth).filter(slug=slug).exists():
        raise NotFound("There is no such project, or you are not a member of it.")
    rows = DomainVersion.objects.for_user(request.auth).filter(domain__project__slug=slug)
    if version is not None:
        rows = rows.filter(number=version)
    found = rows.select_related("domain").order_by("-number").first()
    if found is None:
        what = f"version {version} of its domain" if version else "domain"
        raise NotFound(f"The project has no {what}.")
    return DomainOut(
        number=found.number,
        in_use=found.domain.enabled,
        changelog=found.changelog,
        created_at=found.created_at,
        text=found.text,
        content=found.reading,
    )
