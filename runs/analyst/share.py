"""A subsystem's part of a quantity that several share, written as its own requirement."""

import re
from dataclasses import replace
from decimal import Decimal

from runs.analyst.budget import quantity_text, replaced, share_of, shares
from runs.analyst.draft import Draft
from runs.analyst.restate import Voice, for_share, sentence
from runs.analyst.sharing import Sharers
from runs.analyst.statement import Thought, lowered
from runs.language.clauses import Clause, parse_clause
from runs.language.quantities import Comparator, Quantity
from runs.language.units import Dimension
from runs.requests import ParentIn, Pattern, Relationship, RequirementType

ASSUMED = "Equal parts are an assumption, to be confirmed by the lead of the budget."
_TOGETHER = re.compile(r"\s?\b(?:together|jointly|in total)\b", re.IGNORECASE)
_SPAN = re.compile(r"(?:from|between)\s.+\s(?:to|and)\s", re.IGNORECASE)


def shared_part(
    parent: ParentIn, unit: Thought, voice: Voice, quantity: Quantity, among: Sharers, worst: str
) -> Draft:
    """This subsystem's part, with the arithmetic and what is assumed in it as the rationale."""
    part, dealt = _part(parent, voice, quantity, among)
    text = _in_chain(unit.clause, quantity, part, voice)
    if text is None:
        clause = for_share(parse_clause(replaced(unit.clause.text, quantity, part)), voice)
        alone = _TOGETHER.sub("", clause.part(clause.action))
        text = sentence(clause, alone, voice)
    unit_text = f" {quantity.unit_text}" if quantity.unit_text else ""
    whole = quantity_text(unit.clause.text, quantity)
    reason = (
        f"Derived by arithmetic: the parent's {whole} is shared in equal parts by "
        f"{among.count} subsystems ({dealt}{unit_text}), which sum to no more than the whole."
        f"{worst} {ASSUMED}"
    )
    if among.count != among.known:
        reason += (
            f" The parent speaks of {among.count} subsystems, but it was allocated to "
            f"{among.known} of the project; the parent's number decides."
        )
    return Draft(
        parents=(parent.ref,),
        text=" ".join([text, *unit.tail]),
        type=RequirementType.PERF,
        pattern=Pattern.BUDGET,
        relationship=Relationship.DERIVES,
        rationale=reason,
    )


def _part(
    parent: ParentIn, voice: Voice, quantity: Quantity, among: Sharers
) -> tuple[Decimal, str]:
    """The part and how the whole is dealt out; rounded down where the sharers aren't all known."""
    if among.count == among.known:
        return share_of(quantity.value, voice.subsystem.code, parent.shared_with)
    part = shares(quantity.value, among.count)[-1]
    return part, f"{among.count} times {part:f}"


def _in_chain(clause: Clause, quantity: Quantity, part: Decimal, voice: Voice) -> str | None:
    """ "From A to B, X shall take no more than 900 ms": a part contributes to the whole chain."""
    if quantity.dimension is not Dimension.TIME or clause.action is None:
        return None
    behind = clause.text[quantity.end : clause.action.end].strip(" .,")
    actor = clause.part(clause.actor)
    time = re.match(r"the time (?=(?:from|between)\s)", actor, re.IGNORECASE)
    spans = [
        span
        for span in clause.conditions
        if _SPAN.match(clause.part(span)) and span.end <= quantity.start
    ]
    if spans:
        chain, rest = lowered(clause.part(spans[0])), behind
        others = [clause.part(span) for span in clause.conditions if span != spans[0]]
    elif _SPAN.match(behind):
        chain, rest, others = behind, "", [clause.part(span) for span in clause.conditions]
    elif time:
        chain, rest = actor[len("the time ") :], behind
        others = [clause.part(span) for span in clause.conditions]
    else:
        return None
    bound = "less than" if quantity.comparator is Comparator.LESS else "no more than"
    said = (
        f"contribute {bound} {part:f} {quantity.unit_text} to the time {chain}"
        f"{f' {rest}' if rest else ''}"
    )
    modal = replace(clause.modal, negated=False) if clause.modal else None
    text = sentence(replace(clause, conditions=(), actor=None, modal=modal), said, voice)
    if others:
        text = f"{', '.join(others)}, {lowered(text)}"
        text = f"{text[0].upper()}{text[1:]}"
    return text
