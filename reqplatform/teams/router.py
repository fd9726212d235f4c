"""The projects of the caller."""

from datetime import datetime
from decimal import Decimal
from typing import Self

from django.db.models import Prefetch, QuerySet
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict

from reqplatform.errors import NotFound
from reqplatform.pagination import Page, PageQuery, paginate
from reqplatform.teams.authentication import SignedRequest
from reqplatform.teams.models import Membership, Project, ReviewExpiry, Role, User

router = Router(tags=["Projects"])


class ProjectOut(BaseModel):
    """A project, what the caller may do on it, and what its runs are started with."""

    model_config = ConfigDict(frozen=True)

    slug: str
    name: str
    description: str
    role: Role
    quality_threshold: Decimal
    max_iterations: int
    weights: dict[str, float]
    review_reminder_hours: int | None
    review_expiry_hours: int | None
    review_expiry: ReviewExpiry
    time_zone: str
    archived_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, row: Project, user: User) -> Self:
        """Needs the caller's own membership loaded as `mine`."""
        mine: list[Membership] = row.mine  # type: ignore[attr-defined]
        same = set(cls.model_fields) - {"role"}
        role = Role.OWNER if user.is_superuser else Role(mine[0].role)
        return cls(role=role, **{name: getattr(row, name) for name in same})


def _projects(user: User) -> QuerySet[Project]:
    rows: QuerySet[Project] = Project.objects.for_user(user)
    own = Membership.objects.for_user(user).filter(user=user)
    return rows.prefetch_related(Prefetch("memberships", own, to_attr="mine"))


@router.get("/projects", response=Page[ProjectOut], summary="List your projects")
def list_projects(request: SignedRequest, page: Query[PageQuery]) -> Page[ProjectOut]:
    """By slug, archived ones too."""
    user = request.auth
    found, following = paginate(_projects(user), ["slug"], page, scope=f"projects:{user.pk}")
    return Page[ProjectOut](items=[ProjectOut.of(row, user) for row in found], next=following)


@router.get("/projects/{slug:slug}", response=ProjectOut, summary="Show a project")
def get_project(request: SignedRequest, slug: str) -> ProjectOut:
    """Members only; to all others it does not exist."""
    project = _projects(request.auth).filter(slug=slug).first()
    if project is None:
        raise NotFound("There is no such project, or you are not a member of it.")
    return ProjectOut.of(project, request.auth)
