"""The agent graph: which node follows which.

extract -> analyze -> [review the strategy] -> decompose -> validate -+-> document -> done
                                                  ^                  |
                                                  +---- revise ------+-> [review the result]
"""

from typing import TYPE_CHECKING, Any

from runs.graph.execution import Execution
from runs.graph.nodes.analyze import Analyze
from runs.graph.nodes.decompose import Decompose
from runs.graph.nodes.document import Document
from runs.graph.nodes.extract import Extract
from runs.graph.nodes.validate import Validate
from runs.graph.state import State, Verdict
from runs.models import Decision, Review, ReviewKind
from runs.models.review import UNDECIDED

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph


class Walk:
    """The graph's nodes, bound to one execution."""

    def __init__(self, execution: Execution) -> None:
        self.execution = execution

    def extract(self, state: State) -> State:
        self.execution.perform(Extract(), 0)
        return {"analysis": 0, "iteration": 0}

    def analyze(self, state: State) -> State:
        figures = self.execution.perform(Analyze(), state["analysis"])
        return {"allocated": figures["allocated"], "decision": ""}

    def review_strategy(self, state: State) -> State:
        return self._wait(ReviewKind.STRATEGY, state["analysis"])

    def analyze_again(self, state: State) -> State:
        return {"analysis": state["analysis"] + 1}

    def next_iteration(self, state: State) -> State:
        return {"iteration": state["iteration"] + 1}

    def decompose(self, state: State) -> State:
        self.execution.perform(Decompose(), state["iteration"])
        return {"decision": ""}

    def validate(self, state: State) -> State:
        figures = self.execution.perform(Validate(), state["iteration"])
        return {"verdict": figures["verdict"]}

    def review_result(self, state: State) -> State:
        return self._wait(ReviewKind.RESULT, state["iteration"])

    def document(self, state: State) -> State:
        self.execution.perform(Document(), state["iteration"])
        return {}

    def _wait(self, kind: ReviewKind, iteration: int) -> State:
        """What was decided, from the record; before that, leave the graph until the run goes on."""
        from langgraph.types import interrupt  # loaded only where a run is executed

        decided = Review.objects.filter(run=self.execution.run_id, kind=kind, iteration=iteration)
        last = decided.exclude(decision__in=UNDECIDED).order_by("-id").first()
        if last is not None:
            return {"decision": last.decision}
        return {"decision": interrupt({"kind": kind.value, "iteration": iteration})}


def after_analyze(wants_review: bool) -> Any:
    def route(state: State) -> str:
        if not state["allocated"]:
            return "document"
        return "review_strategy" if wants_review else "next_iteration"

    return route


def after_strategy_review(state: State) -> str:
    return "analyze_again" if state["decision"] == Decision.CHANGES else "next_iteration"


def after_validate(state: State) -> str:
    return {
        Verdict.PASSED: "document",
        Verdict.ACCEPT: "document",
        Verdict.REVISE: "next_iteration",
        Verdict.REVIEW: "review_result",
    }[Verdict(state["verdict"])]


def after_result_review(state: State) -> str:
    return "next_iteration" if state["decision"] == Decision.CHANGES else "document"


def build(
    execution: Execution, *, wants_review: bool, saver: "BaseCheckpointSaver[int] | None" = None
) -> "CompiledStateGraph[State]":
    """The compiled graph of one execution. Without a saver it can be drawn, not resumed."""
    from langgraph.graph import END, START, StateGraph

    walk = Walk(execution)
    graph = StateGraph(State)
    for node in (
        walk.extract,
        walk.analyze,
        walk.review_strategy,
        walk.analyze_again,
        walk.next_iteration,
        walk.decompose,
        walk.validate,
        walk.review_result,
        walk.document,
    ):
        graph.add_node(node.__name__, node)
    graph.add_edge(START, "extract")
    graph.add_edge("extract", "analyze")
    graph.add_conditional_edges(
        "analyze", after_analyze(wants_review), ["document", "review_strategy", "next_iteration"]
    )
    graph.add_conditional_edges(
        "review_strategy", after_strategy_review, ["analyze_again", "next_iteration"]
    )
    graph.add_edge("analyze_again", "analyze")
    graph.add_edge("next_iteration", "decompose")
    graph.add_edge("decompose", "validate")
    graph.add_conditional_edges(
        "validate", after_validate, ["document", "next_iteration", "review_result"]
    )
    graph.add_conditional_edges(
        "review_result", after_result_review, ["next_iteration", "document"]
    )
    graph.add_edge("document", END)
    return graph.compile(checkpointer=saver)
