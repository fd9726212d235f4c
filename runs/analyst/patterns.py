"""The four patterns by which a parent becomes children: budget, interface, functional, direct."""

import re
from dataclasses import dataclass, replace

from runs.analyst.actors import is_whole
from runs.analyst.budget import quantity_text, sharable, shares
from runs.analyst.classify import classify
from runs.analyst.criteria import criteria_of, verification_of
from runs.analyst.draft import Draft
from runs.analyst.exchange import find_exchange
from runs.analyst.open_points import with_open_points
from runs.analyst.party import duty_to_actor
from runs.analyst.restate import Voice, acts_itself, modal_word, sentence
from runs.analyst.share import ASSUMED, shared_part
from runs.analyst.sharing import is_chain, sharers
from runs.analyst.statement import Thought, cleaned, lowered, thoughts
from runs.analyst.subsystem_terms import mention, phrase_of
from runs.language.clauses import Clause
from runs.language.conjuncts import split_actions
from runs.language.quantities import Quantity, find_quantities
from runs.requests import (
    ParentIn,
    Pattern,
    Relationship,
    RequirementType,
    Verification,
)

_PRONOUN = re.compile(r"(?P<verb>[a-z-]+)\s(?:it|them)\b", re.IGNORECASE)
_OBJECT = re.compile(
    r"[a-z-]+\s(?P<thing>(?:the|an?|all|each|every|its)\s(?:(?!(?:to|from|in|on|at|for|by|with"
    r"|over|within|every|into|as)\b)[\w-]+\s?)+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the strategy and the skill's parameters bind."""

    most: int  # children per parent
    criteria: bool
    split_budgets: bool
    split_functions: bool


def children_of(parent: ParentIn, voice: Voice, settings: Settings) -> list[Draft]:
    """The parent's children, at least one and at most `settings.most`."""
    statement = cleaned(parent.statement)
    units = thoughts(statement)
    if len(units) > settings.most:
        return [_whole(parent, statement, voice)]
    drafts: list[Draft] = []
    for unit in units:
        room = settings.most - len(units) + 1
        drafts.extend(_for_thought(parent, unit, voice, settings, room))
    if len(drafts) > settings.most:
        drafts = [_direct(parent, unit, voice) for unit in units]
    if len(units) > 1:
        drafts = [_as_part(draft) for draft in drafts]
    return drafts


def finished(draft: Draft, voice: Voice, *, with_criteria: bool) -> Draft:
    """The draft with type, criteria and verification that fit its text as it now stands."""
    type_ = draft.type
    if type_ is RequirementType.PERF and not find_quantities(draft.text):
        type_ = RequirementType.FUNC
    criteria = criteria_of(draft.text, type_, voice.name) if with_criteria else ()
    criteria = (*criteria, *draft.elsewhere) if criteria else ()
    verification = verification_of(type_, draft.text) if with_criteria else draft.verification
    draft = with_open_points(draft)
    return replace(draft, type=type_, criteria=criteria, verification=verification)


def _for_thought(
    parent: ParentIn, unit: Thought, voice: Voice, settings: Settings, room: int
) -> list[Draft]:
    clause = unit.clause
    owed = _owed(parent, unit, voice)
    if owed is not None:
        return [owed]
    if settings.split_budgets:
        drafts = _budget(parent, unit, voice, room)
        if drafts:
            return drafts
    exchanged = _own_side(parent, unit, voice)
    if exchanged is not None:
        return [exchanged]
    if settings.split_functions and clause.modal is not None:
        drafts = _functional(parent, unit, voice)
        if 1 < len(drafts) <= room:
            return drafts
    return [_direct(parent, unit, voice)]


def _draft(parent: ParentIn, text: str, pattern: Pattern, rationale: str) -> Draft:
    relationship = {
        Pattern.DIRECT: Relationship.REFINES,
        Pattern.FUNCTIONAL: Relationship.DECOMPOSES,
        Pattern.BUDGET: Relationship.DERIVES,
        Pattern.INTERFACE: Relationship.REFINES,
    }[pattern]
    return Draft(
        parents=(parent.ref,),
        text=text,
        type=parent.type,
        pattern=pattern,
        relationship=relationship,
        rationale=rationale,
        verification=Verification.TEST,
    )


def _direct(parent: ParentIn, unit: Thought, voice: Voice) -> Draft:
    clause = unit.clause
    text = _with_tail(sentence(clause, clause.part(clause.action), voice), unit)
    said = f"The parent was allocated to {voice.subsystem.name} and is restated for it alone."
    draft = _draft(parent, text, Pattern.DIRECT, said)
    found, why_whole = sharable(clause)
    if found is not None:
        printed = quantity_text(clause.text, found.quantity)
        why_whole = f'The parent names nobody who shares "{printed}", so it is carried whole.'
    if why_whole and parent.shared_with:
        draft = draft.because(why_whole)
    if clause.modal is None:
        draft = draft.because("The parent prints no modal verb; its place makes it a requirement.")
    elif modal_word(clause.modal) != "shall":
        word = clause.modal.word
        draft = draft.because(f'It keeps the parent\'s "{word}" and so binds no more than that.')
    return draft


def _with_tail(text: str, unit: Thought) -> str:
    return " ".join([text, *unit.tail])


def _whole(parent: ParentIn, statement: str, voice: Voice) -> Draft:
    """A parent with more requirements in it than children are allowed: kept as it stands."""
    text = statement[0].upper() + statement[1:] if statement else parent.statement
    reason = (
        f"The parent was allocated to {voice.subsystem.name}; it holds more requirements than the "
        "strategy allows children, so it is carried as it stands."
    )
    return _draft(parent, text, Pattern.DIRECT, reason)


def _as_part(draft: Draft) -> Draft:
    """One of several sentences of a parent: a part of it, not a restatement of the whole."""
    if draft.pattern is not Pattern.DIRECT:
        return draft
    part = replace(draft, pattern=Pattern.FUNCTIONAL, relationship=Relationship.DECOMPOSES)
    return part.because("It carries one of the parent's sentences.")


def _budget(parent: ParentIn, unit: Thought, voice: Voice, room: int) -> list[Draft]:
    clause = unit.clause
    found, _ = sharable(clause)
    if found is None:
        return []
    quantity = found.quantity
    worst = " Errors add up in the worst case, so the parts are safe." if found.worst_case else ""
    known = len({*parent.shared_with, voice.subsystem.code})
    among = sharers(clause, voice.terms, known, voice.wholes)
    if among is not None:
        return [shared_part(parent, unit, voice, quantity, among, worst)]
    if known > 1:
        return []
    return _steps(parent, unit, voice, quantity, worst, room)


def _steps(
    parent: ParentIn, unit: Thought, voice: Voice, quantity: Quantity, worst: str, room: int
) -> list[Draft]:
    """Steps that a sentence names one after another, with a bound behind the last of them."""
    clause = unit.clause
    action = clause.part(clause.action)
    if clause.action is None or not action:
        return []
    begin = quantity.comparator_start - clause.action.start
    end = quantity.end - clause.action.start
    if action[end:].strip(" .") or begin <= 0:
        return []
    bound = action[begin:end]
    split = split_actions(action[:begin].rstrip(" ,"))
    if not 2 <= len(split.parts) <= room:
        return []
    parts = shares(quantity.value, len(split.parts))
    dealt = " + ".join(f"{part:f}" for part in parts)
    drafts = []
    for span, part in zip(split.parts, parts, strict=True):
        number = quantity.start - quantity.comparator_start
        told = f"{bound[:number]}{part:f}{bound[number + len(quantity.number_text) :]}"
        step = f"{split.prefix}{span.of(action)} {told}"
        reason = (
            f"Derived by arithmetic: the parent's {quantity_text(clause.text, quantity)} is "
            f"shared in equal parts by its {len(parts)} steps ({dealt} {quantity.unit_text}); they "
            f"sum to the whole exactly.{worst} {ASSUMED}"
        )
        text = sentence(clause, step, voice)
        draft = _draft(parent, text, Pattern.BUDGET, reason)
        drafts.append(replace(draft, type=RequirementType.PERF))
    return _tail_on_last(drafts, unit)


def _tail_on_last(drafts: list[Draft], unit: Thought) -> list[Draft]:
    if drafts and unit.tail:
        drafts[-1] = replace(drafts[-1], text=_with_tail(drafts[-1].text, unit))
    return drafts


def _own_side(parent: ParentIn, unit: Thought, voice: Voice) -> Draft | None:
    """The exchange that the parent asks of this subsystem itself."""
    clause = unit.clause
    exchange = find_exchange(clause.part(clause.action))
    if exchange is None or clause.modal is None or clause.modal.negated:
        return None
    if parent.type is not RequirementType.INTF or not acts_itself(clause.part(clause.actor), voice):
        return None
    text = _with_tail(sentence(clause, clause.part(clause.action), voice), unit)
    reason = f"{voice.subsystem.name}'s own side of the exchange with {exchange.party}."
    return _draft(parent, text, Pattern.INTERFACE, reason)


def _owed(parent: ParentIn, unit: Thought, voice: Voice) -> Draft | None:
    """This side of an exchange with another that acts; what binds that one is left to it."""
    clause = unit.clause
    actor = clause.part(clause.actor)
    if not actor or clause.modal is None or clause.modal.negated or acts_itself(actor, voice):
        return None
    if mention(voice.terms, actor, phrase_of(actor)):
        return None
    whole = is_whole(actor, voice.wholes)
    if whole and is_chain(clause.text):
        return None
    duty = duty_to_actor(clause, voice.terms, whole=whole)
    if duty is None:
        return None
    told = find_exchange(clause.part(clause.action)) is not None and not whole
    conditions = clause.conditions if told else ()
    trailing = clause.trailing if told else ()
    own = Clause(clause.text, None, conditions, None, clause.modal, clause.action, trailing)
    text = _with_tail(sentence(own, duty, voice), unit)
    reason = (
        f"The parent asks {lowered(actor)} to {clause.part(clause.action)}; "
        f"{voice.subsystem.name} is only the other side of the exchange and has to do its part."
    )
    draft = _draft(parent, text, Pattern.INTERFACE, reason)
    draft = replace(draft, relationship=Relationship.DERIVES, type=RequirementType.INTF)
    kept = [q for q in find_quantities(clause.text) if clause.text[q.start : q.end] not in text]
    if kept:
        limits = " and ".join(clause.text[q.start : q.end] for q in kept)
        left = f"The limit of {limits} binds {lowered(actor)} and is verified there, not here."
        draft = replace(draft.because(left), elsewhere=(left,))
    return draft


def _functional(parent: ParentIn, unit: Thought, voice: Voice) -> list[Draft]:
    clause = unit.clause
    action = clause.part(clause.action)
    split = split_actions(action)
    if len(split.parts) < 2:
        return []
    only = any(clause.part(span).lower().startswith("only ") for span in clause.trailing)
    drafts = []
    for index, span in enumerate(split.parts):
        last = index == len(split.parts) - 1
        said = f"{split.prefix}{_with_noun(span.of(action), split.parts[0].of(action))}"
        text = sentence(clause, said, voice, trailing=last or not only)
        reason = (
            f"Part {index + 1} of the {len(split.parts)} actions that the parent joins; each "
            "stands alone, so each can be verified alone."
        )
        if clause.conditions or (clause.trailing and (last or not only)):
            reason += " The parent's conditions are copied."
        draft = _draft(parent, text, Pattern.FUNCTIONAL, reason)
        drafts.append(replace(draft, type=_part_type(parent, text)))
    return _tail_on_last(drafts, unit)


def _with_noun(part: str, first: str) -> str:
    """ "record it every 1 s" behind "display the load": a child has no noun to look back to."""
    pronoun = _PRONOUN.match(part)
    thing = _OBJECT.match(first)
    if not pronoun or not thing:
        return part
    return f"{pronoun['verb']} {thing['thing'].strip()}{part[pronoun.end() :]}"


def _part_type(parent: ParentIn, text: str) -> RequirementType:
    if parent.type in (RequirementType.CONS, RequirementType.INTF):
        return parent.type
    return classify(text, parent.section)
