"""Budgets: a parent's whole quantity, handed out to children in parts. Exact decimal arithmetic."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from runs.quality.amounts import Amount, quantities_of
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
    def _fair(self) -> Decimal:
        """This subsystem's equal part of a whole that others share."""
        return self.whole.base / (1 + len(self.parent.shared_with))

    @cached_property
    def _parts_fill(self) -> bool:
        """Do the shares add up to the whole, or to this subsystem's equal part of it?"""
        slack = sum((share.step for _, share in self.shares), Decimal(0))
        return self.total == self.whole.base or _rounds(self.total, self._fair, slack)

    def holds(self, amount: Amount) -> bool:
        """Is the amount an exact share: an equal part, or a part of parts that fill the whole?

        An equal part among these children or these subsystems may be rounded to the place it is
        printed with: 250 ms in three parts is 84, 83 and 83.
        """
        if amount.kind != self.whole.kind or not 0 < amount.base <= self.whole.base:
            return False
        if self._parts_fill and amount.base in self._parts:
            return True
        count = self.whole.base / amount.base
        if count == count.to_integral_value() and count <= _MOST_EQUAL_PARTS:
            return True
        parts = (self._fair, self.whole.base / len(self.shares), self._fair / len(self.shares))
        return any(_rounds(amount.base, exact, amount.step) for exact in parts)


def _rounds(part: Decimal, exact: Decimal, step: Decimal) -> bool:
    """Equal, or a neighbour of `exact` among the multiples of `step`, which `exact` is none of."""
    return part == exact or (abs(part - exact) < step and exact % step != 0)


def budgets(requirements: RequirementSet) -> Iterator[Budget]:
    """Every quantity of a parent that its budget children state shares of."""
    for ref, parent in requirements.parents.items():
        children = requirements.children_of.get(ref, [])
        for whole in quantities_of(parent.statement):
            budget = budget_of(parent, whole, children)
            if budget is not None:
                yield budget


def budget_of(parent: ParentIn, whole: Amount, children: Iterable[ChildIn]) -> Budget | None:
    """The whole and its shares; None when no child of the budget pattern states one."""
    if not whole.can_be_split:
        return None
    shares = ((child, _share(child, whole)) for child in children)
    stated = tuple((child, share) for child, share in shares if share is not None)
    return Budget(parent, whole, stated) if stated else None


def _share(child: ChildIn, whole: Amount) -> Amount | None:
    """The smallest amount of the whole's kind: a child may name the whole beside its share."""
    if child.pattern is not Pattern.BUDGET:
        return None
    same = [a for a in quantities_of(child.text) if a.kind == whole.kind]
    return min(same, key=lambda amount: amount.base, default=None)
