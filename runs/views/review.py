from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from reqplatform.errors import Conflict, InvalidInput
from reqplatform.teams.models import Role
from reqplatform.teams.permissions import require
from reqplatform.teams.views.access import MemberRequest, signed_in
from runs.actions.review import decide_review
from runs.forms import ReviewForm, show_refusal
from runs.models import Decision, Review, Run
from runs.views.runs import run_context, run_of


@require_POST
@signed_in
def decide(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    """A reviewer's decision on what the run waits with."""
    run = run_of(request.user, pk)
    require(request.user, run.project, Role.REVIEWER)
    form = ReviewForm(request.POST)
    if form.is_valid():
        try:
            review = _decide(request, run, form)
        except InvalidInput as refusal:
            show_refusal(form, refusal)
        except Conflict as refusal:
            messages.error(request, refusal.message)
            return redirect("runs:run", pk)
        else:
            messages.success(request, f"Decided: {review.get_decision_display().lower()}.")
            return redirect("runs:run", pk)
    return render(request, "runs/run.html", run_context(request, run, form), status=422)


def _decide(request: MemberRequest, run: Run, form: ReviewForm) -> Review:
    chosen = form.cleaned_data
    return decide_review(request.user, run, Decision(chosen["decision"]), chosen["feedback"])
