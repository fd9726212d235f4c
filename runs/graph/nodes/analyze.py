"""Analyze: which source requirements belong to the subsystem and why, and the strategy."""

from collections.abc import Iterator
from dataclasses import dataclass

from observability.llm.errors import BadAnswer
from observability.models import Node
from runs.graph.asking import ask_all
from runs.graph.execution import Execution, Summary
from runs.graph.room import room
from runs.graph.shown import subsystem_in
from runs.models import Allocation, Decision, ReviewKind, Run, SourceRequirement, Subsystem
from runs.passages import batches
from runs.requests import (
    NAMING,
    AllocationOut,
    AnalyzeAnswer,
    AnalyzeRequest,
    RequirementType,
    SourceIn,
    Strategy,
)
from skills.models import SkillSlug, SkillVersion

PAGE = 2000  # source requirements in memory at a time


@dataclass(frozen=True, slots=True)
class Analysis:
    allocations: list[AllocationOut]  # `ref` is the source requirement's ordinal
    strategy: Strategy | None  # None: the document has no requirement


class Analyze:
    node = Node.ANALYZE

    def ask(self, execution: Execution, iteration: int) -> Analysis:
        run = execution.run
        context = execution.call_context(run, Node.ANALYZE, iteration, SkillSlug.SYSTEM_ANALYSIS)
        siblings = Subsystem.objects.filter(project=run.project_id).exclude(pk=run.subsystem_id)
        skill = execution.skill(SkillSlug.SYSTEM_ANALYSIS)
        allocations: list[AllocationOut] = []
        strategy: Strategy | None = None
        domain = execution.domain
        limit = room(context.routes, domain)
        parts = batches(_sources(run), lambda item: len(item.statement) + 120, limit)
        requests = (
            AnalyzeRequest(
                subsystem=subsystem_in(run.subsystem, domain),
                siblings=[subsystem_in(sibling, domain) for sibling in siblings],
                requirements=part,
                feedback=_feedback(run),
                domain=domain.shown_with(each.statement for each in part) if domain else None,
            )
            for part in parts
        )
        for asked in ask_all(context, skill, requests, AnalyzeAnswer, _check_complete):
            allocations += asked.answer.allocations
            strategy = strategy or _bound(asked.answer.strategy, skill)
        return Analysis(allocations, strategy)

    def commit(self, execution: Execution, iteration: int, output: Analysis) -> Summary:
        run = execution.run
        sources = dict(
            SourceRequirement.objects.filter(extraction=run.extraction).values_list("ordinal", "pk")
        )
        siblings = set(
            Subsystem.objects.filter(project=run.project_id)
            .exclude(pk=run.subsystem_id)
            .values_list("code", flat=True)
        )
        Allocation.objects.bulk_create(
            [
                Allocation(
                    run=run,
                    source_id=sources[item.ref],
                    allocated=item.allocated,
                    rule=item.rule[:60],
                    rationale=item.rationale,
                    shared_with=sorted(siblings & set(item.shared_with)),
                )
                for item in output.allocations
            ],
            batch_size=500,
            update_conflicts=True,  # a strategy that a review sent back is written again
            unique_fields=["run", "source"],
            update_fields=["allocated", "rule", "rationale", "shared_with"],
        )
        strategy = output.strategy.model_dump(mode="json") if output.strategy else None
        Run.objects.filter(pk=run.pk).update(strategy=strategy)
        allocated = sum(item.allocated for item in output.allocations)
        return Summary(
            f"Allocated {allocated} of {len(output.allocations)} to {run.subsystem.name}",
            {"allocated": allocated, "requirements": len(output.allocations)},
        )


def _sources(run: Run) -> Iterator[SourceIn]:
    """The source requirements in order, read page by page.

    No cursor stays open between pages: on SQLite a connection that reads cannot write once another
    one, such as the heartbeat's, has written.
    """
    rows = SourceRequirement.objects.filter(extraction=run.extraction_id).order_by("ordinal")
    last = 0
    while page := list(rows.filter(ordinal__gt=last)[:PAGE]):
        for source in page:
            yield SourceIn(
                ref=source.ordinal,
                statement=source.statement,
                type=RequirementType(source.type),
                section=source.section,
            )
        last = page[-1].ordinal


def _check_complete(request: AnalyzeRequest, answer: AnalyzeAnswer) -> None:
    """Every requirement of the request must have been decided exactly once."""
    wanted = [item.ref for item in request.requirements]
    given = [item.ref for item in answer.allocations]
    if sorted(wanted) != sorted(given):
        missing = len(set(wanted) - set(given))
        raise BadAnswer(
            f"The analysis decided {len(given)} of {len(wanted)} requirements; {missing} are "
            "missing. Resume the run to ask again, or give the node another route."
        )


def _bound(strategy: Strategy, skill: SkillVersion) -> Strategy:
    """The strategy with what the skill fixes: a model may explain these, not choose them."""
    fixed = {
        name: skill.parameters[name]
        for name in ("max_children_per_parent", "acceptance_criteria_required")
        if name in skill.parameters
    }
    return strategy.model_copy(update={**fixed, "naming": NAMING})


def _feedback(run: Run) -> str:
    """What the last reviewer who sent the strategy back said."""
    review = (
        run.reviews.filter(kind=ReviewKind.STRATEGY, decision=Decision.CHANGES)
        .order_by("-id")
        .first()
    )
    return review.feedback if review else ""
