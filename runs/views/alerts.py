"""What leads must know of, on the project's page."""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from observability.alerts import acknowledge
from observability.models import Alert
from reqplatform.teams.views.access import MemberRequest, signed_in


@require_POST
@signed_in
def see_to(request: MemberRequest, pk: int) -> HttpResponseBase:
    """Acknowledge an alert: somebody has seen to it. Editors and above."""
    rows = Alert.objects.for_user(request.user).select_related("project")
    alert = get_object_or_404(rows, pk=pk)
    acknowledge(request.user, alert)
    messages.success(request, "The alert is acknowledged. It comes back if it happens again.")
    return redirect("runs:project", alert.project.slug)
