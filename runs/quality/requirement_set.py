"""A subsystem's requirements beside their parents, indexed once for all rules that read them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from runs.quality.amounts import Amount, every_value, numbers_of, quantities_of
from runs.quality.statement import Statement, read_statement
from runs.requests import ChildIn, ParentIn, Strategy, SubsystemIn, ValidateRequest


@dataclass(frozen=True)
class RequirementSet:
    request: ValidateRequest
    terms: tuple[str, ...] = field(default=())

    @property
    def children(self) -> list[ChildIn]:
        return self.request.children

    @property
    def strategy(self) -> Strategy:
        return self.request.strategy

    @property
    def subsystem(self) -> SubsystemIn:
        return self.request.subsystem

    @cached_property
    def parents(self) -> Mapping[int, ParentIn]:
        return {parent.ref: parent for parent in self.request.parents}

    @cached_property
    def statements(self) -> Mapping[int, Statement]:
        """Every child's text taken apart, by the child's ref."""
        named = (self.subsystem.name, self.subsystem.code)
        terms = [term for term in (*self.terms, *named) if term]
        return {child.ref: read_statement(child.text, terms) for child in self.children}

    @cached_property
    def children_of(self) -> Mapping[int, list[ChildIn]]:
        """The children that name the parent, by the parent's ref; each once."""
        found: defaultdict[int, list[ChildIn]] = defaultdict(list)
        for child in self.children:
            for ref in dict.fromkeys(child.parents):
                found[ref].append(child)
        return found

    @cached_property
    def parent_quantities(self) -> Mapping[int, tuple[Amount, ...]]:
        return {ref: quantities_of(parent.statement) for ref, parent in self.parents.items()}

    @cached_property
    def parent_values(self) -> Mapping[int, frozenset[Decimal]]:
        """Every number that stands in a parent in any role, by the parent's ref."""
        return {ref: every_value(parent.statement) for ref, parent in self.parents.items()}

    @cached_property
    def parent_bases(self) -> Mapping[int, frozenset[tuple[str, Decimal]]]:
        """The parents' quantities in base units, so that 1 s and 1000 ms are one."""
        return {
            ref: frozenset((amount.kind, amount.base) for amount in amounts)
            for ref, amounts in self.parent_quantities.items()
        }

    @cached_property
    def child_quantities(self) -> Mapping[int, tuple[Amount, ...]]:
        return {child.ref: quantities_of(child.text) for child in self.children}

    @cached_property
    def child_numbers(self) -> Mapping[int, tuple[Amount, ...]]:
        return {child.ref: numbers_of(child.text) for child in self.children}

    def known_parents(self, child: ChildIn) -> Iterable[ParentIn]:
        return (self.parents[ref] for ref in dict.fromkeys(child.parents) if ref in self.parents)
