"""What leads must know of, and whom it was sent to."""

from django.db.models import QuerySet
from ninja import Query, Router
from pydantic import Field

from observability.actions.alerting import mute
from observability.alerts import acknowledge
from observability.models import Alert, AlertCause, AlertRule
from reqplatform.errors import NotFound
from reqplatform.pagination import Page, PageQuery, paginate
from reqplatform.teams.authentication import SignedRequest
from runs.routers.alert_schemas import AlertOut, MuteIn, RuleOut, Shown
from runs.routers.lookups import find_project

router = Router(tags=["Alerts"])


class AlertQuery(PageQuery):
    show: Shown = "open"
    cause: AlertCause | None = Field(None, description="Only this one.")


def _rows(request: SignedRequest) -> QuerySet[Alert]:
    rows: QuerySet[Alert] = Alert.objects.for_user(request.auth)
    return rows.select_related("project").prefetch_related("deliveries__channel")


@router.get(
    "/projects/{slug:slug}/alerts", response=Page[AlertOut], summary="List a project's alerts"
)
def list_alerts(request: SignedRequest, slug: str, asked: Query[AlertQuery]) -> Page[AlertOut]:
    """The latest first."""
    project = find_project(request, slug)
    rows = _rows(request).filter(project=project)
    if asked.show != "all":
        rows = rows.filter(acknowledged_at__isnull=asked.show == "open")
    if asked.cause is not None:
        rows = rows.filter(cause=asked.cause)
    scope = f"alerts:{project.pk}:{asked.show}:{asked.cause}"
    found, following = paginate(rows, ["-id"], asked, scope=scope)
    return Page[AlertOut](items=[AlertOut.of(row) for row in found], next=following)


@router.post(
    "/alerts/{int:alert_id}/acknowledge", response=AlertOut, summary="Acknowledge an alert"
)
def post_acknowledge(request: SignedRequest, alert_id: int) -> AlertOut:
    """Editors and above: somebody has seen to it. It is opened again if it happens again."""
    row = _rows(request).filter(pk=alert_id).first()
    if row is None:
        raise NotFound("There is no such alert, or you are not a member of its project.")
    acknowledge(request.auth, row)
    return AlertOut.of(_rows(request).get(pk=alert_id))


def _rules(request: SignedRequest, slug: str) -> QuerySet[AlertRule]:
    rows: QuerySet[AlertRule] = AlertRule.objects.for_user(request.auth)
    rows = rows.filter(project=find_project(request, slug)).order_by("cause")
    return rows.select_related("project").prefetch_related("channels")


@router.get("/projects/{slug:slug}/alert-rules", response=list[RuleOut], summary="List alert rules")
def list_rules(request: SignedRequest, slug: str) -> list[RuleOut]:
    """Of those causes that have one. Rules are made in the admin."""
    return [RuleOut.of(row) for row in _rules(request, slug)]


@router.post(
    "/projects/{slug:slug}/alert-rules/{cause}/mute", response=RuleOut, summary="Mute a rule"
)
def post_mute(request: SignedRequest, slug: str, cause: AlertCause, payload: MuteIn) -> RuleOut:
    """Editors and above. What is found until then is put on record and sent to nobody."""
    row = _rules(request, slug).filter(cause=cause).first()
    if row is None:
        raise NotFound("This project has no rule for that cause, so nobody is told of it anyhow.")
    mute(request.auth, row, payload.until)
    return RuleOut.of(_rules(request, slug).get(pk=row.pk))
