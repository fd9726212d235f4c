"""What a run took, node by node: time, calls, tokens, money, energy; and the accounts it used."""

from dataclasses import dataclass

from observability.budgets import Payer
from observability.energy import comparison
from observability.langsmith import Mode
from observability.models import Scope
from observability.reports import windows
from observability.reports.costs import NodeTaken, Taken, costs_of
from observability.reports.windows import Mark, Standing
from observability.shown import tracing_of
from reqplatform.teams.models import Role, User
from reqplatform.teams.permissions import has_role
from runs.models import EventKind, Run, RunStatus


@dataclass(frozen=True, slots=True)
class Share:
    """One node in one iteration; `share` is its part of the run's measured time, 0 to 1."""

    node: NodeTaken
    share: float


@dataclass(frozen=True, slots=True)
class Account:
    """A budget's account that the run is charged to. `blocks`: it is what stopped the run."""

    standing: Standing
    blocks: bool

    @property
    def mark(self) -> Mark:
        return Mark.STOPPED if self.blocks else self.standing.mark


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Slowest first. The extraction that a revision paid for stands apart from the sums.

    `energy` says in words what the run's energy is like; `may_raise`, whether the reader can raise
    a limit in the admin.
    """

    nodes: list[Share]
    extraction: NodeTaken | None
    duration_ms: int
    total: Taken
    models: list[str]
    mode: Mode
    accounts: list[Account]
    energy: str
    may_raise: bool

    @property
    def estimated(self) -> bool:
        return self.total.is_estimated or self._shared.is_estimated

    @property
    def bound(self) -> bool:
        return self.total.is_bound or self._shared.is_bound

    @property
    def _shared(self) -> Taken:
        return self.extraction.taken if self.extraction else Taken()

    @property
    def traced(self) -> bool:
        return bool(self.total.traced_calls)


def breakdown_of(user: User, run: Run) -> Breakdown:
    """Of a run that the user may see, as the caller has made sure."""
    costs = costs_of(run.pk, run.extraction_id)
    total = costs.total
    lasted = sum(row.duration_ms or 0 for row in costs.nodes)
    by_time = sorted(costs.nodes, key=lambda row: -(row.duration_ms or 0))
    asked = set(total.models) | set(costs.extraction.taken.models if costs.extraction else ())
    low, high = total.energy_low_wh, total.energy_high_wh
    return Breakdown(
        nodes=[Share(row, (row.duration_ms or 0) / lasted if lasted else 0.0) for row in by_time],
        extraction=costs.extraction,
        duration_ms=lasted,
        total=total,
        models=sorted(asked),
        mode=tracing_of(total),
        accounts=accounts_of(run),
        energy=comparison(low, high) if low is not None and high is not None else "",
        may_raise=user.is_staff and has_role(user, run.project, Role.OWNER),
    )


def accounts_of(run: Run) -> list[Account]:
    """The accounts that the run was or will be charged to, as far as they say anything.

    A run that is over has its own and its group's; one that may go on has those of today, this
    month and the project as well, where they are limited.
    """
    payer = Payer(run.project_id, run.pk, run.group)
    over = run.status == RunStatus.COMPLETED
    refused_by = _refused_by(run)
    found = []
    for standing in windows.current(run.project, payer):
        own = standing.scope in {Scope.RUN, Scope.GROUP}
        blocks = standing.window_id is not None and standing.window_id == refused_by
        if blocks or own or (not over and standing.is_limited):
            found.append(Account(standing, blocks))
    return found


def _refused_by(run: Run) -> int | None:
    """The id of the window that has stopped the run, if one has and it has not gone on since."""
    if run.status != RunStatus.OUT_OF_BUDGET:
        return None
    last = run.events.filter(kind=EventKind.STATUS).order_by("-seq").first()
    window: int | None = last.figures.get("window") if last else None
    return window
