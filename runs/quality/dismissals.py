"""What a team's dismissals do to scores. docs/quality.md has the formula, and a test holds both.

A finding can be dismissed for its words ("nominal" is clear to us) or for its rule (we don't care).
Either way the rule has been wrong here once more, so it weighs less here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

OF_A_TERM = 0.9
OF_A_RULE = 0.5
LEAST = 0.1
"""A rule never falls silent by dismissals: its findings still cost a tenth."""


def weight(*, for_terms: int, for_rule: int) -> float:
    """0.5 for each dismissal of the rule x 0.9 for each of a term, not below a tenth."""
    return float(max(LEAST, OF_A_RULE**for_rule * OF_A_TERM**for_terms))


def term_of(quote: str) -> str:
    """The words of a finding, as dismissals compare them."""
    return " ".join(quote.split()).casefold()


@dataclass(frozen=True, slots=True)
class Dismissed:
    """What a project has dismissed: weights by rule, and the words that cost nothing by rule."""

    weights: Mapping[str, float] = field(default_factory=dict)
    terms: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str]]) -> "Dismissed":
        """From (rule, term) of each dismissal; a term of "" is a dismissal of the rule."""
        terms: dict[str, list[str]] = {}
        for rule, term in rows:
            terms.setdefault(rule, []).append(term)
        return cls(
            {
                rule: weight(for_terms=sum(map(bool, said)), for_rule=said.count(""))
                for rule, said in terms.items()
            },
            {rule: frozenset(filter(None, said)) for rule, said in terms.items()},
        )

    def covers(self, rule: str, quote: str) -> bool:
        """Is a finding of the rule about words that were dismissed?"""
        return bool(quote) and term_of(quote) in self.terms.get(rule, ())


NONE = Dismissed()
