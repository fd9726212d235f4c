"""How alike parents and children are: cosines of weighted terms, through an inverted index."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runs.analyst.link_terms import FAMILY, PAIR, PIECE, Read, Reader, Term, shown

Pair = tuple[str, str]  # parent, child
Vector = Mapping[Term, float]

_FINDS = 100
"""A term that more parents hold than this finds no candidates; it weighs those that others find."""

_CANDIDATES = 40  # parents of a child that are compared in full
_SHOWN = 5  # words that decided


@dataclass(frozen=True, slots=True)
class Tuning:
    """The numbers of the method, chosen on public sets: benchmarks/links.py tells how."""

    common: float = 0.5
    """Terms in more than this share of all texts link nothing, and are left out of the index."""
    pair: float = 0.7
    """What two neighbouring words weigh, beside 1 for a word."""
    piece: float = 0.4
    """What four letters of a word weigh: forms that stemming does not bring together."""
    family: float = 0.5
    """What a family of near synonyms weighs."""
    of_parents: float = 0.85
    """How much of a weight comes from a term's rareness among the parents; the rest: children."""
    pivot: float = 0.2
    """How far a text's length counts as the mean one, so that short texts are not alike by chance
    (A. Singhal et al., "Pivoted document length normalization", SIGIR 1996)."""
    near_best: float = 0.9
    """A child belongs to the parent it is most like, and to others that are nearly as like it."""
    near_for_best_child: float = 0.5
    """How near that parent must come for the one child that is most like it of all."""
    least: float = 0.45
    """Below this share of what children commonly reach with their best parent, there is no link."""
    enough: float = 0.12
    """From this likeness on, two texts share more than chance words, whatever others reach."""


TUNED = Tuning()


@dataclass(frozen=True, slots=True)
class Reads:
    """Both sides, read once."""

    parents: Mapping[str, Read]
    children: Mapping[str, Read]


def read_both(
    parents: Mapping[str, str],
    children: Mapping[str, str],
    glossary: Mapping[str, Sequence[str]],
) -> Reads:
    reader = Reader([*parents.values(), *children.values()], glossary)
    return Reads(
        {key: reader.read(text) for key, text in parents.items()},
        {key: reader.read(text) for key, text in children.items()},
    )


class Likeness:
    """Cosines of the pairs that share a telling term."""

    def __init__(self, reads: Reads, tuning: Tuning = TUNED) -> None:
        self._reads = reads
        weights = _weights(list(reads.parents.values()), list(reads.children.values()), tuning)
        self._parents, self._children = (
            {key: _vector(read, weights) for key, read in side.items()}
            for side in (reads.parents, reads.children)
        )
        self._lengths = [
            {key: _length(vector) for key, vector in side.items()}
            for side in (self._parents, self._children)
        ]
        lengths = [length for side in self._lengths for length in side.values()]
        self._mean = math.fsum(lengths) / len(lengths) if lengths else 0.0
        self._pivot = tuning.pivot

    def pairs(self) -> dict[Pair, float]:
        """Likeness with pivoted lengths, for comparing pairs with one another; may exceed 1."""
        of_parents, of_children = (
            {key: self._pivoted(length) for key, length in side.items()} for side in self._lengths
        )
        index: defaultdict[Term, list[tuple[str, float]]] = defaultdict(list)
        for key, vector in self._parents.items():
            for term, weight in vector.items():
                index[term].append((key, weight / of_parents[key]))
        return {
            (parent, child): score / of_children[child]
            for child, vector in self._children.items()
            for parent, score in self._compared(vector, index, of_parents).items()
        }

    def _pivoted(self, length: float) -> float:
        return (1 - self._pivot) * length + self._pivot * self._mean

    def _compared(
        self,
        child: Vector,
        index: Mapping[Term, Sequence[tuple[str, float]]],
        lengths: Mapping[str, float],
    ) -> Mapping[str, float]:
        """The parents that share a telling term with the child, and how alike they are."""
        sums: defaultdict[str, float] = defaultdict(float)
        frequent: list[Term] = []
        for term, weight in child.items():
            holding = index.get(term, ())
            if len(holding) > _FINDS:
                frequent.append(term)
                continue
            for parent, other in holding:
                sums[parent] += weight * other
        if not frequent:
            return sums
        best = sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:_CANDIDATES]
        return {
            parent: score
            + math.fsum(child[term] * self._parents[parent].get(term, 0.0) for term in frequent)
            / lengths[parent]
            for parent, score in best
        }

    def cosine(self, parent: str, child: str) -> float:
        """0 to 1, rounded; 1 for texts that say the same in the same words."""
        one, other = self._parents[parent], self._children[child]
        product = math.fsum(weight * other.get(term, 0.0) for term, weight in one.items())
        lengths = self._lengths[0][parent] * self._lengths[1][child]
        return round(min(product / lengths, 1.0), 4) if lengths else 0.0

    def why(self, parent: str, child: str) -> tuple[str, ...]:
        """The words that both say and that made them alike, the most telling first."""
        one, other = self._parents[parent], self._children[child]
        common = sorted(
            one.keys() & other.keys(), key=lambda term: (-one[term] * other[term], term)
        )
        reads = self._reads.parents[parent], self._reads.children[child]
        words = dict.fromkeys(filter(None, (shown(term, *reads) for term in common)))
        return tuple(words)[:_SHOWN]


def _weights(
    parents: Sequence[Read], children: Sequence[Read], tuning: Tuning
) -> dict[Term, float]:
    """Robertson and Sparck Jones' weight, as BM25 uses it, never negative; of either side.

    What is rare among the parents tells more, because it is a child that looks for its parents.
    """
    of_kind = {PAIR: tuning.pair, PIECE: tuning.piece, FAMILY: tuning.family}
    of_parents, of_children = (
        Counter(term for read in side for term in read.counts) for side in (parents, children)
    )
    most = max(2, (len(parents) + len(children)) * tuning.common)
    return {
        term: of_kind.get(term[0], 1.0)
        * (
            tuning.of_parents * _rareness(of_parents[term], len(parents))
            + (1 - tuning.of_parents) * _rareness(of_children[term], len(children))
        )
        for term in of_parents.keys() | of_children.keys()
        if of_parents[term] + of_children[term] <= most
    }


def _rareness(holding: int, count: int) -> float:
    return math.log(1 + (count - holding + 0.5) / (holding + 0.5))


def _vector(read: Read, weights: Vector) -> Vector:
    return {term: count * weights[term] for term, count in read.counts.items() if term in weights}


def _length(vector: Vector) -> float:
    return math.sqrt(math.fsum(weight * weight for weight in vector.values()))
