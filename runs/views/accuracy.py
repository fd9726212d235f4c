"""How good the embedded analyst is, as it was measured: of no project, for everybody here."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reqplatform.teams.views.access import MemberRequest, signed_in
from runs.evaluating.record import recorded


@require_safe
@signed_in
def accuracy(request: MemberRequest) -> HttpResponse:
    return render(request, "runs/accuracy.html", {"accuracy": recorded()})
