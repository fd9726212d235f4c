"""Campaigns: a run for each of several subsystems, watched, stopped and read together."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from ninja import Query, Router

from observability.budgets import Payer
from observability.models import Scope
from observability.money import to_nusd
from observability.reports import windows
from observability.reports.forecast import Forecast
from reqplatform.pagination import Page, PageQuery, paginate
from reqplatform.teams.authentication import SignedRequest
from reqplatform.teams.models import Project, Role
from reqplatform.teams.permissions import require
from runs.actions.campaigns import (
    cancel_campaign,
    estimate_campaign,
    resume_campaign,
    start_campaign,
    why_campaign_too_expensive,
)
from runs.exports import campaign as exports
from runs.exports import consolidated
from runs.models import Campaign, Subsystem
from runs.routers.asked import named_revision, named_subsystem, options_of
from runs.routers.budget_schemas import WindowOut
from runs.routers.campaign_schemas import (
    CampaignDetail,
    CampaignEstimateOut,
    CampaignIn,
    CampaignOut,
    CampaignRunOut,
    CostOut,
    CoverageOut,
    CoveredOut,
    tally_of,
)
from runs.routers.files import download
from runs.routers.lookups import find_campaign, find_project
from runs.routers.result_schemas import FileList, FileOut

router = Router(tags=["Campaigns"])


@router.get(
    "/projects/{slug:slug}/campaigns", response=Page[CampaignOut], summary="List the campaigns"
)
def list_campaigns(request: SignedRequest, slug: str, page: Query[PageQuery]) -> Page[CampaignOut]:
    """The newest first."""
    project = find_project(request, slug)
    rows = Campaign.objects.for_user(request.auth).filter(project=project)
    rows = rows.select_related("project", "revision__specification", "started_by")
    found, following = paginate(rows, ["-id"], page, scope=f"campaigns:{project.pk}")
    tallies = consolidated.tallies_of(found)
    items = [CampaignOut.of(row, tallies[row.pk]) for row in found]
    return Page[CampaignOut](items=items, next=following)


@router.post(
    "/projects/{slug:slug}/campaigns", response={201: CampaignDetail}, summary="Start a campaign"
)
def create_campaign(
    request: SignedRequest, slug: str, payload: CampaignIn, response: HttpResponse
) -> CampaignDetail:
    """Editors and above; a `limit` is for owners. One run is queued for each subsystem; poll
    `GET /campaigns/{id}`. Refused as a whole if it is not expected to fit its budgets."""
    project = find_project(request, slug)
    require(request.auth, project, Role.EDITOR)
    campaign = start_campaign(
        request.auth,
        named_revision(request, project, payload.revision),
        _chosen(request, project, payload.subsystems),
        options_of(payload),
        name=payload.name,
        limit_nusd=_limit(payload),
    )
    response["Location"] = reverse("api:get_campaign", args=[campaign.pk])
    return _detail(campaign)


@router.post(
    "/projects/{slug:slug}/campaign-estimates",
    response=CampaignEstimateOut,
    summary="Estimate what a campaign would cost",
)
def create_campaign_estimate(
    request: SignedRequest, slug: str, payload: CampaignIn
) -> CampaignEstimateOut:
    """Editors and above. Takes what starting takes; starts and stores nothing."""
    project = find_project(request, slug)
    require(request.auth, project, Role.EDITOR)
    expected = estimate_campaign(
        named_revision(request, project, payload.revision),
        _chosen(request, project, payload.subsystems),
        options_of(payload),
        limit_nusd=_limit(payload),
    )
    misfit = expected.misfit(0)
    why = why_campaign_too_expensive(misfit) if misfit else None
    return CampaignEstimateOut.of(expected, why)


def _chosen(request: SignedRequest, project: Project, names: list[str] | None) -> list[Subsystem]:
    if names is None:
        return list(Subsystem.objects.for_user(request.auth).filter(project=project))
    return [named_subsystem(request, project, name) for name in names]


def _limit(payload: CampaignIn) -> int | None:
    return None if payload.limit is None else to_nusd(payload.limit)


@router.get("/campaigns/{uuid:campaign_id}", response=CampaignDetail, summary="Show a campaign")
def get_campaign(request: SignedRequest, campaign_id: UUID) -> CampaignDetail:
    """Where it stands with all its runs, what they found and cost together, and its budget."""
    return _detail(find_campaign(request, campaign_id))


def _detail(campaign: Campaign) -> CampaignDetail:
    runs = list(consolidated.runs_of(campaign))
    own = reverse("api:get_campaign", args=[campaign.pk])
    links = {"self": own} | {part: f"{own}/{part}" for part in ("coverage", "files", "archive")}
    items = [CampaignRunOut.of(run, reverse("api:get_run", args=[run.pk])) for run in runs]
    return CampaignDetail(
        **CampaignOut.values(campaign, tally_of(runs)),
        items=items,
        requirements=consolidated.totals_of(campaign),
        coverage=CoverageOut.of(consolidated.coverage_of(campaign)),
        cost=CostOut.of(consolidated.cost_of(campaign)),
        budget=_budget(campaign),
        links=links,
    )


def _budget(campaign: Campaign) -> WindowOut | None:
    payer = Payer(campaign.project_id, group=campaign.group)
    found = windows.current(campaign.project, payer)
    shared = next((one for one in found if one.scope == Scope.GROUP), None)
    return WindowOut.of(shared, Forecast()) if shared else None


@router.post(
    "/campaigns/{uuid:campaign_id}/cancel", response=CampaignDetail, summary="Cancel a campaign"
)
def post_cancel_campaign(request: SignedRequest, campaign_id: UUID) -> CampaignDetail:
    """Editors and above; 409 if nothing is queued or running. The runs can be resumed."""
    campaign = find_campaign(request, campaign_id)
    cancel_campaign(request.auth, campaign)
    return _detail(campaign)


@router.post(
    "/campaigns/{uuid:campaign_id}/resume",
    response=CampaignDetail,
    summary="Resume what stopped in a campaign",
)
def post_resume_campaign(request: SignedRequest, campaign_id: UUID) -> CampaignDetail:
    """Editors and above; 409 if there is nothing to resume. Queues again all runs that failed, were
    cancelled or ran out of budget; what waits for a review goes on waiting."""
    campaign = find_campaign(request, campaign_id)
    resume_campaign(request.auth, campaign)
    return _detail(campaign)


@router.get(
    "/campaigns/{uuid:campaign_id}/coverage",
    response=Page[CoveredOut],
    summary="List who takes which source requirement",
)
def list_coverage(
    request: SignedRequest, campaign_id: UUID, page: Query[PageQuery], taken: bool | None = None
) -> Page[CoveredOut]:
    """In the order of the document; with `taken=false` those that no subsystem takes."""
    campaign = find_campaign(request, campaign_id)
    rows = consolidated.matrix_of(campaign)
    if taken is not None:
        rows = rows.filter(owners__gt=0) if taken else rows.filter(owners=0)
    scope = f"coverage:{campaign.pk}:{taken}"
    found, following = paginate(rows, ["extraction_id", "ordinal"], page, scope=scope)
    return Page[CoveredOut](items=[CoveredOut.of(row) for row in found], next=following)


@router.get(
    "/campaigns/{uuid:campaign_id}/files",
    response=FileList,
    summary="List the files of a campaign",
)
def list_campaign_files(request: SignedRequest, campaign_id: UUID) -> FileList:
    """409 until one of its runs has completed."""
    campaign = find_campaign(request, campaign_id)
    exports.require_some(campaign)
    return FileList(
        items=[
            FileOut(
                name=info.name,
                media_type=info.media_type,
                description=info.description,
                url=reverse("api:get_campaign_file", args=[campaign.pk, info.name]),
            )
            for info in exports.FILES.values()
        ],
        archive=reverse("api:get_campaign_archive", args=[campaign.pk]),
    )


@router.get("/campaigns/{uuid:campaign_id}/files/{name}", summary="Download a consolidated file")
def get_campaign_file(request: SignedRequest, campaign_id: UUID, name: str) -> HttpResponse:
    """409 until one of its runs has completed."""
    campaign = find_campaign(request, campaign_id)
    exports.require_some(campaign)
    content = exports.render(campaign, name)  # NotFound for a name that is not among its files
    return download(content, name, exports.FILES[name].media_type)


@router.get(
    "/campaigns/{uuid:campaign_id}/archive", summary="Download all files of a campaign as a zip"
)
def get_campaign_archive(request: SignedRequest, campaign_id: UUID) -> HttpResponse:
    """With a folder for each completed run. 409 until one has completed."""
    campaign = find_campaign(request, campaign_id)
    exports.require_some(campaign)
    name = exports.archive_name(campaign)
    return download(exports.archive(campaign), name, "application/zip")
