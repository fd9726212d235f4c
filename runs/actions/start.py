"""Starting a run: check, pin all it depends on, write it as QUEUED, and wake a worker."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from django.db import transaction

from observability.langsmith import HEURISTIC
from observability.llm import routes
from observability.llm.errors import NoPrice
from observability.models import ModelProfile, Scope
from observability.money import format_left, format_usd
from reqplatform.errors import Conflict, InvalidInput
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.permissions import require
from runs.actions.dismissals import dismissals_to_pin
from runs.documents.document import Document
from runs.estimating import Account, Estimate, RouteEstimate, estimate
from runs.estimating.accounts import OWN_GROUP
from runs.estimating.result import Routes
from runs.graph import GRAPH_VERSION
from runs.models import Campaign, EventKind, PinnedSkill, Revision, Run, RunStatus, Subsystem
from runs.quality.finding import Dimension
from runs.quality.formula import DOMAIN_WEIGHT
from runs.records import append_event
from runs.waking import wake_worker
from skills import registry
from skills.models import DomainVersion, SkillVersion

T = TypeVar("T")

DOMAIN = Dimension.DOMAIN.value
GROUP_LIMIT = 64
_GROUP = re.compile(r"[^\W_](?:[\w .:/-]*\w)?")


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a person may choose for a run; None takes the project's default.

    `model` is asked first by every node, whatever the project's routes. Runs with the same `group`
    share a budget.
    """

    quality_threshold: Decimal | None = None
    max_iterations: int | None = None
    review_strategy: bool = False
    unattended: bool = False
    model: ModelProfile | None = None
    group: str = ""

    def check(self) -> None:
        """Raise InvalidInput for a value out of range."""
        threshold, iterations = self.quality_threshold, self.max_iterations
        if threshold is not None and not (threshold.is_finite() and 0 <= threshold <= 1):
            raise InvalidInput(
                f"The quality threshold must be between 0 and 1, such as 0.80; it is {threshold}.",
                field="quality_threshold",
            )
        if iterations is not None and not 1 <= iterations <= 10:
            raise InvalidInput(
                f"The number of iterations must be from 1 to 10; it is {iterations}.",
                field="max_iterations",
            )
        if self.group and not (len(self.group) <= GROUP_LIMIT and _GROUP.fullmatch(self.group)):
            raise InvalidInput(
                f"A group's name has up to {GROUP_LIMIT} letters, digits, spaces and . : / _ -, "
                "and begins and ends with a letter or digit.",
                field="group",
            )
        if self.model is not None and not self.model.enabled:
            raise InvalidInput(
                f"{self.model} is switched off. {self.model.disabled_reason} Choose another model, "
                "or have it enabled under Model profiles in the admin.",
                field="model",
            )


class TooExpensive(Conflict):
    """The run would not fit a budget; nothing was asked and nothing was paid."""

    code = "too_expensive"

    def __init__(self, route: RouteEstimate, account: Account, what: str = "The run") -> None:
        super().__init__(f"{why_too_expensive(route, account, what)} Nothing was started.")


def why_too_expensive(route: RouteEstimate, account: Account, what: str = "The run") -> str:
    """What the run needs, what the account has left, and what a person can do about it."""
    left, most = account.left_nusd or 0, account.max_nusd or 0
    if route.expected_nusd > left:
        needs = f"is expected to cost {format_usd(route.expected_nusd)}, {HEURISTIC},"
        advice = "choose a cheaper model, or allow fewer iterations"
    else:
        needs = f"must have up to {format_usd(route.hold_nusd)} for a single call"
        advice = "choose a cheaper model, or lower its output cap under Model profiles"
    if not left:
        return (
            f"{what} {needs} with {route.label}, but {in_words(account)} has nothing left of "
            f"{format_usd(most)}. Raise the limit under Budgets, or choose a model that costs "
            "nothing."
        )
    return (
        f"{what} {needs} with {route.label}, but {in_words(account)} has {format_left(left)} "
        f"left of {format_usd(most)}. Raise the limit under Budgets, {advice}."
    )


def in_words(account: Account) -> str:
    own = account.scope == Scope.RUN or account.label == OWN_GROUP
    return "its own budget" if own else account.label


def start_run(
    user: User | None,
    revision: Revision,
    subsystem: Subsystem,
    options: RunOptions,
    *,
    enqueue: bool = True,
) -> Run:
    """A QUEUED run with everything it depends on pinned. Editors and above.

    With `enqueue` a worker is woken when the transaction commits; without, the caller executes the
    run itself. A run whose expected cost does not fit its budgets is refused, or takes the first of
    its project's cheaper routes that does, if the project says so; the run's events tell. Raises
    InvalidInput, NotAllowed, NotFound or Conflict (TooExpensive), and then leaves nothing.
    """
    project: Project = subsystem.project
    require(user, project, Role.EDITOR)
    expected = estimate_run(revision, subsystem, options)
    route = _affordable(expected, project)
    with transaction.atomic():
        run = _pinned(project, options)
        run.revision, run.subsystem, run.started_by = revision, subsystem, user
        write_run(run, expected, route, registry.active_versions(project).values())
        account = expected.first.too_tight
        if route is not expected.first and account is not None:
            tell_cheaper(run, expected.first, route, account)
        if enqueue:
            wake_worker(run)
    return run


def new_run(
    user: User | None,
    campaign: Campaign,
    subsystem: Subsystem,
    options: RunOptions,
) -> Run:
    """A run of a campaign, not saved yet; its settings are pinned as those of any other run."""
    run = _pinned(campaign.project, options)
    run.revision, run.subsystem, run.started_by = campaign.revision, subsystem, user
    run.campaign = campaign
    return run


def write_run(
    run: Run, expected: Estimate, route: RouteEstimate, versions: Iterable[SkillVersion]
) -> None:
    """Save a new run that takes this route of its estimate, with its skills and its first event."""
    run.routes, run.estimate = dict(route.routes), expected.as_json(route)
    run.save(force_insert=True)
    for version in versions:
        PinnedSkill.objects.create(run=run, skill_version=version)
    append_event(run.pk, EventKind.STATUS, "Queued.", figures={"status": RunStatus.QUEUED.value})


def estimate_run(
    revision: Revision,
    subsystem: Subsystem,
    options: RunOptions,
    *,
    document: Document | None = None,
) -> Estimate:
    """What `start_run` with these options would look at: the routes of today and their cost.

    Starts nothing and writes nothing; the caller has checked who may see it. `document` is given
    for a revision that is not stored. Raises InvalidInput, also for a model that nobody knows the
    price of, and Conflict if a method is missing.
    """
    project: Project = subsystem.project
    options.check()
    if revision.specification.project_id != project.pk:
        raise InvalidInput("The specification belongs to another project than the subsystem.")
    return estimate(
        revision,
        subsystem,
        routes_of(project, options),
        _given(options.max_iterations, project.max_iterations),
        project,
        group=options.group,
        document=document,
    )


def routes_of(project: Project, options: RunOptions) -> Routes:
    """The routes of today, at today's prices. Raises InvalidInput for a model without a price."""
    try:
        return routes.pin(project, only=options.model)
    except NoPrice as error:
        raise InvalidInput(str(error), code="no_price", field="model") from error


def _affordable(expected: Estimate, project: Project) -> RouteEstimate:
    """The route to start on: the first, or a cheaper one where the project allows it."""
    account = expected.first.too_tight
    if account is None:
        return expected.first
    cheaper = expected.first_that_fits if project.cheaper_route else None
    if cheaper is None:
        raise TooExpensive(expected.first, account)
    return cheaper


def tell_cheaper(run: Run, wanted: RouteEstimate, taken: RouteEstimate, account: Account) -> None:
    """Say in the run's events that it takes another route than was wanted: `account` has too little
    left for that."""
    append_event(
        run.pk,
        EventKind.WARNING,
        f"Started with {taken.label} (expected {format_usd(taken.expected_nusd)}, {HEURISTIC}) "
        f"instead of {wanted.label}, {_needs(wanted)}: "
        f"{in_words(account)} has {format_left(account.left_nusd or 0)} left of "
        f"{format_usd(account.max_nusd or 0)}.",
        figures={
            "happening": "cheaper_route",
            "models": list(taken.models),
            "instead_of": list(wanted.models),
        },
    )


def _needs(route: RouteEstimate) -> str:
    if route.expected_nusd >= route.hold_nusd:
        return f"which is expected to cost {format_usd(route.expected_nusd)}"
    return f"of which a single call may cost up to {format_usd(route.hold_nusd)}"


def _pinned(project: Project, options: RunOptions) -> Run:
    """A run, not saved yet, with the settings of today: what is edited later does not reach it."""
    threshold = _given(options.quality_threshold, project.quality_threshold)
    domain = registry.domain_in_use(project)
    return Run(
        project=project,
        quality_threshold=_to_three_decimals(threshold),
        max_iterations=_given(options.max_iterations, project.max_iterations),
        dismissals=dismissals_to_pin(project),
        weights=_weights(project, domain),
        domain_version=domain,
        review_strategy=options.review_strategy,
        unattended=options.unattended,
        group=options.group,
        graph_version=GRAPH_VERSION,
    )


def _weights(project: Project, domain: DomainVersion | None) -> dict[str, float]:
    """The project's, and for the domain its own or what a dimension counts by default."""
    weights = {name: weight for name, weight in project.weights.items() if name != DOMAIN}
    if domain is not None:
        weights[DOMAIN] = project.weights.get(DOMAIN, DOMAIN_WEIGHT)
    return weights


def _given(value: T | None, default: T) -> T:
    return default if value is None else value


def _to_three_decimals(threshold: Decimal) -> Decimal:
    return abs(threshold.quantize(Decimal("0.001")))  # -0 is in range, and shows as 0
