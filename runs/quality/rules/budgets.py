"""Budgets: a parent's whole quantity, handed out to children in parts. Exact decimal arithmetic."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from runs.quality.amounts import Amount
from runs.quality.requirement_set import RequirementSet
from runs.requests import ChildIn, ParentIn, Pattern

_MOST_EQUAL_PARTS = 50


@dataclass(frozen=True)
class Budget:
    """One quantity of a parent and the share that each of its budget children states."""

    parent: ParentIn
    whole: Amount
    shares: tuple[tuple[ChildIn, Amount], ...]

    @cached_property
    def total(self) -> Decimal:
        return sum((share.base for _, share in self.shares), Decimal(0))

    @property
    def is_overspent(self) -> bool:
        return len(self.shares) > 1 and self.total > self.whole.base

    @cached_property
    def _parts(self) -> frozenset[Decimal]:
        return frozenset(share.base for _, share in self.shares)

    @cached_property
    def _parts_fill(self) -> bool:
        """Do the shares add up to the whole, or to an equal part of a whole that is shared?"""
        slack = sum((share.step for _, share in self.shares), Decimal(0))
        fair = self.whole.base / (1 + len(self.parent.shared_with))
        return any(_rounds(self.total, limit, slack) for limit in (self.whole.base, fair))

    def holds(self, amount: Amount) -> bool:
        """Is the amount an exact share: one of equal parts, or a part of parts that fill the whole?

        A part that is rounded down to the place it is printed with counts as exact. The parts fill
        the whole, or this subsystem's equal part of a whole that it shares with others.
        """
        if amount.kind != self.whole.kind or not 0 < amount.base <= self.whole.base:
            return False
        parts = range(1, _MOST_EQUAL_PARTS + 1)
        if any(_rounds(amount.base, self.whole.base / count, amount.step) for count in parts):
            return True
        return self._parts_fill and amount.base in self._parts


def _rounds(part: Decimal, exact: Decimal, step: Decimal) -> bool:
    return part == exact or (part <= exact < part + step and exact != exact.to_integral_value())


def budgets(requirements: RequirementSet) -> Iterator[Budget]:
    """Every quantity of a parent that its budget children state shares of."""
    for ref, parent in requirements.parents.items():
        children = requirements.children_of.get(ref, [])
        split = [child for child in children if child.pattern is Pattern.BUDGET]
        if not split:
            continue
        for whole in requirements.parent_quantities[ref]:
            if whole.can_be_split:
                shares = ((child, _share(requirements, child, whole)) for child in split)
                stated = tuple((child, share) for child, share in shares if share is not None)
                if stated:
                    yield Budget(parent, whole, stated)


def _share(requirements: RequirementSet, child: ChildIn, whole: Amount) -> Amount | None:
    """The smallest amount of the whole's kind: a child may name the whole beside its share."""
    same = [a for a in requirements.child_quantities[child.ref] if a.kind == whole.kind]
    return min(same, key=lambda amount: amount.base, default=None)
