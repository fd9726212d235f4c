"""The estimate of a run: per route, per node, and how it fits the budgets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from observability.llm.routes import EMBEDDED, Step
from observability.models import Node, Scope
from runs.estimating.accounts import OWN, Account, tightest
from runs.estimating.experience import NONE, Experience

Routes = Mapping[str, list[Step]]

_COUNTED = "It is counted from the text before any model is asked."
_UNTIL_READ = "Once the revision has been read, its requirements are counted instead of guessed."
_UNTIL_LEARNT = (
    "Once a run with the model has ended, the project's estimates learn from what it cost."
)
_METERED = "What a run really takes is metered by the provider and stands on the run's page."


def models_of(routes: Routes) -> list[str]:
    """The models of pinned routes, provider/model: those that any agent asks first come first."""
    places = [
        (place, str(step["model"]))
        for node, steps in routes.items()
        if node != Node.DOCUMENT  # it asks nobody
        for place, step in enumerate(steps)
    ]
    return list(dict.fromkeys(model for _, model in sorted(places, key=lambda each: each[0])))


@dataclass(frozen=True, slots=True)
class NodeEstimate:
    """All iterations of a node; requests, tokens and cost are expectations.

    `model` is asked first. `hold_nusd` is what a budget must have left for one request.
    `experience` is in the expected cost, not in the tokens. `paid`: the revision has its extraction
    already.
    """

    node: Node
    model: str
    requests: float
    input_tokens: int
    output_tokens: int
    expected_nusd: int
    worst_nusd: int
    hold_nusd: int
    experience: Experience = NONE
    paid: bool = False


@dataclass(frozen=True, slots=True)
class RouteEstimate:
    """A run on one route; `routes` is what a run that takes it pins. No nodes: it costs nothing.

    `missing_keys`: environment variables of the models asked first that hold no key in this
    process. Without them it cannot be executed here.
    """

    routes: Routes
    nodes: tuple[NodeEstimate, ...]
    accounts: tuple[Account, ...]
    missing_keys: tuple[str, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """The models that are asked first, in the order of the nodes: "openai/gpt-5-mini"."""
        asking = [steps for node, steps in self.routes.items() if node != Node.DOCUMENT]
        return tuple(dict.fromkeys(str(steps[0]["model"]) for steps in asking))

    @property
    def label(self) -> str:
        return ", ".join(EMBEDDED.name if name == EMBEDDED.key else name for name in self.models)

    @property
    def expected_nusd(self) -> int:
        return sum(node.expected_nusd for node in self.nodes)

    @property
    def experience(self) -> Experience:
        """With the model that most runs of the project have asked."""
        return max((node.experience for node in self.nodes), key=lambda one: one.runs, default=NONE)

    @property
    def formula_nusd(self) -> int:
        """The worst case by its formula, whatever the run's budget."""
        return sum(node.worst_nusd for node in self.nodes)

    @property
    def worst_nusd(self) -> int:
        """The worst case: no run spends more than the tightest of its budgets has left.

        Where the run is not even expected to fit that, it is the formula's: a worst case below the
        expected one would say nothing.
        """
        limit = self.limited_by
        return self.formula_nusd if limit is None else limit.left_nusd or 0

    @property
    def limited_by(self) -> Account | None:
        """The budget whose rest is the worst case, because it ends the run before the formula's."""
        limit = tightest(self.accounts)
        if limit is None or not self.expected_nusd <= (limit.left_nusd or 0) < self.formula_nusd:
            return None
        return limit

    @property
    def is_limited(self) -> bool:
        """Whether the worst case is what a budget has left."""
        return self.limited_by is not None

    @property
    def limit_in_words(self) -> str:
        """What stands beside the worst case: "its budget", "all that Day 2026-11-26 has left"; ""
        if no budget limits the run."""
        limit = self.limited_by
        if limit is None:
            return ""
        if limit.scope == Scope.RUN:
            return "its budget" if limit.label == OWN else limit.label
        return f"all that {limit.label} has left"

    @property
    def worst_explained(self) -> str:
        """What the worst case supposes, in a sentence."""
        limit = self.limited_by
        name = "the run's own budget" if limit and limit.label == OWN else ""
        name = name or (limit.label if limit else "")
        return (
            "At worst: every iteration is made and every answer is as long as allowed and repaired "
            f"once{f'; {name} stops it before that' if name else ''}."
        )

    @property
    def hold_nusd(self) -> int:
        """What the dearest single request is held at."""
        return max((node.hold_nusd for node in self.nodes), default=0)

    @property
    def needed_nusd(self) -> int:
        """What every budget must have left, or the run would stop before it is done."""
        return max(self.expected_nusd, self.hold_nusd)

    @property
    def too_tight(self) -> Account | None:
        """The tightest of the budgets that it does not fit; None if it fits them all."""
        return tightest(tuple(one for one in self.accounts if not one.has(self.needed_nusd)))

    @property
    def fits(self) -> bool:
        """Whether it could be executed here and now: every budget has enough left for it, and no
        key is missing."""
        return self.too_tight is None and not self.missing_keys


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run is expected to cost, at the prices that its routes were pinned with.

    `routes`: what is to be started, then what is left of it from the second model on, and so forth.
    `iterations` is an expectation. `sources_known`: the source requirements were counted by an
    extraction; else `sources` is a guess.
    """

    routes: tuple[RouteEstimate, ...]
    accounts: tuple[Account, ...]
    iterations: float
    max_iterations: int
    sources: int
    sources_known: bool
    at: datetime

    @property
    def first(self) -> RouteEstimate:
        return self.routes[0]

    @property
    def costs_nothing(self) -> bool:
        """Whether no model of what is to be started has a price."""
        return not self.first.nodes

    @property
    def tightest(self) -> Account | None:
        return tightest(self.accounts)

    @property
    def note(self) -> str:
        """How the figures were got, and what would make them better."""
        read = "" if self.sources_known else f" {_UNTIL_READ}"
        learnt = "" if self.first.experience.runs else f" {_UNTIL_LEARNT}"
        return f"{_COUNTED}{read}{learnt} {_METERED}"

    @property
    def first_that_fits(self) -> RouteEstimate | None:
        """The first that every budget has enough left for, whose keys are here if possible: a
        worker may have others."""
        affordable = [route for route in self.routes if route.too_tight is None]
        ready = (route for route in affordable if route.fits)
        return next(ready, affordable[0] if affordable else None)

    def as_json(self, route: RouteEstimate) -> dict[str, Any]:
        """What a run that takes the route keeps of it."""
        return {
            "expected_nusd": route.expected_nusd,
            "worst_nusd": route.worst_nusd,
            "is_limited": route.is_limited,
            "limit": route.limit_in_words,
            "models": list(route.models),
            "nodes": [_node(node) for node in route.nodes],
            "iterations": round(self.iterations, 2),
            "max_iterations": self.max_iterations,
            "sources": self.sources,
            "sources_known": self.sources_known,
            "at": self.at.isoformat(),
        }


def _node(node: NodeEstimate) -> dict[str, Any]:
    return {
        "node": node.node.value,
        "model": node.model,
        "requests": round(node.requests, 2),
        "input_tokens": node.input_tokens,
        "output_tokens": node.output_tokens,
        "expected_nusd": node.expected_nusd,
        "worst_nusd": node.worst_nusd,
        "factor": round(node.experience.factor, 4),
        "paid": node.paid,
    }
