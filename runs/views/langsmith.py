"""The way to what LangSmith was told of a run."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from observability.traces import link_to_run
from reqplatform.teams.views.access import MemberRequest, signed_in
from runs.views.runs import run_of


@require_safe
@signed_in
def traces(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    """To the run's traces in LangSmith, which is asked where they are; else back, with why not."""
    run = run_of(request.user, pk)
    found = link_to_run(run.pk)
    if found.url:
        return redirect(found.url)
    messages.warning(request, found.problem)
    return redirect("runs:run", run.pk)
