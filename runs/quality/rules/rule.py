"""What a rule is: a small frozen object with a detector that returns passages."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from runs.quality.finding import Dimension, Finding, Severity
from runs.quality.precision import Precision, measured
from runs.quality.requirement_set import RequirementSet
from runs.quality.statement import Statement


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage of one text, and what the rule's message says about it in braces."""

    start: int
    end: int
    replacement: str | None = None  # mends the passage without inventing anything
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SetHit:
    """What a set rule found: about a child (`hit` is in its text), a parent, or the whole set."""

    child: int | None = None  # the child's ref
    parent: int | None = None  # the parent's ref
    hit: Hit = field(default=Hit(0, 0))


@dataclass(frozen=True, slots=True)
class Rule:
    """What both kinds of rules share. `message` may name {passage} and the facts of the hit."""

    id: str
    reference: str  # where the idea comes from, in our words
    dimension: Dimension
    severity: Severity
    message: str
    suggestion: str

    @property
    def precision(self) -> Precision | None:
        """How often a labelled word stood in what it found; None: no data has its label."""
        return measured().rules.get(self.id)

    def finding(self, hit: Hit, text: str) -> Finding:
        facts = {"passage": " ".join(text[hit.start : hit.end].split()), **dict(hit.facts)}
        return Finding(
            rule=self.id,
            dimension=self.dimension,
            severity=self.severity,
            start=hit.start,
            end=hit.end,
            message=self.message.format_map(facts),
            suggestion=self.suggestion.format_map(facts),
            replacement=hit.replacement,
        )


@dataclass(frozen=True, slots=True)
class TextRule(Rule):
    """Reads one statement."""

    detect: Callable[[Statement], Iterable[Hit]]
    example: str  # a statement it finds something in; shown in docs/rules.md


@dataclass(frozen=True, slots=True)
class SetRule(Rule):
    """Reads a subsystem's requirements beside their parents."""

    detect: Callable[[RequirementSet], Iterable[SetHit]]
