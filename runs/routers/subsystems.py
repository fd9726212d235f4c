"""The parts of the system that requirements are allocated to."""

from ninja import Query, Router

from reqplatform.pagination import Page, PageQuery, paginate
from reqplatform.teams.authentication import SignedRequest
from runs.actions.subsystems import add_subsystem
from runs.models import Subsystem
from runs.routers.lookups import find_project
from runs.routers.schemas import SubsystemIn, SubsystemOut

router = Router(tags=["Subsystems"])


@router.get(
    "/projects/{slug:slug}/subsystems",
    response=Page[SubsystemOut],
    summary="List the subsystems of a project",
)
def list_subsystems(
    request: SignedRequest, slug: str, page: Query[PageQuery]
) -> Page[SubsystemOut]:
    """By code."""
    project = find_project(request, slug)
    rows = Subsystem.objects.for_user(request.auth).filter(project=project)
    found, following = paginate(rows, ["code"], page, scope=f"subsystems:{project.pk}")
    return Page[SubsystemOut](items=[SubsystemOut.of(row) for row in found], next=following)


@router.post(
    "/projects/{slug:slug}/subsystems", response={201: SubsystemOut}, summary="Add a subsystem"
)
def create_subsystem(request: SignedRequest, slug: str, payload: SubsystemIn) -> SubsystemOut:
    """Editors and above. The code begins the identifiers of the subsystem's requirements."""
    project = find_project(request, slug)
    return SubsystemOut.of(add_subsystem(request.auth, project, **payload.model_dump()))
