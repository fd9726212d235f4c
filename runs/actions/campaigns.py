"""Campaigns: one revision decomposed for many subsystems, paid from one budget.

What one run does is in the actions of runs; here it is done for all of a campaign.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from observability.actions.limits import limit_group
from observability.models import Scope
from observability.money import MOST_NUSD, format_usd
from reqplatform.errors import Conflict, InvalidInput
from reqplatform.security.plain_text import one_line
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.permissions import require
from runs.actions.cancel import cancel_run
from runs.actions.resume import resume_run
from runs.actions.start import (
    RunOptions,
    TooExpensive,
    new_run,
    routes_of,
    tell_cheaper,
    why_too_expensive,
    write_run,
)
from runs.documents.document import Document
from runs.estimating import Account, CampaignEstimate, Estimate, Misfit, estimate, together
from runs.estimating.accounts import OWN_GROUP
from runs.models import Campaign, Decision, Revision, Run, Subsystem
from runs.models.run import STOPPED, WORKING, lost_worker
from runs.waking import wake_in_turn
from skills import registry

NAME_LIMIT = 120


def start_campaign(
    user: User | None,
    revision: Revision,
    subsystems: Sequence[Subsystem],
    options: RunOptions,
    *,
    name: str = "",
    limit_nusd: int | None = None,
    enqueue: bool = True,
) -> Campaign:
    """A queued run for each subsystem, all pinned alike. Editors and above.

    The runs share one budget: that of their group, with `limit_nusd` as its stop if it is given,
    which is for owners. With `enqueue` workers are woken when the transaction commits: one, which
    reads the specification, or all if it has been read. A campaign whose expected cost does not fit
    is refused as a whole, or takes a cheaper route of its project as a run would. Raises
    InvalidInput, NotAllowed, NotFound or Conflict (TooExpensive), and then leaves nothing.
    """
    project: Project = revision.specification.project
    require(user, project, Role.EDITOR if limit_nusd is None else Role.OWNER)
    campaign = _new(user, revision, options, name, limit_nusd)
    options = replace(options, group=campaign.group)
    expected = _estimate(campaign, subsystems, options, limit_nusd)
    number = _affordable(expected, project)
    with transaction.atomic():
        campaign.save(force_insert=True)
        if limit_nusd is not None:
            limit_group(user, project, campaign.group, limit_nusd)
        versions = list(registry.active_versions(project).values())
        wanted = expected.misfit(0) if number else None
        for share in expected.shares:
            run = new_run(user, campaign, share.subsystem, options)
            route = share.estimate.routes[number]
            write_run(run, share.estimate, route, versions)
            if wanted is not None:
                tell_cheaper(run, wanted.route, route, wanted.account)
            if enqueue:
                wake_in_turn(run)
    return campaign


def estimate_campaign(
    revision: Revision,
    subsystems: Sequence[Subsystem],
    options: RunOptions,
    *,
    limit_nusd: int | None = None,
    document: Document | None = None,
) -> CampaignEstimate:
    """What `start_campaign` with these options would look at. Starts nothing and writes nothing;
    the caller has checked who may see it. Raises InvalidInput, and Conflict if a method is missing.
    """
    campaign = _new(None, revision, options, "", limit_nusd)
    options = replace(options, group=campaign.group)
    return _estimate(campaign, subsystems, options, limit_nusd, document)


def why_campaign_too_expensive(misfit: Misfit) -> str:
    """What it needs, what the account has left, and what a person can do about it."""
    return why_too_expensive(misfit.route, misfit.account, _what(misfit))


def cancel_campaign(user: User | None, campaign: Campaign) -> list[Run]:
    """Cancel all that is queued or running. Editors and above; raises Conflict if nothing is. They
    can be resumed."""
    require(user, campaign.project, Role.EDITOR)
    cancelled = []
    # The last first, so that the end of the reader wakes nobody who is cancelled next.
    for run in campaign.runs.filter(status__in=WORKING).order_by("-id"):
        with suppress(Conflict):  # it has just ended by itself
            cancelled.append(cancel_run(user, run))
    if not cancelled:
        raise Conflict("No run of the campaign is queued or running; there is nothing to stop.")
    return cancelled


def resume_campaign(user: User | None, campaign: Campaign, *, enqueue: bool = True) -> list[Run]:
    """Queue again all runs that failed, were cancelled, ran out of budget or lost their worker.
    Editors and above; raises Conflict if there are none. What waits for a review still does, and
    what a reviewer rejected stays so."""
    require(user, campaign.project, Role.EDITOR)
    resumed = []
    for run in resumable(campaign):
        with suppress(Conflict):  # somebody was first
            resumed.append(resume_run(user, run, enqueue=enqueue))
    if not resumed:
        raise Conflict("No run of the campaign has stopped in a way that it could be resumed from.")
    return resumed


def resumable(campaign: Campaign) -> list[Run]:
    """The runs that `resume_campaign` would queue again."""
    rows = campaign.runs.exclude(reviews__decision=Decision.REJECTED)
    stopped = rows.filter(status__in=STOPPED) | rows.filter(lost_worker())
    return list(stopped.select_related("project").order_by("id"))


def _new(
    user: User | None, revision: Revision, options: RunOptions, name: str, limit_nusd: int | None
) -> Campaign:
    """A campaign, not saved yet. Raises InvalidInput for what cannot be."""
    name = one_line(name)
    if len(name) > NAME_LIMIT:
        raise InvalidInput(
            f"A campaign's name has up to {NAME_LIMIT} characters; this one has {len(name)}.",
            field="name",
        )
    if limit_nusd is not None and not 0 <= limit_nusd <= MOST_NUSD:
        raise InvalidInput(
            f"A limit is {format_usd(0)} to {format_usd(MOST_NUSD)}; leave it empty for no limit "
            "of its own.",
            field="limit",
        )
    if limit_nusd is not None and options.group:
        raise InvalidInput(
            f"The budget of group {options.group} is shared with other runs. Set its limit under "
            "Budgets, or leave the group out to give this campaign a budget of its own.",
            field="limit",
        )
    options.check()
    project = revision.specification.project
    new = Campaign(project=project, revision=revision, name=name, started_by=user)
    new.created_at = timezone.now()
    new.group = options.group or new.own_group
    return new


def _estimate(
    campaign: Campaign,
    subsystems: Sequence[Subsystem],
    options: RunOptions,
    limit_nusd: int | None,
    document: Document | None = None,
) -> CampaignEstimate:
    project, revision = campaign.project, campaign.revision
    chosen = _checked(subsystems, project)
    pinned = routes_of(project, options)
    iterations = options.max_iterations
    most = project.max_iterations if iterations is None else iterations
    own = campaign.group == campaign.own_group
    return together(
        (
            subsystem,
            _renamed(
                estimate(
                    revision,
                    subsystem,
                    pinned,
                    most,
                    project,
                    group=campaign.group,
                    document=document,
                ),
                own,
                limit_nusd,
            ),
        )
        for subsystem in chosen
    )


def _checked(subsystems: Sequence[Subsystem], project: Project) -> list[Subsystem]:
    """Each once, in the order of their codes. Raises InvalidInput."""
    if not subsystems:
        raise InvalidInput("Choose at least one subsystem.", field="subsystems")
    for subsystem in subsystems:
        if subsystem.project_id != project.pk:
            raise InvalidInput(
                f"{subsystem.code} belongs to another project than the specification.",
                field="subsystems",
            )
    return sorted({row.code: row for row in subsystems}.values(), key=lambda row: row.code)


def _renamed(expected: Estimate, own: bool, limit_nusd: int | None) -> Estimate:
    """With the account of the campaign's own group called so, and at its own limit."""
    if not own:
        return expected
    accounts = _accounts(expected.accounts, limit_nusd)
    routes = tuple(replace(route, accounts=accounts) for route in expected.routes)
    return replace(expected, accounts=accounts, routes=routes)


def _accounts(accounts: tuple[Account, ...], limit_nusd: int | None) -> tuple[Account, ...]:
    group = next((one for one in accounts if one.scope == Scope.GROUP), None)
    most = group.max_nusd if group and limit_nusd is None else limit_nusd
    others = [one for one in accounts if one.scope != Scope.GROUP]
    of_runs = [one for one in others if one.scope == Scope.RUN]
    wider = [one for one in others if one.scope != Scope.RUN]
    return (*of_runs, Account(Scope.GROUP, OWN_GROUP, most, most), *wider)


def _affordable(expected: CampaignEstimate, project: Project) -> int:
    """The number of the route to start on: the first, or a cheaper one if the project allows it."""
    misfit = expected.misfit(0)
    if misfit is None:
        return 0
    cheaper = expected.first_that_fits if project.cheaper_route else None
    if cheaper is None:
        raise TooExpensive(misfit.route, misfit.account, _what(misfit))
    return cheaper


def _what(misfit: Misfit) -> str:
    return f"The run for {misfit.subsystem}" if misfit.subsystem else "The campaign"
