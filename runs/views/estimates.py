"""The estimate on the start page: what the run that the form describes would cost."""

from dataclasses import dataclass

from observability.models import ModelProfile, Route
from observability.shown import costs_are_shown
from reqplatform.errors import ActionError
from reqplatform.teams.models import Project, User
from runs.actions.campaigns import estimate_campaign, why_campaign_too_expensive
from runs.actions.start import estimate_run, why_too_expensive
from runs.estimating import Account, Estimate, Misfit, RouteEstimate, Share
from runs.forms import CampaignForm, RunForm


@dataclass(frozen=True, slots=True)
class Panel:
    """`estimate` is None where there is nothing to estimate; `problem` says why, if anybody can
    mend it. `refusal` says why the run would not be started, `cheaper` on what it would be instead.
    """

    estimate: Estimate | None = None
    problem: str = ""
    refusal: str = ""
    cheaper: RouteEstimate | None = None

    @property
    def account(self) -> Account | None:
        """What is too tight, if anything is."""
        return self.estimate.first.too_tight if self.estimate else None


@dataclass(frozen=True, slots=True)
class CampaignPanel(Panel):
    """`estimate` is the sum of the `shares`."""

    shares: tuple[Share, ...] = ()
    misfit: Misfit | None = None

    @property
    def account(self) -> Account | None:
        return self.misfit.account if self.misfit else None


def models_off(user: User, project: Project) -> list[ModelProfile]:
    """The models that the project's routes name and that are switched off, with why."""
    rows = Route.objects.for_user(user).filter(project=project, profile__enabled=False)
    return list(
        {route.profile_id: route.profile for route in rows.select_related("profile")}.values()
    )


def panel_of(form: RunForm, project: Project, user: User) -> Panel | None:
    """The panel for what a form says, sent or not; None where costs are hidden."""
    if not costs_are_shown():
        return None
    told = form.is_bound and bool(form.non_field_errors())  # the page says already why not
    sent = form.data if form.is_bound else _beginning(form)
    form = RunForm(sent, project=project, user=user)
    if not form.is_valid():
        return Panel()
    chosen = form.cleaned_data
    try:
        expected = estimate_run(chosen["revision"], chosen["subsystem"], form.options())
    except ActionError as problem:
        return Panel(problem=problem.message)
    account = expected.first.too_tight
    if account is None:
        return Panel(expected)
    cheaper = expected.first_that_fits if project.cheaper_route else None
    refusal = "" if cheaper or told else why_too_expensive(expected.first, account)
    return Panel(expected, refusal=refusal, cheaper=cheaper)


def campaign_panel_of(form: CampaignForm, project: Project, user: User) -> CampaignPanel | None:
    """The same for a campaign."""
    if not costs_are_shown():
        return None
    told = form.is_bound and bool(form.non_field_errors())
    sent = form.data if form.is_bound else _beginning(form)
    form = CampaignForm(sent, project=project, user=user)
    if not form.is_valid():
        return CampaignPanel()
    chosen = form.cleaned_data
    try:
        expected = estimate_campaign(
            chosen["revision"],
            list(chosen["subsystems"]),
            form.options(),
            limit_nusd=form.limit_nusd,
        )
    except ActionError as problem:
        return CampaignPanel(problem=problem.message)
    misfit = expected.misfit(0)
    if misfit is None:
        return CampaignPanel(expected.total, shares=expected.shares)
    number = expected.first_that_fits if project.cheaper_route else None
    cheaper = None if number is None else expected.total.routes[number]
    refusal = "" if cheaper or told else why_campaign_too_expensive(misfit)
    return CampaignPanel(expected.total, "", refusal, cheaper, expected.shares, misfit)


def _beginning(form: RunForm) -> dict[str, object]:
    """What a form says that nobody has changed yet: a browser shows a list's first choice."""
    values = {name: form[name].value() for name in form.fields}
    for name in ("revision", "subsystem"):
        if name in values and not values[name]:
            values[name] = form.fields[name].queryset.values_list("pk", flat=True).first()  # type: ignore[attr-defined]
    return values
