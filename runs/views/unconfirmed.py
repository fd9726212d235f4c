"""Settling a call whose outcome nobody knew, by what the provider's bill says."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from observability.actions.unconfirmed import AboveHold, billed, not_billed
from observability.models import LLMCall
from observability.money import format_usd
from observability.shown import costs_are_shown
from reqplatform.errors import InvalidInput
from reqplatform.teams.models import Role
from reqplatform.teams.permissions import require_role
from reqplatform.teams.views.access import MemberRequest, signed_in
from runs.forms import BillForm, show_refusal


@signed_in
def settle(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Owners say what a call cost. More than was held for it is asked for twice."""
    rows = LLMCall.objects.for_user(request.user).select_related("project", "profile", "run")
    call = get_object_or_404(rows.defer("prompt", "answer", "raw_usage"), pk=pk)
    if not costs_are_shown():
        raise Http404("Costs are hidden on this installation.")
    require_role(request.user, call.project, Role.OWNER)
    form = BillForm(request.POST or None)
    question = ""
    if request.method == "POST" and form.is_valid():
        try:
            said = _settle(request, call, form)
        except AboveHold as above:
            question = above.message
        except InvalidInput as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, said)
            return redirect("runs:budgets", call.project.slug)
    return render(
        request,
        "runs/settle.html",
        {
            "project": call.project,
            "section": "budgets",
            "call": call,
            "form": form,
            "question": question,
            "sure": form.amount_nusd if question else None,
        },
    )


def _settle(request: MemberRequest, call: LLMCall, form: BillForm) -> str:
    """Do what the form says; what was done, in words."""
    amount = form.amount_nusd
    if amount is None:
        not_billed(request.user, call)
        return f"{format_usd(call.held_nusd)} are given back to the budgets."
    # Sure of this very amount: another one is asked about again.
    billed(request.user, call, amount, sure=request.POST.get("sure") == str(amount))
    return f"The call is settled at {format_usd(amount)}."
