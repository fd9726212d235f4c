"""Proof, not fluency: which child carries what of its parent.

A parent says who (actor), when (conditions), what to what (objects, each with its verb where it has
one) and how much (quantities with their units). The proof names for each of these the children that
carry it. It reads words and numbers of the finished texts, so it is the same whoever wrote them.

- A **quantity** is carried by a child that states it, in any unit of the same kind and also in its
  acceptance criteria, or by children of the budget pattern that state shares of it; `rollup` says
  what the shares add up to.
- A **condition** or an **object** is carried by a child that has most of its content words (stems;
  numbers and the subsystem's name left out), or by several that together have nearly all.
- An **actor** is carried by a child that names it, or the subsystem that acts in its place.

A condition or object without a carrier is a lost clause. A child that has no content word of any of
its parents, its own subsystem's name left aside, is unjustified.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from runs.language.clauses import Clause, parse_clause
from runs.language.conjuncts import split_actions, split_things
from runs.language.sentences import split_sentences
from runs.language.span import Span
from runs.language.verbs import base_of_participle
from runs.language.words import content_stems, words
from runs.quality.amounts import REMEMBERED, Amount, quantities_of
from runs.quality.requirement_set import RequirementSet
from runs.quality.rules.budgets import budget_of
from runs.requests import ChildIn, ParentIn

ENOUGH = 0.6
"""The share of a clause's content words that carries it: a restatement may turn a phrase around."""
TOGETHER = 0.8
"""The share that several children need together: each has but a piece, so no piece may lack."""
MOST_CLAUSES = 60
"""Clauses of a parent that are looked for; nobody wrote a longer one as one requirement."""


class Kind(StrEnum):
    ACTOR = "actor"
    CONDITION = "condition"
    OBJECT = "object"
    QUANTITY = "quantity"


@dataclass(frozen=True, slots=True)
class Part:
    """What a parent says in one respect; `start` and `end` are in its statement."""

    kind: Kind
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One part of a parent and who carries it."""

    part: Part
    children: tuple[int, ...]  # refs; () when it is lost
    rollup: str = ""  # of a budget: "40 ms + 60 ms of 100 ms"
    fits: bool = True  # False: the shares are more than the whole

    @property
    def is_carried(self) -> bool:
        return bool(self.children)


@dataclass(frozen=True, slots=True)
class Proof:
    parent: int
    lines: tuple[Line, ...]
    unjustified: tuple[int, ...]  # children that have nothing of this parent or another of theirs

    @property
    def holds(self) -> bool:
        return not self.unjustified and all(line.is_carried and line.fits for line in self.lines)


def proofs(requirements: RequirementSet) -> Iterator[Proof]:
    """One for each parent, in their order. Time grows linearly with the children of a parent."""
    without = unjustified(requirements)
    for ref, parent in requirements.parents.items():
        children = requirements.children_of.get(ref, [])
        lines = (*clauses(requirements, parent), *quantities(requirements, parent))
        own = tuple(child.ref for child in children if child.ref in without)
        yield Proof(ref, tuple(sorted(lines, key=lambda line: line.part.start)), own)


def clauses(requirements: RequirementSet, parent: ParentIn) -> Iterator[Line]:
    """Actor, conditions and objects of a parent, and the children that carry each."""
    children = requirements.children_of.get(parent.ref, [])
    name = _name_of(requirements)
    stems = [(child.ref, _stems(name.sub(" ", child.text))) for child in children]
    whole = [(child.ref, _stems(child.text)) for child in children]
    for part in parts_of(parent.statement)[:MOST_CLAUSES]:
        if part.kind is Kind.ACTOR:
            yield Line(part, _actors(requirements, part, whole))
        else:
            yield Line(part, _carriers(_stems(part.text), stems))


def quantities(requirements: RequirementSet, parent: ParentIn) -> Iterator[Line]:
    """The quantities of a parent, each with the children that state it or shares of it."""
    children = requirements.children_of.get(parent.ref, [])
    stated: dict[tuple[str, Decimal], list[int]] = {}
    for child in children:
        texts = (child.text, *child.acceptance_criteria)
        for known in {(one.kind, one.base) for text in texts for one in quantities_of(text)}:
            stated.setdefault(known, []).append(child.ref)
    for amount in quantities_of(parent.statement):
        part = Part(Kind.QUANTITY, amount.start, amount.end, amount.printed)
        shared = _shared(requirements, parent, amount, children)
        yield shared or Line(part, tuple(stated.get((amount.kind, amount.base), ())))


def _shared(
    requirements: RequirementSet, parent: ParentIn, whole: Amount, children: Sequence[ChildIn]
) -> Line | None:
    """The line of a quantity that the children of the budget pattern share, if they do."""
    budget = budget_of(parent, whole, children)
    if budget is None:
        return None
    part = Part(Kind.QUANTITY, whole.start, whole.end, whole.printed)
    shares = " + ".join(share.printed for _, share in budget.shares)
    refs = tuple(child.ref for child, _ in budget.shares)
    return Line(part, refs, f"{shares} of {whole.printed}", not budget.is_overspent)


def unjustified(requirements: RequirementSet) -> frozenset[int]:
    """Children with parents that exist, and no content word of any of them."""
    name = _name_of(requirements)
    found: set[int] = set()
    for child in requirements.children:
        parents = list(requirements.known_parents(child))
        said = _stems(name.sub(" ", child.text))
        known = frozenset[str]().union(*(_stems(parent.statement) for parent in parents))
        if parents and said and known and not said & known:
            found.add(child.ref)
    return frozenset(found)


def _name_of(requirements: RequirementSet) -> re.Pattern[str]:
    """The subsystem's name: that "the Pump Controller" acts carries nothing about a pump."""
    names = (requirements.subsystem.name, requirements.subsystem.code)
    return re.compile("|".join(rf"\b{re.escape(name)}\b" for name in names if name), re.IGNORECASE)


@lru_cache(maxsize=REMEMBERED)
def parts_of(statement: str) -> tuple[Part, ...]:
    """Actors, conditions and objects of a statement, in order; each actor once."""
    parts: list[Part] = []
    actors: set[str] = set()
    for sentence in split_sentences(statement):
        clause = parse_clause(sentence.of(statement))
        for part in _of_clause(clause, sentence.start):
            if part.kind is not Kind.ACTOR or part.text.lower() not in actors:
                parts.append(part)
            if part.kind is Kind.ACTOR:
                actors.add(part.text.lower())
    return tuple(sorted(parts, key=lambda part: part.start))


def _of_clause(clause: Clause, offset: int) -> Iterator[Part]:
    def part(kind: Kind, span: Span) -> Part:
        return Part(kind, offset + span.start, offset + span.end, span.of(clause.text))

    if clause.modal is None:
        return  # a heading or a note: nothing is asked
    if clause.actor is not None:
        yield part(Kind.ACTOR, clause.actor)
    for condition in (*clause.conditions, *clause.trailing):
        yield part(Kind.CONDITION, condition)
    if clause.action is not None:
        for span in _objects(clause.part(clause.action)):
            start = clause.action.start
            yield part(Kind.OBJECT, Span(start + span.start, start + span.end))


def _objects(action: str) -> Iterator[Span]:
    """Each thing of each action, the first with its verb; what has no content word is left out."""
    for one in split_actions(action).parts:
        for thing in split_things(one.of(action)):
            span = Span(one.start + thing.start, one.start + thing.end)
            if _stems(span.of(action)):
                yield span


@lru_cache(maxsize=REMEMBERED)
def _stems(text: str) -> frozenset[str]:
    """Content words without the numbers, which are quantities of their own.

    "shown" counts as "show": a restatement turns passives around.
    """
    kept, position = [], 0
    for amount in quantities_of(text):
        kept.append(text[position : max(amount.start, position)])
        position = max(amount.end, position)
    bases = (base_of_participle(word) or word for word in words(" ".join((*kept, text[position:]))))
    return frozenset(word for word in content_stems(" ".join(bases)) if not word.isdigit())


def _carriers(
    wanted: frozenset[str], children: Sequence[tuple[int, frozenset[str]]]
) -> tuple[int, ...]:
    """The children with enough of the words each, else those that have enough of them together."""
    if not wanted:
        return tuple(ref for ref, _ in children)
    shared = [(ref, stems & wanted) for ref, stems in children]
    alone = tuple(ref for ref, common in shared if len(common) >= ENOUGH * len(wanted))
    if alone:
        return alone
    together = frozenset[str]().union(*(common for _, common in shared))
    if len(together) >= TOGETHER * len(wanted):
        return tuple(ref for ref, common in shared if common)
    return ()


def _actors(
    requirements: RequirementSet, part: Part, children: Sequence[tuple[int, frozenset[str]]]
) -> tuple[int, ...]:
    named = _stems(requirements.subsystem.name) | {requirements.subsystem.code.lower()}
    wanted = _stems(part.text)
    return tuple(
        ref
        for ref, stems in children
        if stems & named or len(stems & wanted) >= ENOUGH * max(len(wanted), 1)
    )
