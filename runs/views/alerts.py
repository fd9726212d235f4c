"""What leads must know of: the project's alerts, whom they were sent to, and acknowledging them."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from observability.actions.alerting import mute
from observability.alerts import acknowledge
from observability.alerts.watching import CHECKS
from observability.models import Alert, AlertCause, AlertRule
from reqplatform.teams.models import Role
from reqplatform.teams.permissions import require
from reqplatform.teams.views.access import MemberRequest, access_to, project_of, signed_in
from runs.views.paging import page_of

MUTES = ((4, "4 hours"), (24, "a day"), (168, "a week"))


@require_safe
@signed_in
def index(request: MemberRequest, slug: str) -> HttpResponse:
    """Open alerts first, then those that were seen to; and what the project is warned of."""
    project = project_of(request, slug)
    rows = Alert.objects.for_user(request.user).filter(project=project)
    rows = rows.select_related("run").prefetch_related("deliveries__channel")
    shown = "acknowledged" if request.GET.get("show") == "acknowledged" else "open"
    rows = rows.filter(acknowledged_at__isnull=shown == "open")
    rules = AlertRule.objects.for_user(request.user).filter(project=project)
    by_cause = {rule.cause: rule for rule in rules.prefetch_related("channels")}
    context = {
        "project": project,
        "section": "alerts",
        "access": access_to(request, project),
        "shown": shown,
        "page": page_of(request, rows, ("-created_at", "-id")),
        "mutes": MUTES,
        "now": timezone.now(),
        "causes": [(cause, by_cause.get(cause), CHECKS.get(cause)) for cause in AlertCause],
    }
    return render(request, "runs/alerts.html", context)


@require_POST
@signed_in
def see_to(request: MemberRequest, pk: int) -> HttpResponseBase:
    """Acknowledge an alert: somebody has seen to it. Editors and above."""
    rows = Alert.objects.for_user(request.user).select_related("project")
    alert = get_object_or_404(rows, pk=pk)
    acknowledge(request.user, alert)
    messages.success(request, "The alert is acknowledged. It comes back if it happens again.")
    if request.POST.get("next") == "alerts":
        return redirect("runs:alerts", alert.project.slug)
    return redirect("runs:project", alert.project.slug)


@require_POST
@signed_in
def hush(request: MemberRequest, slug: str, cause: str) -> HttpResponseBase:
    """Send nothing of a cause for some hours, or send again (0). Editors and above."""
    project = project_of(request, slug)
    rules = AlertRule.objects.for_user(request.user).select_related("project")
    rule = get_object_or_404(rules, project=project, cause=cause)
    require(request.user, project, Role.EDITOR)
    asked = request.POST.get("hours")
    hours = next((n for n in (0, *dict(MUTES)) if str(n) == asked), None)
    if hours is None:
        messages.error(request, "Nothing was changed: choose how long from the buttons.")
        return redirect("runs:alerts", project.slug)
    mute(request.user, rule, timezone.now() + timedelta(hours=hours) if hours else None)
    label = AlertCause(rule.cause).label
    said = f"muted for {dict(MUTES)[hours]}" if hours else "not muted any more"
    messages.success(request, f"{label}: {said}. What is found stays on record.")
    return redirect("runs:alerts", project.slug)
