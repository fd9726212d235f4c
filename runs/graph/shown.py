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
from skills.domain import DomainContent, Overview
from skills.domain.content import folded


def subsystem_in(row: Subsystem, domain: DomainContent | None = None) -> SubsystemIn:
    """The subsystem, with what the domain says of it and the other names that it goes by."""
    overview = domain.overview_of(row.name, row.code) if domain else ""
    return SubsystemIn(
        code=row.code,
        name=row.name,
        description="\n".join(filter(None, (row.description, overview))),
        interfaces=row.interfaces,
        keywords=[*row.keywords, *_other_names(row, domain)],
    )


def domain_for_rules(domain: DomainContent | None, project_id: int) -> DomainContent | None:
    """The domain, which knows the names of all subsystems of the project as well."""
    if domain is None:
        return None
    rows = Subsystem.objects.filter(project=project_id).order_by("code")
    names = [Overview(subsystem=name, text="") for row in rows for name in (row.name, row.code)]
    return domain.model_copy(update={"subsystems": (*domain.subsystems, *names)})


def _other_names(row: Subsystem, domain: DomainContent | None) -> list[str]:
    own = {folded(name) for name in (row.name, row.code, *row.keywords)}
    meant = [
        name
        for term in (domain.glossary if domain else ())
        if own & {folded(name) for name in term.names}
        for name in (*term.names, *term.forbidden)
    ]
    return [name for name in dict.fromkeys(meant) if folded(name) not in own]


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
