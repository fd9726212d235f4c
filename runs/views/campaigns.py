"""The pages of campaigns: start one, watch all its runs at once, and see what they found."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from observability.budgets import Payer
from observability.models import Scope
from observability.reports import windows
from observability.reports.windows import Standing
from observability.shown import costs_are_shown
from reqplatform.errors import Conflict, InvalidInput, NotAllowed
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.permissions import require
from reqplatform.teams.views.access import MemberRequest, access_to, project_of, signed_in
from runs.actions.campaigns import cancel_campaign, resumable, resume_campaign, start_campaign
from runs.exports import campaign as exports
from runs.exports import consolidated
from runs.forms import CampaignForm, show_refusal
from runs.models import Campaign, Run, RunEvent, Tally
from runs.views.attachment import attachment
from runs.views.estimates import campaign_panel_of, models_off
from runs.views.paging import page_of

PER_PAGE = 25
SOURCES_PER_PAGE = 100


@require_safe
@signed_in
def index(request: MemberRequest, slug: str) -> HttpResponse:
    """A project's campaigns, the newest first."""
    project = project_of(request, slug)
    page = page_of(request, campaigns_of(request.user, project), ("-id",), PER_PAGE)
    tallies = consolidated.tallies_of(page.rows)
    return render(
        request,
        "runs/campaigns.html",
        {
            "project": project,
            "section": "runs",
            "access": access_to(request, project),
            "page": page,
            "listed": [(row, tallies[row.pk]) for row in page],
        },
    )


def campaigns_of(user: User, project: Project) -> "QuerySet[Campaign]":
    rows: QuerySet[Campaign] = Campaign.objects.for_user(user).filter(project=project)
    return rows.select_related("revision__specification", "started_by").order_by("-id")


@signed_in
def new(request: MemberRequest, slug: str) -> HttpResponse:
    """The form to start a campaign, with an estimate of what it describes; to htmx, the estimate
    only. A POST starts the campaign, or with `estimate` shows what it would cost."""
    project = project_of(request, slug)
    require(request.user, project, Role.EDITOR)
    asked = {name: request.GET[name] for name in ("revision", "model") if name in request.GET}
    form = CampaignForm(request.POST or None, project=project, user=request.user, initial=asked)
    if request.method == "POST" and "estimate" not in request.POST and form.is_valid():
        campaign = _start(request, form)
        if campaign is not None:
            return redirect("runs:campaign", campaign.pk)
    context = {
        "project": project,
        "section": "runs",
        "form": form,
        "has_revisions": form.revisions.queryset.exists(),
        "has_subsystems": form.subsystems.queryset.exists(),
        "panel": campaign_panel_of(form, project, request.user),
        "off": models_off(request.user, project),
    }
    fragment = request.headers.get("HX-Request") == "true"
    name = "runs/campaign_estimate.html" if fragment else "runs/campaign_form.html"
    answer = render(request, name, context)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def _start(request: MemberRequest, form: CampaignForm) -> Campaign | None:
    """The campaign, or None with the refusal shown in the form."""
    chosen = form.cleaned_data
    try:
        return start_campaign(
            request.user,
            chosen["revision"],
            list(chosen["subsystems"]),
            form.options(),
            name=chosen["name"],
            limit_nusd=form.limit_nusd,
        )
    except (InvalidInput, Conflict, NotAllowed) as refusal:
        show_refusal(form, refusal)
        return None


def campaign_of(user: User, pk: UUID) -> Campaign:
    """The campaign, or 404 for those who are not members of its project."""
    rows = Campaign.objects.for_user(user).select_related(
        "project", "revision__specification", "started_by", "reader"
    )
    campaign: Campaign = get_object_or_404(rows, pk=pk)
    return campaign


@require_safe
@signed_in
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """All runs at once, and below them who takes which source requirement."""
    campaign = campaign_of(request.user, pk)
    runs = list(consolidated.runs_of(campaign))
    tally = Tally.of(run.status for run in runs)
    by = ("is_taken", "extraction_id", "ordinal")
    page = page_of(request, consolidated.matrix_of(campaign), by, SOURCES_PER_PAGE)
    totals = consolidated.totals_of(campaign)
    return render(
        request,
        "runs/campaign.html",
        {
            "project": campaign.project,
            "section": "runs",
            "access": access_to(request, campaign.project),
            "campaign": campaign,
            "tally": tally,
            "working": bool(tally.working),
            "is_lost": any(run.has_lost_worker for run in runs),
            "resumable": len(resumable(campaign)),
            "runs": runs,
            "codes": [run.subsystem.code for run in runs],
            "types": consolidated.TYPES,
            "totals": [(run, totals.get(run.subsystem.code)) for run in runs],
            "total": totals.get(""),
            "coverage": consolidated.coverage_of(campaign),
            "page": page,
            "cost": consolidated.cost_of(campaign) if costs_are_shown() else None,
            "budget": _budget(campaign) if costs_are_shown() else None,
            "seen": _events(campaign),
            "files": exports.FILES.values() if tally.completed else (),
            "archive": exports.archive_name(campaign),
        },
    )


def _budget(campaign: Campaign) -> Standing | None:
    """The account that its runs share."""
    payer = Payer(campaign.project_id, group=campaign.group)
    found = windows.current(campaign.project, payer)
    return next((one for one in found if one.scope == Scope.GROUP), None)


def _events(campaign: Campaign) -> int:
    """How many events its runs have: none is ever removed, so a higher number is news."""
    return int(RunEvent.objects.filter(run__campaign=campaign).count())


@require_safe
@signed_in
def events(request: MemberRequest, pk: UUID) -> JsonResponse:
    """Whether anything has happened since there were `?after=<number>` events, as the run's page
    asks it of one run."""
    campaign = get_object_or_404(Campaign.objects.for_user(request.user), pk=pk)
    rows = Run.objects.for_user(request.user).filter(campaign=campaign)
    runs = list(rows.only("id", "status", "lease_expires_at"))
    tally = Tally.of(run.status for run in runs)
    after = request.GET.get("after", "")
    seen = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    number = _events(campaign)
    news = [{"seq": number, "message": f"{tally.words}."}] if number > seen else []
    return JsonResponse(
        {
            "status": tally.state,
            "working": bool(tally.working),
            "lost": any(run.has_lost_worker for run in runs),
            "events": news,
        },
        headers={"Cache-Control": "no-store"},
    )


@require_POST
@signed_in
def cancel(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    return _act(request, pk, cancel_campaign, "cancelled")


@require_POST
@signed_in
def resume(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    return _act(request, pk, resume_campaign, "queued again")


def _act(
    request: MemberRequest, pk: UUID, action: Callable[[User, Campaign], list[Run]], done: str
) -> HttpResponseBase:
    campaign = campaign_of(request.user, pk)
    try:
        runs = action(request.user, campaign)
    except Conflict as refusal:
        messages.error(request, refusal.message)
    else:
        what = "1 run is" if len(runs) == 1 else f"{len(runs)} runs are"
        messages.success(request, f"{what} {done}.")
    return redirect("runs:campaign", pk)


@require_safe
@signed_in
def file(request: MemberRequest, pk: UUID, name: str) -> HttpResponseBase:
    """One consolidated file, or all of them with those of the completed runs."""
    campaign = campaign_of(request.user, pk)
    exports.require_some(campaign)
    archive = exports.archive_name(campaign)
    if name == archive:
        return attachment(exports.archive(campaign), archive, "application/zip")
    if name not in exports.FILES:
        raise Http404("The campaign has no file of that name.")
    named = f"{archive.removesuffix('.zip')}-{name}"
    return attachment(exports.render(campaign, name), named, exports.FILES[name].media_type)
