"""A subsystem's requirements beside their parents, indexed once for all rules that read them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from runs.quality.amounts import quantities_of
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
    def texts(self) -> Mapping[int, str]:
        return {child.ref: child.text for child in self.children}

    @cached_property
    def known_terms(self) -> tuple[str, ...]:
        """What no word is judged inside of: the given terms and the subsystem's own names."""
        named = (self.subsystem.name, self.subsystem.code)
        return tuple(term for term in (*self.terms, *named) if term)

    def statement_of(self, child: ChildIn) -> Statement:
        """The child's text taken apart; not kept, because a set may have thousands."""
        return read_statement(child.text, self.known_terms)

    @cached_property
    def children_of(self) -> Mapping[int, list[ChildIn]]:
        """The children that name the parent, by the parent's ref; each once."""
        found: defaultdict[int, list[ChildIn]] = defaultdict(list)
        for child in self.children:
            for ref in dict.fromkeys(child.parents):
                found[ref].append(child)
        return found

    def parent_bases(self, ref: int) -> frozenset[tuple[str, Decimal]]:
        """A parent's quantities in base units, so that 1 s and 1000 ms are one."""
        amounts = quantities_of(self.parents[ref].statement)
        return frozenset((amount.kind, amount.base) for amount in amounts)

    def known_parents(self, child: ChildIn) -> Iterable[ParentIn]:
        return (self.parents[ref] for ref in dict.fromkeys(child.parents) if ref in self.parents)
