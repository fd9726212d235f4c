"""Traceability: children come from parents that exist, and add nothing of their own."""

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from functools import partial

from runs.language.words import content_stems, words
from runs.quality.amounts import Amount, every_value, numbers_of, quantities_of
from runs.quality.finding import Dimension, Severity
from runs.quality.near_duplicates import near_duplicates
from runs.quality.requirement_set import RequirementSet
from runs.quality.rules.budgets import Budget, budgets
from runs.quality.rules.rule import Hit, SetHit, SetRule
from runs.requests import ChildIn

_OWN_IDENTIFIER = re.compile(
    r"\s{0,4}\[?[A-Z][A-Z0-9]{0,15}(?:[-_][A-Z0-9]{1,15}){1,4}\]?\s?[:.)\]-]"
)
_PLACEHOLDERS = ("{TYPE}", "{NNN}")


def _orphans(requirements: RequirementSet) -> Iterator[SetHit]:
    return (SetHit(child=child.ref) for child in requirements.children if not child.parents)


def _broken(requirements: RequirementSet) -> Iterator[SetHit]:
    for child in requirements.children:
        missing = [ref for ref in dict.fromkeys(child.parents) if ref not in requirements.parents]
        if missing:
            named = ", ".join(map(str, missing))
            yield SetHit(child=child.ref, hit=Hit(0, 0, facts=(("refs", named),)))


def _normal(child: ChildIn) -> tuple[str, ...]:
    return tuple(words(child.text))


def _duplicates(requirements: RequirementSet) -> Iterator[SetHit]:
    first: dict[tuple[str, ...], ChildIn] = {}
    for child in requirements.children:
        text = _normal(child)
        if text and text in first:
            yield _same_as(child, first[text])
        else:
            first[text] = child


def _near_duplicates(requirements: RequirementSet) -> Iterator[SetHit]:
    distinct = list({_normal(child): child for child in reversed(requirements.children)}.values())
    distinct.reverse()
    for later, earlier in near_duplicates(_normal(child) for child in distinct):
        child, other = distinct[later], distinct[earlier]
        same_numbers = [
            {(amount.kind, amount.base) for amount in numbers_of(one.text)}
            for one in (child, other)
        ]
        if same_numbers[0] == same_numbers[1]:
            yield _same_as(child, other)


def _same_as(child: ChildIn, other: ChildIn) -> SetHit:
    # Whole for the reader, and not longer than a line.
    text = " ".join(other.text.split())
    shown = text if len(text) <= 120 else text[:119] + "…"
    return SetHit(child=child.ref, hit=Hit(0, len(child.text), facts=(("other", shown),)))


def _named_wrongly(requirements: RequirementSet) -> Iterator[SetHit]:
    naming = requirements.strategy.naming
    missing = [part for part in _PLACEHOLDERS if part not in naming]
    if missing:
        facts = (("what", f"The naming rule “{naming}” has no {' and no '.join(missing)}"),)
        yield SetHit(hit=Hit(0, 0, facts=facts))
    for child in requirements.children:
        match = _OWN_IDENTIFIER.match(child.text)
        if match:
            facts = (("what", "The text begins with an identifier of its own"),)
            yield SetHit(child=child.ref, hit=Hit(match.start(), match.end(), facts=facts))


def _unnamed(requirements: RequirementSet) -> Iterator[SetHit]:
    """Children that never mention their subsystem, by name or code."""
    own = set(content_stems(requirements.subsystem.name)) - _GENERIC_NAMES
    code = requirements.subsystem.code.lower()
    if not own:
        return
    for child in requirements.children:
        if not own.intersection(content_stems(child.text)) and code not in words(child.text):
            yield SetHit(child=child.ref)


_GENERIC_NAMES = frozenset(content_stems("system subsystem module component unit software service"))


def _without_rationale(requirements: RequirementSet) -> Iterator[SetHit]:
    for child in requirements.children:
        if not child.rationale.strip():
            yield SetHit(child=child.ref)


def _invented(requirements: RequirementSet) -> Iterator[SetHit]:
    """Numbers of a child that none of its parents has and that are no exact share of a budget."""
    handed_out: defaultdict[int, list[Budget]] = defaultdict(list)
    for budget in budgets(requirements):
        for child, _ in budget.shares:
            handed_out[child.ref].append(budget)
    own_name = every_value(f"{requirements.subsystem.name} {requirements.subsystem.code}")
    for child in requirements.children:
        parents = [parent.ref for parent in requirements.known_parents(child)]
        if not parents:
            continue
        for amount in numbers_of(child.text):
            known = amount.value in own_name or any(
                amount.value in every_value(requirements.parents[ref].statement)
                or (amount.kind, amount.base) in requirements.parent_bases(ref)
                for ref in parents
            )
            if not known and not any(budget.holds(amount) for budget in handed_out[child.ref]):
                facts = (("amount", amount.printed),)
                yield SetHit(child=child.ref, hit=Hit(amount.start, amount.end, facts=facts))


def _invented_in_criteria(requirements: RequirementSet) -> Iterator[SetHit]:
    """Quantities in a unit that the requirement or its parents use, with another value."""
    for child in requirements.children:
        parents = [parent.ref for parent in requirements.known_parents(child)]
        stated = [requirements.parent_bases(ref) for ref in parents]
        stated.append(frozenset((one.kind, one.base) for one in quantities_of(child.text)))
        for criterion in child.acceptance_criteria:
            for amount in quantities_of(criterion):
                if _is_contradicted(amount, stated):
                    facts = (("amount", amount.printed), ("criterion", criterion))
                    yield SetHit(child=child.ref, hit=Hit(0, 0, facts=facts))


def _is_contradicted(amount: Amount, stated: list[frozenset[tuple[str, Decimal]]]) -> bool:
    """Is the amount's kind stated somewhere, and its value nowhere?"""
    if not amount.kind or any((amount.kind, amount.base) in bases for bases in stated):
        return False
    return any(kind == amount.kind for bases in stated for kind, _ in bases)


def _overspent(requirements: RequirementSet) -> Iterator[SetHit]:
    for budget in budgets(requirements):
        if budget.is_overspent:
            parts = " + ".join(share.printed for _, share in budget.shares)
            facts = (("whole", budget.whole.printed), ("parts", parts))
            hit = Hit(budget.whole.start, budget.whole.end, facts=facts)
            yield SetHit(parent=budget.parent.ref, hit=hit)


_rule = partial(SetRule, dimension=Dimension.TRACEABILITY)

SET_RULES: tuple[SetRule, ...] = (
    _rule(
        id="orphan-child",
        reference="ISO/IEC/IEEE 29148 5.2.8: each requirement traces to its source",
        severity=Severity.CRITICAL,
        detect=_orphans,
        message="This requirement comes from no parent.",
        suggestion="Link it to the parent it serves, or delete it.",
    ),
    _rule(
        id="broken-link",
        reference="ISO/IEC/IEEE 29148 5.2.8: a trace leads to a requirement that exists",
        severity=Severity.CRITICAL,
        detect=_broken,
        message="This requirement names a parent that doesn't exist ({refs}).",
        suggestion="Link it to one of the allocated parents.",
    ),
    _rule(
        id="invented-number",
        reference="GtWR: necessary; a derived value needs its source",
        severity=Severity.CRITICAL,
        detect=_invented,
        message="“{amount}” stands in no parent and is no exact share of a parent's budget.",
        suggestion="Use the parent's value, split it exactly, or leave the number out.",
    ),
    _rule(
        id="criteria-number",
        reference="ISO/IEC/IEEE 29148 5.2.6: consistent; criteria test the stated value",
        severity=Severity.MAJOR,
        detect=_invented_in_criteria,
        message="A criterion says “{amount}”, which neither the requirement nor a parent says.",
        suggestion="Test against the value that the requirement states.",
    ),
    _rule(
        id="budget-overrun",
        reference="Budget decomposition: the parts together fit the whole",
        severity=Severity.CRITICAL,
        detect=_overspent,
        message="The children's shares ({parts}) sum to more than the parent's {whole}.",
        suggestion="Make the shares add up to the parent's value or less.",
    ),
    _rule(
        id="duplicate",
        reference="GtWR R30: express each requirement once",
        severity=Severity.MAJOR,
        detect=_duplicates,
        message="The same requirement stands here already: “{other}”",
        suggestion="Keep one and link it to both parents.",
    ),
    _rule(
        id="near-duplicate",
        reference="GtWR R30: express each requirement once",
        severity=Severity.MINOR,
        detect=_near_duplicates,
        message="Another requirement says nearly the same: “{other}”",
        suggestion="Merge the two, or make plain what sets them apart.",
    ),
    _rule(
        id="naming",
        reference="The strategy's naming rule: a counter gives identifiers, the text doesn't",
        severity=Severity.MAJOR,
        detect=_named_wrongly,
        message="{what}.",
        suggestion="Follow {{CODE}}-{{TYPE}}-{{NNN}}, and leave identifiers out of the text.",
    ),
    _rule(
        id="unnamed-subsystem",
        reference="GtWR R3: the subject is the entity that the requirement belongs to",
        severity=Severity.MINOR,
        detect=_unnamed,
        message="The text doesn't name the subsystem that has to do it.",
        suggestion="Make the subsystem the subject: “The ... shall ...”.",
    ),
    _rule(
        id="missing-rationale",
        reference="ISO/IEC/IEEE 29148 5.2.8; GtWR attribute A1: why the requirement is needed",
        severity=Severity.MINOR,
        detect=_without_rationale,
        message="Nothing says why this requirement follows from its parent.",
        suggestion="Say in a sentence how it serves the parent.",
    ),
)
