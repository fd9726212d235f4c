"""How rows are shown to a model."""

from collections import defaultdict
from collections.abc import Sequence

from runs.models import Allocation, RequirementVersion, Run, Subsystem, TraceLink
from runs.requests import (
    ChildIn,
    ParentIn,
    Pattern,
    Relationship,
    RequirementType,
    Strategy,
    SubsystemIn,
    Verification,
)


def subsystem_in(row: Subsystem) -> SubsystemIn:
    return SubsystemIn(
        code=row.code,
        name=row.name,
        description=row.description,
        interfaces=row.interfaces,
        keywords=row.keywords,
    )


def strategy_of(run: Run) -> Strategy:
    return Strategy.model_validate(run.strategy)


def parents_of(run: Run) -> list[ParentIn]:
    """The allocated source requirements; `ref` is the ordinal."""
    rows = Allocation.objects.filter(run=run, allocated=True).select_related("source")
    return [parent_in(row) for row in rows.order_by("source__ordinal")]


def parent_in(row: Allocation) -> ParentIn:
    return ParentIn(
        ref=row.source.ordinal,
        statement=row.source.statement,
        type=RequirementType(row.source.type),
        section=row.source.section,
        rationale=row.rationale,
        shared_with=row.shared_with,
    )


def versions_of(run: Run, iteration: int) -> list[RequirementVersion]:
    return list(RequirementVersion.objects.filter(run=run, iteration=iteration).order_by("ordinal"))


def children_of(run: Run, iteration: int) -> list[ChildIn]:
    """What an iteration wrote; `ref` is the ordinal, parents are the sources' ordinals."""
    links: dict[int, list[TraceLink]] = defaultdict(list)
    rows = TraceLink.objects.filter(child__run=run, child__iteration=iteration)
    for link in rows.select_related("parent").order_by("parent__ordinal"):
        links[link.child_id].append(link)
    return [child_in(version, links[version.pk]) for version in versions_of(run, iteration)]


def child_in(version: RequirementVersion, links: Sequence[TraceLink]) -> ChildIn:
    """`links` are all of the version's, at least one, with their parents."""
    return ChildIn(
        ref=version.ordinal,
        parents=[link.parent.ordinal for link in links],
        text=version.text,
        type=RequirementType(version.type),
        acceptance_criteria=version.acceptance_criteria,
        rationale=version.rationale,
        verification=Verification(version.verification_method),
        pattern=Pattern(version.pattern),
        relationship=Relationship(links[0].relationship),
        edited_by_person=version.edited_by_id is not None,
    )
