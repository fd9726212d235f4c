"""What each node of a run took: time, calls, tokens, money."""

from dataclasses import dataclass

from observability.models import NodeCost
from reqplatform.teams.models import User
from runs.models import Run


@dataclass(frozen=True, slots=True)
class Share:
    """One node in one iteration; `share` is its part of the run's measured time, 0 to 1."""

    cost: NodeCost
    share: float

    @property
    def tokens(self) -> int:
        return int(self.cost.input_tokens + self.cost.output_tokens)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Slowest first. The extraction that a revision paid for stands apart from the sums."""

    nodes: list[Share]
    extraction: NodeCost | None
    duration_ms: int
    calls: int
    tokens: int
    cost_nusd: int
    sources: list[str]


def breakdown_of(user: User, run: Run) -> Breakdown:
    costs = list(NodeCost.objects.for_user(user).filter(run=run).order_by("-duration_ms"))
    extraction = None
    if run.extraction_id is not None:
        rows = NodeCost.objects.for_user(user).filter(extraction=run.extraction_id, run=None)
        extraction = rows.first()
    total = sum(cost.duration_ms for cost in costs)
    shares = [Share(cost, cost.duration_ms / total if total else 0.0) for cost in costs]
    return Breakdown(
        nodes=shares,
        extraction=extraction,
        duration_ms=total,
        calls=sum(cost.calls for cost in costs),
        tokens=sum(share.tokens for share in shares),
        cost_nusd=sum(cost.cost_nusd for cost in costs),
        sources=sorted({source for cost in costs for source in cost.sources}),
    )
