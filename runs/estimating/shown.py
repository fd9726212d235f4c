"""An estimate as scripts read it, from the API and from the command line alike."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from observability.langsmith import HEURISTIC
from observability.money import exact_usd
from runs.estimating.accounts import Account
from runs.estimating.result import Estimate, NodeEstimate, RouteEstimate

Dollars = str


class Shown(BaseModel):
    model_config = ConfigDict(frozen=True)


class EstimatedNode(Shown):
    """All iterations of an agent. Expectations; `model` is asked first."""

    node: str
    model: str
    requests: float
    input_tokens: int
    output_tokens: int
    expected: Dollars

    @classmethod
    def of(cls, node: NodeEstimate) -> Self:
        return cls(
            node=node.node.value,
            model=node.model,
            requests=round(node.requests, 2),
            input_tokens=node.input_tokens,
            output_tokens=node.output_tokens,
            expected=exact_usd(node.expected_nusd),
        )


class EstimatedRoute(Shown):
    """A run that asks these models first. Dollars."""

    models: list[str]
    expected: Dollars
    worst: Dollars = Field(description="Never more than the tightest budget has left.")
    fits: bool = Field(
        description="Whether every budget has enough left for it, and no key is missing."
    )
    missing_keys: list[str] = Field(
        description="Environment variables that hold no key in the process that was asked. A "
        "worker's environment may have them."
    )
    nodes: list[EstimatedNode] = Field(description="Empty where no model has a price.")

    @classmethod
    def of(cls, route: RouteEstimate) -> Self:
        return cls(
            models=list(route.models),
            expected=exact_usd(route.expected_nusd),
            worst=exact_usd(route.worst_nusd),
            fits=route.fits,
            missing_keys=list(route.missing_keys),
            nodes=[EstimatedNode.of(node) for node in route.nodes],
        )


class EstimatedBudget(Shown):
    """What is left of a budget that the run's calls would be charged to; null is no limit."""

    scope: str
    label: str
    left: Dollars | None
    max: Dollars | None

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls(
            scope=account.scope.value,
            label=account.label,
            left=None if account.left_nusd is None else exact_usd(account.left_nusd),
            max=None if account.max_nusd is None else exact_usd(account.max_nusd),
        )


class EstimateOut(Shown):
    """What a run would cost. The first route is what would be started; each further one leaves out
    the first model of the one before."""

    source: str = Field(HEURISTIC, description="How sure the figures are.")
    sources: int = Field(description="Source requirements of the revision; 0 if nobody asked.")
    sources_known: bool = Field(description="Counted by an extraction; else guessed.")
    iterations: float = Field(description="An expectation.")
    max_iterations: int
    routes: list[EstimatedRoute]
    budgets: list[EstimatedBudget]

    @classmethod
    def of(cls, estimate: Estimate) -> Self:
        return cls(
            source=HEURISTIC,
            sources=estimate.sources,
            sources_known=estimate.sources_known,
            iterations=round(estimate.iterations, 2),
            max_iterations=estimate.max_iterations,
            routes=[EstimatedRoute.of(route) for route in estimate.routes],
            budgets=[EstimatedBudget.of(account) for account in estimate.accounts],
        )


class ExpectedOut(Shown):
    """What a run was expected to cost when it was started. Dollars."""

    expected: Dollars
    worst: Dollars
    source: str = Field(description="How sure the figures are.")

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Self:
        """From `Run.estimate`."""
        return cls(
            expected=exact_usd(kept["expected_nusd"]),
            worst=exact_usd(kept["worst_nusd"]),
            source=HEURISTIC,
        )
