from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from observability.models import Node, QualityRecord
from observability.shown import costs_are_shown
from reqplatform.errors import Conflict, InvalidInput
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.permissions import require
from reqplatform.teams.views.access import MemberRequest, access_to, project_of, signed_in
from runs.actions.cancel import cancel_run
from runs.actions.resume import resume_run
from runs.actions.start import start_run
from runs.estimating import models_of
from runs.forms import ReviewForm, RunForm, show_refusal
from runs.models import Allocation, Decision, EventKind, Review, Run, RunEvent, RunStatus
from runs.models.review import ReviewKind
from runs.views.breakdown import breakdown_of
from runs.views.estimates import models_off, panel_of
from runs.views.progress import steps_of
from runs.views.standing import offers_resume, standing
from runs.views.stops import stop_of
from runs.views.tabs import run_tabs

EVENTS_PER_POLL = 200
ASKED_FOR = ("revision", "subsystem", "model", "max_iterations", "group")


@signed_in
def new(request: MemberRequest, slug: str) -> HttpResponse:
    """The form to start a run, with an estimate of what it describes; to htmx, the estimate only.

    A POST starts the run, or with `estimate` shows what it would cost.
    """
    project = project_of(request, slug)
    require(request.user, project, Role.EDITOR)
    form = RunForm(
        request.POST or None,
        project=project,
        user=request.user,
        initial={name: request.GET[name] for name in ASKED_FOR if name in request.GET},
    )
    if request.method == "POST" and "estimate" not in request.POST and form.is_valid():
        run = _start(request, form)
        if run is not None:
            return redirect("runs:run", run.pk)
    context = _form_context(project, form, request.user)
    fragment = request.headers.get("HX-Request") == "true"
    answer = render(request, "runs/estimate.html" if fragment else "runs/run_form.html", context)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def _start(request: MemberRequest, form: RunForm) -> Run | None:
    """The run, or None with the refusal shown in the form."""
    chosen = form.cleaned_data
    try:
        return start_run(request.user, chosen["revision"], chosen["subsystem"], form.options())
    except (InvalidInput, Conflict) as refusal:
        show_refusal(form, refusal)
        return None


def _form_context(project: Project, form: RunForm, user: User) -> dict[str, object]:
    return {
        "project": project,
        "section": "runs",
        "form": form,
        "has_revisions": form.revisions.queryset.exists(),
        "has_subsystems": form.subsystems.queryset.exists(),
        "panel": panel_of(form, project, user),
        "off": models_off(user, project),
    }


def run_of(user: User, pk: UUID) -> Run:
    """The run, or 404 for those who are not members of its project."""
    rows = Run.objects.for_user(user).select_related(
        "project",
        "subsystem",
        "revision__specification",
        "started_by",
        "extraction",
        "campaign__reader",
    )
    run: Run = get_object_or_404(rows, pk=pk)
    return run


@require_safe
@signed_in
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    return render(request, "runs/run.html", run_context(request, run_of(request.user, pk)))


def run_context(
    request: MemberRequest, run: Run, review_form: ReviewForm | None = None
) -> dict[str, object]:
    """All that the run's page shows; with a `review_form` that was filled in wrongly, that one."""
    user = request.user
    records = list(QualityRecord.objects.for_user(user).filter(run=run).order_by("iteration_count"))
    events = list(RunEvent.objects.for_user(user).filter(run=run).order_by("seq"))
    reviews = list(Review.objects.for_user(user).filter(run=run).select_related("decided_by"))
    pending = next((review for review in reviews if review.decision == Decision.PENDING), None)
    if pending is not None:
        pending.run = run  # whose project says when it expires
    stop = stop_of(run)
    waits = run.status == RunStatus.WAITING_REVIEW and pending is not None
    return {
        "project": run.project,
        "section": "runs",
        "access": access_to(request, run.project),
        "run": run,
        "resumable": offers_resume(run),
        "is_lost": run.has_lost_worker,
        "tabs": run_tabs(user, run, "overview"),
        "standing": standing(run, records[-1] if records else None, stop),
        "stop": stop,
        "steps": steps_of(run, events),
        "events": events[::-1],
        "last_seq": events[-1].seq if events else 0,
        "breakdown": breakdown_of(run, stop),
        "read_here": _read_here(events),
        "claims": sum(event.figures.get("status") == RunStatus.RUNNING for event in events),
        "expected": run.estimate if costs_are_shown() else None,
        "asked": models_of(run.routes),
        "records": records,
        "latest": records[-1] if records else None,
        "domain": run.domain_version,
        "pinned": run.skill_versions.select_related("skill__project").order_by("skill__slug"),
        "reviews": [review for review in reviews if review.decision != Decision.PENDING],
        "pending": pending if waits else None,
        "review_form": (review_form or ReviewForm()) if waits else None,
        "allocations": _allocations(user, run) if waits and _is_strategy(pending) else None,
    }


def _read_here(events: list[RunEvent]) -> bool | None:
    """Whether the run read the revision itself; None if it has not come so far."""
    for event in events:
        if event.kind == EventKind.NODE_FINISHED and event.node == Node.EXTRACT:
            return not event.figures.get("shared")
    return None


def _is_strategy(review: Review | None) -> bool:
    return review is not None and review.kind == ReviewKind.STRATEGY


def _allocations(user: User, run: Run) -> list[Allocation]:
    rows = Allocation.objects.for_user(user).filter(run=run).select_related("source")
    return list(rows.order_by("-allocated", "source__ordinal"))


@require_safe
@signed_in
def events(request: MemberRequest, pk: UUID) -> JsonResponse:
    """The run's events after `?after=<seq>`, and whether more can come."""
    rows = Run.objects.for_user(request.user).only(
        "id", "status", "gate_passed", "iteration", "lease_expires_at"
    )
    run = get_object_or_404(rows, pk=pk)
    after = request.GET.get("after", "")
    seq = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    found = RunEvent.objects.for_user(request.user).filter(run=run, seq__gt=seq).order_by("seq")
    return JsonResponse(
        {
            "status": run.status,
            "gate_passed": run.gate_passed,
            "iteration": run.iteration,
            "working": run.is_working,
            "lost": run.has_lost_worker,
            "events": [
                _event(event)
                for event in found[:EVENTS_PER_POLL]
                if costs_are_shown() or not event.tells_costs
            ],
        },
        headers={"Cache-Control": "no-store"},
    )


def _event(event: RunEvent) -> dict[str, object]:
    return {
        "seq": event.seq,
        "kind": event.kind,
        "node": event.node,
        "iteration": event.iteration,
        "message": event.message,
        "at": event.created_at.isoformat(),
    }


@require_POST
@signed_in
def cancel(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    return _act(request, pk, cancel_run, "The run is cancelled.")


@require_POST
@signed_in
def resume(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    return _act(request, pk, resume_run, "The run is queued again.")


def _act(
    request: MemberRequest, pk: UUID, action: Callable[[User, Run], Run], done: str
) -> HttpResponseBase:
    run = run_of(request.user, pk)
    try:
        action(request.user, run)
    except Conflict as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, done)
    return redirect("runs:run", pk)
