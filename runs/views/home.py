from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import render

from observability.models import Alert
from reqplatform.teams.models import Membership, Project, User
from reqplatform.teams.views.access import MemberRequest, signed_in
from runs.models import Run, RunStatus, Specification
from runs.models.run import WORKING
from runs.views.listing import listed_runs

LATEST = 10


@signed_in
def home(request: MemberRequest) -> HttpResponse:
    runs = listed_runs(request.user)
    return render(
        request,
        "runs/home.html",
        {
            "projects": _projects(request.user),
            "waiting": runs.filter(status=RunStatus.WAITING_REVIEW)[:LATEST],
            "runs": runs.exclude(status=RunStatus.WAITING_REVIEW)[:LATEST],
        },
    )


def _projects(user: User) -> QuerySet[Project]:
    """The user's projects with their counts; subqueries, because joins would multiply rows."""
    specifications = Specification.objects.for_user(user).filter(project=OuterRef("pk"))
    runs = Run.objects.for_user(user).filter(project=OuterRef("pk"))
    alerts = Alert.objects.for_user(user).filter(project=OuterRef("pk"), acknowledged_at=None)
    role = Membership.objects.for_user(user).filter(project=OuterRef("pk"), user=user)
    projects: QuerySet[Project] = (
        Project.objects.for_user(user)
        .filter(archived_at=None)
        .annotate(
            role=Subquery(role.values("role")[:1]),
            specification_count=_count(specifications),
            run_count=_count(runs),
            working_count=_count(runs.filter(status__in=WORKING)),
            waiting_count=_count(runs.filter(status=RunStatus.WAITING_REVIEW)),
            alert_count=_count(alerts),
        )
    )
    return projects


def _count(rows: QuerySet[Run] | QuerySet[Specification] | QuerySet[Alert]) -> Coalesce:
    counted = rows.order_by().values("project").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n"), output_field=IntegerField()), 0)
