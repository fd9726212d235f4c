"""Trace links between parents and children, recovered from their texts alone.

A link is accepted by rules that look at nothing but the two rankings it stands in and the set's own
level of likeness, so no threshold fits one pair of documents only. A text that names the identifier
of the other is linked to it, whatever else it says.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from statistics import median

from runs.analyst.likeness import TUNED, Likeness, Pair, Tuning, read_both
from runs.language.quantities import find_quantities
from runs.requests import Relationship

_SAME = 0.6
"""Cosine from which a child says the same as its parent in other words."""

_BIAS, _OF_CHILDS_BEST, _OF_PARENTS_BEST, _OF_COMMON_BEST = -3.85, 2.61, 1.34, 0.60
"""A logistic regression of "is a true link" on `Ranks.figures`, fitted by benchmarks/links.py."""

_IDENTIFIER = re.compile(r"(?=\S*\d)[A-Za-z][\w.:/-]{2,78}\w")


@dataclass(frozen=True, slots=True)
class Link:
    parent: str
    child: str
    score: float  # 0 to 1: cosine of the two texts
    relationship: Relationship
    confidence: float  # 0 to 1: how often such a pair was a true link in public sets, or the score
    words: tuple[str, ...]  # what decided, the most telling first; or the identifier that is named


def link(
    parents: Mapping[str, str],
    children: Mapping[str, str],
    glossary: Mapping[str, Sequence[str]] | None = None,
) -> list[Link]:
    """The accepted links, by parent and then by falling confidence. Keys are ids, values are texts.

    Only pairs that share a telling term are compared, through an inverted index. `glossary` has the
    other names of a term, which count as the term.
    """
    likeness = Likeness(read_both(parents, children, glossary or {}))
    ranks = Ranks(likeness.pairs())
    named = _named(parents, children)
    found = []
    for parent, child in {*ranks.accepted(), *named}:
        name = named.get((parent, child))
        score = likeness.cosine(parent, child)
        found.append(
            Link(
                parent,
                child,
                score,
                _relationship(parents[parent], children[child], score),
                1.0 if name else max(ranks.confidence(parent, child), round(score, 2)),
                (name,) if name else likeness.why(parent, child),
            )
        )
    return sorted(found, key=lambda one: (one.parent, -one.confidence, -one.score, one.child))


class Ranks:
    """Where each pair stands among those of its parent, of its child, and of the set."""

    def __init__(self, scores: Mapping[Pair, float], tuning: Tuning = TUNED) -> None:
        self._scores = scores
        self._tuning = tuning
        self._of_parent: dict[str, float] = {}
        self._of_child: dict[str, float] = {}
        for (parent, child), score in scores.items():
            self._of_parent[parent] = max(self._of_parent.get(parent, 0.0), score)
            self._of_child[child] = max(self._of_child.get(child, 0.0), score)
        self._common = median(self._of_child.values()) if self._of_child else 0.0

    def accepted(self) -> list[Pair]:
        """For every child the parent it is most like, and those that come close to it; and for
        every parent the child most like it, if that child has none that is much nearer."""
        least = min(self._tuning.least * self._common, self._tuning.enough)
        return [
            pair
            for pair, score in self._scores.items()
            if score > 0 and score >= least and self._is_near(pair, score)
        ]

    def _is_near(self, pair: Pair, score: float) -> bool:
        parent, child = pair
        first = score >= self._of_parent[parent]
        near = self._tuning.near_for_best_child if first else self._tuning.near_best
        return score >= near * self._of_child[child]

    def figures(self, parent: str, child: str) -> tuple[float, float, float]:
        """The pair's score beside its child's best, its parent's best, and the common best."""
        score = self._scores[parent, child]
        return (
            score / (self._of_child[child] or 1.0),
            score / (self._of_parent[parent] or 1.0),
            math.log(score / (self._common or 1.0) + 0.05),
        )

    def confidence(self, parent: str, child: str) -> float:
        """How often a pair with these figures was a true link, rounded."""
        childs, parents, common = self.figures(parent, child)
        total = _OF_CHILDS_BEST * childs + _OF_PARENTS_BEST * parents + _OF_COMMON_BEST * common
        return round(1 / (1 + math.exp(-(_BIAS + total))), 2)


def _named(parents: Mapping[str, str], children: Mapping[str, str]) -> dict[Pair, str]:
    """Pairs of which one names the other's identifier, and that identifier."""
    found: dict[Pair, str] = {}
    for texts, others, of_children in ((children, parents, True), (parents, children, False)):
        ids = {key for key in others if _IDENTIFIER.fullmatch(key)}
        for key, text in texts.items():
            printed = {match.group().rstrip(".:/-") for match in _IDENTIFIER.finditer(text)}
            for name in printed & ids:
                found[(name, key) if of_children else (key, name)] = name
    return found


@lru_cache(maxsize=4096)
def _amounts(text: str) -> frozenset[tuple[str, Decimal]]:
    return frozenset((q.unit.symbol, q.value) for q in find_quantities(text) if q.unit)


def _relationship(parent: str, child: str, score: float) -> Relationship:
    """Derived if it states less of the parent's quantity, refined if it says the same."""
    whole, part = _amounts(parent), _amounts(child)
    for unit, value in part - whole:
        if any(unit == symbol and value < total for symbol, total in whole):
            return Relationship.DERIVES
    return Relationship.REFINES if score >= _SAME else Relationship.DECOMPOSES
