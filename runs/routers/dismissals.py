"""Findings that a team has dismissed, and what its rules weigh because of it."""

from ninja import Query, Router

from reqplatform.errors import NotFound
from reqplatform.pagination import Page, PageQuery, paginate
from reqplatform.teams.authentication import SignedRequest
from runs.actions.dismissals import dismiss, dismissed_in_project, withdraw
from runs.models import Dismissal, QualityIssue
from runs.routers.dismissal_schemas import DismissalIn, DismissalOut
from runs.routers.lookups import find_project

router = Router(tags=["Results"])


@router.get(
    "/projects/{slug:slug}/dismissals",
    response=Page[DismissalOut],
    summary="List the dismissals of a project",
)
def list_dismissals(
    request: SignedRequest, slug: str, page: Query[PageQuery]
) -> Page[DismissalOut]:
    """Those that stand, in the order they were made; `weight` is the rule's in the next run."""
    project = find_project(request, slug)
    rows = Dismissal.objects.for_user(request.auth).filter(project=project, withdrawn_at=None)
    rows = rows.select_related("dismissed_by")
    found, following = paginate(rows, ["id"], page, scope=f"dismissals:{project.pk}")
    weights = dismissed_in_project(project).weights
    items = [DismissalOut.of(row, weights.get(row.rule, 1.0)) for row in found]
    return Page[DismissalOut](items=items, next=following)


@router.post(
    "/issues/{int:issue_id}/dismiss", response={201: DismissalOut}, summary="Dismiss an issue"
)
def post_dismiss(request: SignedRequest, issue_id: int, payload: DismissalIn) -> DismissalOut:
    """Editors and above. It counts from the next run on: its words cost nothing, and its rule
    weighs less in the project. Critical findings and those of a judge can't be dismissed.
    """
    rows = QualityIssue.objects.for_user(request.auth).select_related("run__project")
    issue = rows.filter(pk=issue_id).first()
    if issue is None:
        raise NotFound("There is no such issue, or you are not a member of its project.")
    row = dismiss(request.auth, issue, payload.reason, whole_rule=payload.scope == "rule")
    return _shown(row)


@router.post(
    "/dismissals/{int:dismissal_id}/withdraw",
    response=DismissalOut,
    summary="Withdraw a dismissal",
)
def post_withdraw(request: SignedRequest, dismissal_id: int) -> DismissalOut:
    """Editors and above. Runs that start from now on don't count it."""
    rows = Dismissal.objects.for_user(request.auth).select_related("project", "dismissed_by")
    row = rows.filter(pk=dismissal_id).first()
    if row is None:
        raise NotFound("There is no such dismissal, or you are not a member of its project.")
    return _shown(withdraw(request.auth, row))


def _shown(row: Dismissal) -> DismissalOut:
    return DismissalOut.of(row, dismissed_in_project(row.project).weights.get(row.rule, 1.0))
