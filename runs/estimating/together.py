"""What a campaign will cost: the sum of its runs, with the extraction counted once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from observability.models import Node, Scope
from runs.estimating.accounts import Account
from runs.estimating.result import Estimate, NodeEstimate, RouteEstimate
from runs.models import Subsystem


@dataclass(frozen=True, slots=True)
class Share:
    """What one run of the campaign is expected to cost; only the first one's has an extraction."""

    subsystem: Subsystem
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Misfit:
    """What does not fit, and which account: the whole campaign, or the run for a subsystem."""

    route: RouteEstimate
    account: Account
    subsystem: Subsystem | None = None


@dataclass(frozen=True, slots=True)
class CampaignEstimate:
    """`total` has the same routes as each of the shares, in the same order."""

    total: Estimate
    shares: tuple[Share, ...]

    def misfit(self, number: int) -> Misfit | None:
        """What speaks against starting on the route of this number; None if all fits."""
        for share in self.shares:
            route = share.estimate.routes[number]
            for account in route.accounts:
                if account.scope == Scope.RUN and not account.has(route.needed_nusd):
                    return Misfit(route, account, share.subsystem)
        whole = self.total.routes[number]
        account_of_all = whole.too_tight
        return Misfit(whole, account_of_all) if account_of_all else None

    @property
    def first_that_fits(self) -> int | None:
        """The number of the first route on which everything fits."""
        numbers = range(len(self.total.routes))
        return next((number for number in numbers if self.misfit(number) is None), None)


def together(estimates: Iterable[tuple[Subsystem, Estimate]]) -> CampaignEstimate:
    """The estimate of the runs for these subsystems, all pinned alike; at least one."""
    shares = tuple(
        Share(subsystem, estimate if not place else _without_reading(estimate))
        for place, (subsystem, estimate) in enumerate(estimates)
    )
    first = shares[0].estimate
    routes = tuple(
        _sum([share.estimate.routes[number] for share in shares])
        for number in range(len(first.routes))
    )
    return CampaignEstimate(replace(first, routes=routes, accounts=routes[0].accounts), shares)


def _without_reading(estimate: Estimate) -> Estimate:
    return replace(estimate, routes=tuple(map(_route_without_reading, estimate.routes)))


def _route_without_reading(route: RouteEstimate) -> RouteEstimate:
    free = {
        "requests": 0.0, "input_tokens": 0, "output_tokens": 0, "expected_nusd": 0,
        "worst_nusd": 0, "hold_nusd": 0, "paid": True,
    }  # fmt: skip
    nodes = (
        replace(node, **free) if node.node == Node.EXTRACT else node  # type: ignore[arg-type]
        for node in route.nodes
    )
    return replace(route, nodes=tuple(nodes))


def _sum(routes: Sequence[RouteEstimate]) -> RouteEstimate:
    nodes = tuple(map(_sum_node, zip(*(route.nodes for route in routes), strict=True)))
    reading = sum(node.worst_nusd for node in nodes if node.node == Node.EXTRACT)
    accounts = (_of_all(account, len(routes), reading) for account in routes[0].accounts)
    return replace(routes[0], nodes=nodes, accounts=tuple(accounts))


def _sum_node(nodes: Sequence[NodeEstimate]) -> NodeEstimate:
    return replace(
        nodes[0],
        requests=sum(node.requests for node in nodes),
        input_tokens=sum(node.input_tokens for node in nodes),
        output_tokens=sum(node.output_tokens for node in nodes),
        expected_nusd=sum(node.expected_nusd for node in nodes),
        worst_nusd=sum(node.worst_nusd for node in nodes),
        hold_nusd=max(node.hold_nusd for node in nodes),
    )


def _of_all(account: Account, runs: int, reading_nusd: int) -> Account:
    """A shared account as it is; in place of a run's own, all that the runs may spend together.

    Reading is charged to no run's own account.
    """
    if account.scope != Scope.RUN or account.max_nusd is None:
        return account
    most = account.max_nusd * runs + reading_nusd
    return Account(Scope.RUN, "each run's own budget", most, most)
