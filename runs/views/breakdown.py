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
from runs.models import Run, RunStatus
from runs.views.stops import Stop


@dataclass(frozen=True, slots=True)
class Share:
    """One node in one iteration; `share` is its part of the run's measured time, 0 to 1."""

    node: NodeTaken
    share: float


@dataclass(frozen=True, slots=True)
class Account:
    """A budget's account that the run is charged to. `blocks`: it is what stops the run."""

    standing: Standing
    blocks: bool = False

    @property
    def mark(self) -> Mark:
        return Mark.STOPPED if self.blocks else self.standing.mark


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Slowest first. The extraction that a revision paid for stands apart from the sums.

    `energy` says in words what the run's energy is like.
    """

    nodes: list[Share]
    extraction: NodeTaken | None
    duration_ms: int
    total: Taken
    models: list[str]
    mode: Mode
    accounts: list[Account]
    energy: str

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


def breakdown_of(run: Run, stop: Stop | None) -> Breakdown:
    """Of a run that its reader may see, as the caller has made sure. `stop`: what stopped it."""
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
        accounts=accounts_of(run, stop),
        energy=comparison(low, high) if low is not None and high is not None else "",
    )


def accounts_of(run: Run, stop: Stop | None) -> list[Account]:
    """The accounts that the run was or will be charged to, as far as they say anything.

    Its own and its group's; and those of a day, a month and the project where they are limited: of
    the calls that it made if it is over, of today if it may go on, and the one that stopped it.
    """
    if run.status == RunStatus.COMPLETED:
        standings = windows.charged_for(run.pk)
    else:
        standings = windows.current(run.project, Payer(run.project_id, run.pk, run.group))
    found = [
        Account(standing, _blocks(standing, stop))
        for standing in standings
        if standing.is_limited or standing.scope in {Scope.RUN, Scope.GROUP}
    ]
    if stop and stop.account.window_id not in {one.standing.window_id for one in found}:
        found.append(Account(stop.account, _blocks(stop.account, stop)))
    return found


def _blocks(standing: Standing, stop: Stop | None) -> bool:
    return bool(stop and not stop.has_room and standing.window_id == stop.account.window_id)
