"""Completeness: every allocated parent is carried, and every statement is finished."""

from collections.abc import Iterator
from functools import partial

from runs.language.span import Span
from runs.quality.finding import Dimension, Severity
from runs.quality.requirement_set import RequirementSet
from runs.quality.rules import structure, terms
from runs.quality.rules.rule import Hit, SetHit, SetRule, TextRule
from runs.quality.statement import Statement


def _gaps(statement: Statement) -> Iterator[Hit]:
    # Written in capitals as a rule, so capitals make no name of it.
    for span in terms.TO_BE_DEFINED.spans(statement.text, statement.words):
        if _is_open(statement.text, span):
            yield Hit(span.start, span.end)
    for mark in ("???", "[...]", "[…]", "<...>", "XXX"):
        at = statement.text.find(mark)
        if at >= 0:
            yield Hit(at, at + len(mark))


def _empty(statement: Statement) -> Iterator[Hit]:
    if not any(char.isalpha() for char in statement.text):
        yield Hit(0, len(statement.text))


def _is_open(text: str, span: Span) -> bool:
    """ "(to be confirmed by test)" is open, "the code to be confirmed by the driver" is a task."""
    if not text.startswith("to be ", span.start) or text[span.start - 1 : span.start] in ("(", "["):
        return True
    return not text[span.end :][:12].lstrip()[:1].isalpha()


def _uncovered(requirements: RequirementSet) -> Iterator[SetHit]:
    for ref in requirements.parents:
        if not requirements.children_of.get(ref):
            yield SetHit(parent=ref)


def _too_many(requirements: RequirementSet) -> Iterator[SetHit]:
    limit = requirements.strategy.max_children_per_parent
    for ref, children in requirements.children_of.items():
        if ref in requirements.parents and len(children) > limit:
            facts = (("count", str(len(children))), ("limit", str(limit)))
            yield SetHit(parent=ref, hit=Hit(0, 0, facts=facts))


_text_rule = partial(TextRule, dimension=Dimension.COMPLETENESS)
_set_rule = partial(SetRule, dimension=Dimension.COMPLETENESS)

TEXT_RULES: tuple[TextRule, ...] = (
    _text_rule(
        id="empty-statement",
        reference="ISO/IEC/IEEE 29148 5.2.4: a requirement is a sentence",
        severity=Severity.CRITICAL,
        detect=_empty,
        message="This text has no word in it, so nothing is required.",
        suggestion="Write the requirement, or delete the entry.",
        example="---",
    ),
    _text_rule(
        id="missing-modal",
        reference="ISO/IEC/IEEE 29148 5.2.4; EARS: “the ... shall ...”",
        severity=Severity.MAJOR,
        detect=structure.missing_modal,
        message="Nothing says that this is binding.",
        suggestion="Write “The ... shall ...”, or move the text to the notes.",
        example="The pump starts when the tank is full.",
    ),
    _text_rule(
        id="to-be-defined",
        reference="ISO/IEC/IEEE 29148 5.2.5: complete, no TBD, TBS or TBR",
        severity=Severity.MAJOR,
        detect=_gaps,
        message="“{passage}” says that something is still open.",
        suggestion="Settle it, or say in the rationale who settles it by when.",
        example="The tank shall hold TBD litres.",
    ),
)

SET_RULES: tuple[SetRule, ...] = (
    _set_rule(
        id="uncovered-parent",
        reference="ISO/IEC/IEEE 29148 5.2.6: the set is complete; each allocated need is met",
        severity=Severity.CRITICAL,
        detect=_uncovered,
        message="This parent was allocated to the subsystem, and no child carries it.",
        suggestion="Derive at least one child from it, or withdraw the allocation with a reason.",
    ),
    _set_rule(
        id="too-many-children",
        reference="The strategy's depth of detail, which is binding",
        severity=Severity.MAJOR,
        detect=_too_many,
        message="This parent has {count} children; the strategy allows {limit}.",
        suggestion="Merge children that belong together, or change the strategy.",
    ),
)
