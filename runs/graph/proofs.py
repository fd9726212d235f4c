"""The proof of source requirements by what an iteration made of them, with identifiers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runs.graph.shown import child_in, parent_in, subsystem_in
from runs.models import Allocation, Run, TraceLink
from runs.quality.proof import Line, Proof, proofs
from runs.quality.requirement_set import RequirementSet
from runs.requests import ParentIn, RequirementType, Strategy, ValidateRequest


@dataclass(frozen=True, slots=True)
class ShownLine:
    kind: str
    text: str
    carriers: tuple[str, ...]  # identifiers; () when it is lost
    rollup: str
    fits: bool


@dataclass(frozen=True, slots=True)
class ShownProof:
    lines: tuple[ShownLine, ...]
    unjustified: tuple[str, ...]  # identifiers

    @property
    def lost(self) -> int:
        return sum(1 for line in self.lines if not line.carriers)

    @property
    def holds(self) -> bool:
        return not self.lost and not self.unjustified and all(line.fits for line in self.lines)


def shown_proofs(
    run: Run, iteration: int, allocations: Sequence[Allocation]
) -> Mapping[int, ShownProof]:
    """By the source's primary key. `allocations` are of the run, with their sources.

    The caller has checked who may see the run.
    """
    links = _links_of_children(run, iteration, [row.source_id for row in allocations])
    by_child: defaultdict[int, list[TraceLink]] = defaultdict(list)
    for link in links:
        by_child[link.child_id].append(link)
    children = [child_in(found[0].child, found) for found in by_child.values()]
    names = {
        found[0].child.ordinal: found[0].child.requirement.identifier for found in by_child.values()
    }
    parents = {row.source.ordinal: parent_in(row) for row in allocations}
    for link in links:  # a child's other parents, which may stand on another page
        source = link.parent
        other = ParentIn(
            ref=source.ordinal, statement=source.statement, type=RequirementType(source.type)
        )
        parents.setdefault(source.ordinal, other)
    request = ValidateRequest(
        subsystem=subsystem_in(run.subsystem),
        strategy=Strategy(allocation_rules=[]),
        parents=list(parents.values()),
        children=children,
    )
    keys = {row.source.ordinal: row.source_id for row in allocations}
    found = proofs(RequirementSet(request))
    return {keys[proof.parent]: _shown(proof, names) for proof in found if proof.parent in keys}


def _links_of_children(run: Run, iteration: int, sources: Sequence[int]) -> list[TraceLink]:
    """All links of the children of these sources, which may have parents beside them."""
    if not sources:
        return []
    rows = TraceLink.objects.filter(child__run=run, child__iteration=iteration)
    rows = rows.filter(child__trace_links__parent__in=sources).distinct()
    rows = rows.select_related("parent", "child__requirement")
    return list(rows.order_by("child__ordinal", "parent__ordinal"))


def _shown(proof: Proof, names: Mapping[int, str]) -> ShownProof:
    lines = tuple(_line(line, names) for line in proof.lines)
    return ShownProof(lines, tuple(names[ref] for ref in proof.unjustified))


def _line(line: Line, names: Mapping[int, str]) -> ShownLine:
    carriers = tuple(names[ref] for ref in line.children)
    part = line.part
    return ShownLine(part.kind.value, part.text, carriers, line.rollup, line.fits)
