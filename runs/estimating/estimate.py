"""What a run will cost, before it is started: an expectation and the worst case.

Tokens are counted as `observability.tokens.estimate` counts them, and cost what the pinned prices
say, without a discount for what a provider may find in its cache.

    expected = sum over nodes and iterations of
               requests x price(mean request, mean answer)

with as many iterations as `Basis.iterations` says, times what earlier runs with the model cost more
or less than this (`experience`). It leaves out what is an exception: failures, repairs, fallbacks,
another analysis after a review of the strategy.

    worst = sum over nodes, iterations and models of the route of
            requests x (bound(request, cap) + bound(request + bad answer, cap))

where every iteration that is allowed is made, every source requirement is allocated, every answer
is as long as the model's output cap allows and has to be repaired, and then the next model of the
route is asked as well. `bound` is the upper bound that calls are held at. Whatever happens, no run
spends more than any of its budgets has left: where that is less, it is the worst case.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils import timezone

from observability.llm import routes as pinning
from observability.llm.routes import EMBEDDED, Step
from observability.models import AnswerFormat, ModelProfile, Node
from observability.pricing import Price
from observability.tokens import Usage
from reqplatform.teams.models import Project
from runs.documents.document import Document
from runs.estimating.accounts import Account, accounts_of
from runs.estimating.basis import Basis, basis_of
from runs.estimating.experience import NONE, Experience, experience_of
from runs.estimating.keys import asked_first, missing_keys
from runs.estimating.result import Estimate, NodeEstimate, RouteEstimate, Routes
from runs.estimating.workload import ASKING, LEAST_CHILD, Work
from runs.graph.room import LEAST_CHARACTERS, room_for
from runs.models import Revision, Subsystem

BAD_ANSWER = 20_500  # bytes: what a repair quotes of it, and says of it


def estimate(
    revision: Revision,
    subsystem: Subsystem,
    routes: Routes,
    max_iterations: int,
    project: Project,
    *,
    group: str = "",
    document: Document | None = None,
) -> Estimate:
    """The estimate of a run with these pinned `routes`, and with each of their alternatives.

    `document` is given where the revision is not stored. Raises Conflict if a method is missing.
    Takes less than 0.3 s for 150 pages; writes nothing.
    """
    accounts = accounts_of(project, group)
    offers = alternatives(routes)
    if not any(step.get("price") for offer in offers for step in _steps(offer)):
        free = tuple(RouteEstimate(offer, (), accounts) for offer in offers)
        return Estimate(free, accounts, 0.0, max_iterations, 0, False, timezone.now())
    basis = basis_of(revision, subsystem, project, document)
    models = {step["model"] for offer in offers for step in asked_first(offer)}
    reckoning = Reckoning(basis, max_iterations, experience_of(project, models))
    return Estimate(
        routes=tuple(reckoning.route(offer, accounts) for offer in offers),
        accounts=accounts,
        iterations=basis.iterations(max_iterations),
        max_iterations=max_iterations,
        sources=basis.likely.sources,
        sources_known=basis.sources_known,
        at=timezone.now(),
    )


def alternatives(routes: Routes) -> list[Routes]:
    """The routes as they are, then each node's models from the second on, and so forth.

    A node that has no further model keeps its last.
    """
    longest = max(len(routes[node.value]) for node in ASKING)
    return [
        {node: list(steps[skipped:] or steps[-1:]) for node, steps in routes.items()}
        for skipped in range(longest)
    ]


def _steps(routes: Routes) -> list[Step]:
    return [step for node in ASKING for step in routes[node.value]]


@dataclass(frozen=True, slots=True)
class Priced:
    """A model of a route, with what a request to it costs."""

    price: Price
    cap: int
    schema_is_sent: bool


class Reckoning:
    """Prices the work of a run, for one route after another."""

    def __init__(
        self, basis: Basis, max_iterations: int, experience: Mapping[str, Experience]
    ) -> None:
        self.basis = basis
        self.max_iterations = max_iterations
        self.experience = experience
        self._profiles: dict[int, ModelProfile] = {}

    def route(self, routes: Routes, accounts: tuple[Account, ...]) -> RouteEstimate:
        nodes = self.nodes(routes)
        asked = (self._profiles.get(step.get("profile") or 0) for step in asked_first(routes))
        lacking = missing_keys(profile for profile in asked if profile is not None)
        return RouteEstimate(routes, nodes, accounts, lacking)

    def nodes(self, routes: Routes) -> tuple[NodeEstimate, ...]:
        """None if no model of the route has a price."""
        if not any(step.get("price") for step in _steps(routes)):
            return ()
        self._load(_steps(routes))
        return tuple(self._node(node, routes[node.value]) for node in ASKING)

    def _load(self, steps: Iterable[Step]) -> None:
        wanted = {step["profile"] for step in steps if step.get("profile")} - set(self._profiles)
        if wanted:
            self._profiles |= ModelProfile.objects.in_bulk(wanted)

    def _room(self, steps: list[Step]) -> int:
        """As the nodes reckon it. The embedded analyst is left out: it takes any request."""
        asked = (step.get("profile") or 0 for step in steps if step["model"] != EMBEDDED.key)
        profiles = (self._profiles.get(pk) for pk in asked)
        room = room_for(profile for profile in profiles if profile and profile.enabled)
        return max(LEAST_CHARACTERS, room - self.basis.domain_characters)

    def _priced(self, step: Step) -> Priced | None:
        profile = self._profiles.get(step.get("profile") or 0)
        if not step.get("price") or profile is None:
            return None
        return Priced(
            price=Price.from_json(step["price"]),
            cap=profile.max_output_tokens,
            schema_is_sent=profile.answer_format == AnswerFormat.JSON_SCHEMA,
        )

    def _node(self, node: Node, steps: list[Step]) -> NodeEstimate:
        name = pinning.name_of(steps[0])
        paid = node == Node.EXTRACT and name in self.basis.paid_models
        limit = self._room(steps)
        likely = [] if paid else self._likely(node, limit)
        first = self._priced(steps[0])
        works = [(times, self._sent(node, work, first)) for times, work in likely]
        priced = [one for one in map(self._priced, steps) if one is not None]
        experience = self.experience.get(steps[0]["model"], NONE)
        return NodeEstimate(
            node=node,
            model=steps[0]["model"],
            requests=sum(times * work.requests for times, work in works),
            input_tokens=math.ceil(sum(times * work.input_tokens for times, work in works)),
            output_tokens=math.ceil(sum(times * work.output_tokens for times, work in works)),
            expected_nusd=math.ceil(_expected(works, first) * experience.factor),
            worst_nusd=0 if paid else sum(self._worst(node, limit, one) for one in priced),
            hold_nusd=max((_bound(work, first) for _, work in works), default=0),
            experience=experience,
            paid=paid,
        )

    def _likely(self, node: Node, limit: int) -> list[tuple[float, Work]]:
        """The node's work and how often it is done; its first iteration, then a later one."""
        workload, counts = self.basis.workload, self.basis.likely
        first = (1.0, workload.of(node, limit, counts))
        if node in {Node.EXTRACT, Node.ANALYZE}:
            return [first]
        more = self.basis.iterations(self.max_iterations) - 1
        return [first, (more, workload.of(node, limit, counts, again=True))]

    def _worst(self, node: Node, limit: int, model: Priced) -> int:
        workload, most = self.basis.workload, self.basis.most_sources
        counts = replace(self.basis.likely, sources=most, allocated=most, children=0)
        written = workload.of(Node.DECOMPOSE, limit, counts).requests
        counts = replace(counts, children=math.ceil(written * model.cap / LEAST_CHILD))
        works = [(1, workload.of(node, limit, counts))]
        if node not in {Node.EXTRACT, Node.ANALYZE}:
            works.append((self.max_iterations - 1, workload.of(node, limit, counts, again=True)))
        sent = [(times, self._sent(node, work, model)) for times, work in works]
        return sum(
            times * work.requests * (_bound(work, model) + _bound(work, model, BAD_ANSWER))
            for times, work in sent
        )

    def _sent(self, node: Node, work: Work, model: Priced | None) -> Work:
        """With the answer's schema in every request, where the model's server takes it."""
        if model is None or not model.schema_is_sent:
            return work
        frame = self.basis.workload.frames[node]
        return replace(
            work,
            input_tokens=work.input_tokens + work.requests * frame.schema_tokens,
            input_bytes=work.input_bytes + work.requests * frame.schema_bytes,
        )


def _expected(works: Iterable[tuple[float, Work]], model: Priced | None) -> float:
    total = 0.0
    if model is None:
        return total
    for times, work in works:
        if work.requests:
            answer = min(math.ceil(work.output_tokens / work.requests), model.cap)
            mean = Usage(input_fresh=math.ceil(work.input_tokens / work.requests), output=answer)
            total += times * work.requests * model.price.cost_nusd(mean)
    return total


def _bound(work: Work, model: Priced | None, more: int = 0) -> int:
    """What one request is held at; `more` bytes of input beside what it carries."""
    if model is None or not work.requests:
        return 0
    return model.price.bound_nusd(math.ceil(work.input_bytes / work.requests) + more, model.cap)
