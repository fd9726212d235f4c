"""A project's budgets: where they stand, and what owners let it spend."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from observability.actions.limits import change_limits
from observability.models import Budget, BudgetWindow, Scope
from observability.money import limit_usd
from observability.reports.windows import standing_of
from observability.shown import AT_STOP, AT_WARNING, costs_are_shown
from reqplatform.errors import InvalidInput
from reqplatform.teams.models import Role, User
from reqplatform.teams.permissions import require
from reqplatform.teams.views.access import MemberRequest, access_to, project_of, signed_in
from runs.forms import LimitsForm, show_refusal
from runs.models import Run, RunStatus
from runs.views.budgets import all_budgets, unconfirmed_calls

_HIDDEN = "Costs and budgets are hidden on this installation."


@require_safe
@signed_in
def index(request: MemberRequest, slug: str) -> HttpResponse:
    """Every budget with its open accounts, and the calls that wait for somebody to settle them."""
    project = project_of(request, slug)
    _check_shown()
    return render(
        request,
        "runs/budgets.html",
        {
            "project": project,
            "section": "budgets",
            "access": access_to(request, project),
            "budgets": all_budgets(request.user, project, timezone.now()),
            "unconfirmed": unconfirmed_calls(request.user, project),
            "at_warning": AT_WARNING,
            "at_stop": AT_STOP,
        },
    )


@signed_in
def budget(request: MemberRequest, slug: str, scope: str) -> HttpResponse:
    """The limits of one budget. Owners only."""
    project = project_of(request, slug)
    _check_shown()
    rows = Budget.objects.for_user(request.user).select_related("project")
    row = get_object_or_404(rows, project=project, scope=scope)
    return _form(request, row, row.get_scope_display())


@signed_in
def account(request: MemberRequest, pk: int) -> HttpResponse:
    """The limits of one run, group, day or month alone. Owners only."""
    rows = BudgetWindow.objects.for_user(request.user).select_related("project", "budget")
    row = get_object_or_404(rows, pk=pk)
    _check_shown()
    return _form(request, row, row.label)


def _check_shown() -> None:
    if not costs_are_shown():
        raise Http404(_HIDDEN)


def _form(request: MemberRequest, row: Budget | BudgetWindow, heading: str) -> HttpResponse:
    require(request.user, row.project, Role.OWNER)
    run = _run_of(request.user, row, request.POST.get("run", ""))
    form = LimitsForm(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid():
        before = row.max_nusd
        try:
            change_limits(request.user, row, **form.limits())
        except InvalidInput as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _said(row, before, run))
            if run is not None:
                return redirect("runs:run", run.pk)
            return redirect("runs:budgets", row.project.slug)
    return render(
        request,
        "runs/limits_form.html",
        {
            "project": row.project,
            "section": "budgets",
            "heading": heading,
            "form": form,
            "row": row,
            "scope": Scope(row.budget.scope if isinstance(row, BudgetWindow) else row.scope),
            "is_account": isinstance(row, BudgetWindow),
            "standing": standing_of(row) if isinstance(row, BudgetWindow) else None,
            "run": run,
        },
    )


def _run_of(user: User, row: Budget | BudgetWindow, asked: str) -> Run | None:
    """The run that the form was opened for: the account's own, or the one that it had stopped."""
    key = row.key if isinstance(row, BudgetWindow) and row.scope == Scope.RUN else asked
    try:
        run_id = UUID(key)
    except ValueError:
        return None
    found: Run | None = Run.objects.for_user(user).filter(project=row.project, pk=run_id).first()
    return found


def _said(row: Budget | BudgetWindow, before: int | None, run: Run | None) -> str:
    """What was done, and what to do next for a run that a budget has stopped."""
    raised = before is not None and (row.max_nusd is None or row.max_nusd > before)
    if not raised:
        return "The limits are saved."
    done = f"Raised to {limit_usd(row.max_nusd)}" if row.max_nusd else "There is no stop any more"
    stopped = run is not None and run.status == RunStatus.OUT_OF_BUDGET
    return f"{done}: press Resume." if stopped else f"{done}."
