"""The estimate on the start page: what the run that the form describes would cost."""

from dataclasses import dataclass

from observability.models import ModelProfile, Route
from observability.shown import costs_are_shown
from reqplatform.errors import ActionError
from reqplatform.teams.models import Project, User
from runs.actions.start import estimate_run, why_too_expensive
from runs.estimating import Estimate, RouteEstimate
from runs.forms import RunForm


@dataclass(frozen=True, slots=True)
class Panel:
    """`estimate` is None where there is nothing to estimate; `problem` says why, if anybody can
    mend it. `refusal` says why the run would not be started, `cheaper` on what it would be instead.
    """

    estimate: Estimate | None = None
    problem: str = ""
    refusal: str = ""
    cheaper: RouteEstimate | None = None


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


def _beginning(form: RunForm) -> dict[str, object]:
    """What a form says that nobody has changed yet: a browser shows a list's first choice."""
    values = {name: form[name].value() for name in form.fields}
    for name in ("revision", "subsystem"):
        if not values[name]:
            values[name] = form.fields[name].queryset.values_list("pk", flat=True).first()  # type: ignore[attr-defined]
    return values
