"""What the proof finds: parts of a parent that no child carries, children without a reason."""

from collections.abc import Iterator

from runs.quality.finding import Dimension, Severity
from runs.quality.proof import Kind, Line, clauses, quantities, unjustified
from runs.quality.requirement_set import RequirementSet
from runs.quality.rules.rule import Hit, SetHit, SetRule


def _dropped(requirements: RequirementSet) -> Iterator[SetHit]:
    for ref, parent in requirements.parents.items():
        if requirements.children_of.get(ref):
            yield from _lost(ref, quantities(requirements, parent))


def _lost_objects(requirements: RequirementSet) -> Iterator[SetHit]:
    yield from _lost_clauses(requirements, Kind.OBJECT)


def _lost_conditions(requirements: RequirementSet) -> Iterator[SetHit]:
    yield from _lost_clauses(requirements, Kind.CONDITION)


def _lost_clauses(requirements: RequirementSet, kind: Kind) -> Iterator[SetHit]:
    """Of parents with children; a parent without any is uncovered as a whole."""
    for ref, parent in requirements.parents.items():
        if requirements.children_of.get(ref):
            lines = clauses(requirements, parent)
            yield from _lost(ref, (line for line in lines if line.part.kind is kind))


def _lost(ref: int, lines: Iterator[Line]) -> Iterator[SetHit]:
    for line in lines:
        if not line.is_carried:
            part = line.part
            facts = (("amount", part.text),)
            yield SetHit(parent=ref, hit=Hit(part.start, part.end, facts=facts))


def _unjustified(requirements: RequirementSet) -> Iterator[SetHit]:
    without = unjustified(requirements)
    return (SetHit(child=child.ref) for child in requirements.children if child.ref in without)


SET_RULES: tuple[SetRule, ...] = (
    SetRule(
        id="dropped-quantity",
        reference="GtWR set characteristic: complete; EARS: no measure of the parent gets lost",
        dimension=Dimension.COMPLETENESS,
        severity=Severity.MAJOR,
        detect=_dropped,
        message="No child carries the parent's “{amount}”.",
        suggestion="State “{amount}” in the child it belongs to, or its share of it.",
    ),
    SetRule(
        id="lost-clause",
        reference="GtWR set characteristic: complete; ISO/IEC/IEEE 29148 5.2.6",
        dimension=Dimension.COMPLETENESS,
        severity=Severity.MAJOR,
        detect=_lost_objects,
        message="No child carries “{passage}” of the parent.",
        suggestion="Derive a child that says it in the parent's words, or add it to one that is "
        "there.",
    ),
    SetRule(
        id="lost-condition",
        reference="EARS: when and in which state a response holds is part of it",
        dimension=Dimension.COMPLETENESS,
        severity=Severity.MAJOR,
        detect=_lost_conditions,
        message="No child carries the parent's condition “{passage}”.",
        suggestion="State the condition in each child that holds only under it.",
    ),
    SetRule(
        id="unjustified-child",
        reference="GtWR: necessary; ISO/IEC/IEEE 29148 5.2.5: necessary, traced to its source",
        dimension=Dimension.TRACEABILITY,
        severity=Severity.MAJOR,
        detect=_unjustified,
        message="This requirement has no word in common with any of its parents.",
        suggestion="Link it to the parent that asks for it, use the parent's words, or delete it.",
    ),
)
