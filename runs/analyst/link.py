"""Trace links between parents and children, recovered from their texts alone.

Texts are compared by the cosine of their TF-IDF weights over stems, the parts of compound
identifiers, and quantities. A link is accepted by rules that look at nothing but the two rankings
it stands in, so there is no threshold that fits one pair of documents only.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from runs.language.quantities import find_quantities
from runs.language.stem import stem
from runs.language.words import STOP_WORDS, identifier_parts
from runs.requests import Relationship

_TOKEN = re.compile(r"[^\W_]+(?:[_-][^\W_]+)*", re.UNICODE)
_COMMON = 0.5
"""Terms in more than this share of all texts link nothing, and are left out of the index."""

_LEAST = 0.12
"""Cosine below which two texts share nothing but chance words."""

_NEAR_BEST = 0.9
"""A child belongs to its most similar parent, and to others only if they are nearly as similar."""

_SAME = 0.6
"""Cosine from which a child says the same as its parent in other words."""


@dataclass(frozen=True, slots=True)
class Link:
    parent: str
    child: str
    score: float  # 0 to 1: cosine of the two texts
    relationship: Relationship


def link(parents: Mapping[str, str], children: Mapping[str, str]) -> list[Link]:
    """The accepted links, by parent and then by falling score. Keys are ids, values are texts.

    Only pairs that share a telling term are compared, through an inverted index.
    """
    scores = _Similarity(parents, children).pairs()
    accepted = _accepted(scores)
    return [
        Link(
            parent,
            child,
            round(min(score, 1.0), 4),
            _relationship(parents[parent], children[child], score),
        )
        for parent, child, score in sorted(accepted, key=lambda one: (one[0], -one[2], one[1]))
    ]


def terms_in(text: str) -> list[str]:
    """Stems of a text's words; of compound names both the whole and its parts."""
    found: list[str] = []
    for match in _TOKEN.finditer(text):
        token = match.group()
        parts = identifier_parts(token)
        if len(parts) > 1:
            found.append(token.lower())
        found.extend(stem(part) for part in parts if part not in STOP_WORDS and len(part) > 1)
    return found


class _Similarity:
    """Cosine similarities of all pairs that share a term."""

    def __init__(self, parents: Mapping[str, str], children: Mapping[str, str]) -> None:
        bags = {
            **{("p", key): Counter(terms_in(text)) for key, text in parents.items()},
            **{("c", key): Counter(terms_in(text)) for key, text in children.items()},
        }
        documents = Counter(term for bag in bags.values() for term in bag)
        count = len(bags)
        self._idf = {
            # Robertson and Sparck Jones' weight, as BM25 uses it; never negative.
            term: math.log(1 + (count - frequency + 0.5) / (frequency + 0.5))
            for term, frequency in documents.items()
            if frequency <= max(2, count * _COMMON)
        }
        self._parents = {key: self._vector(bags["p", key]) for key in parents}
        self._children = {key: self._vector(bags["c", key]) for key in children}

    def _vector(self, bag: Mapping[str, int]) -> dict[str, float]:
        vector = {
            term: (1 + math.log(count)) * self._idf[term]
            for term, count in bag.items()
            if term in self._idf
        }
        norm = math.sqrt(math.fsum(weight * weight for weight in vector.values()))
        return {term: weight / norm for term, weight in vector.items()} if norm else {}

    def pairs(self) -> dict[tuple[str, str], float]:
        index: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
        for key, vector in self._children.items():
            for term, weight in vector.items():
                index[term].append((key, weight))
        scores: dict[tuple[str, str], float] = {}
        for parent, vector in self._parents.items():
            sums: defaultdict[str, float] = defaultdict(float)
            for term, weight in vector.items():
                for child, other in index.get(term, ()):
                    sums[child] += weight * other
            scores.update({(parent, child): score for child, score in sums.items()})
        return scores


def _accepted(scores: Mapping[tuple[str, str], float]) -> Iterable[tuple[str, str, float]]:
    """For every child the parent it is most like, and those that come close to it."""
    best: defaultdict[str, float] = defaultdict(float)
    for (_, child), score in scores.items():
        best[child] = max(best[child], score)
    for (parent, child), score in scores.items():
        if score >= _LEAST and score >= _NEAR_BEST * best[child]:
            yield parent, child, score


def _relationship(parent: str, child: str, score: float) -> Relationship:
    """Derived if it states less of the parent's quantity, refined if it says the same."""
    whole = {(q.unit.symbol, q.value) for q in find_quantities(parent) if q.unit}
    part = {(q.unit.symbol, q.value) for q in find_quantities(child) if q.unit}
    for unit, value in part - whole:
        if any(unit == symbol and value < total for symbol, total in whole):
            return Relationship.DERIVES
    return Relationship.REFINES if score >= _SAME else Relationship.DECOMPOSES
