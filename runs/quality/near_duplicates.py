"""Finds statements that say nearly the same, by an index: time grows linearly with their number.

One-permutation minhashing (Li, Owen, Zhang: "One Permutation Hashing", NIPS 2012) over pairs of
neighbouring words; statements that agree in a band of the signature are compared exactly.
"""

import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

_BINS = 24
_ROWS = 2  # bins a band takes: with 12 bands, pairs of likeness 0.8 meet with 99.9 %
_COMPARED = 8  # earlier statements of a band that one is compared with: keeps the pass linear
LIKENESS = 0.8
"""Jaccard likeness of word pairs from which two statements count as nearly the same."""

Shingles = frozenset[int]
"""Pairs of neighbouring words by their CRC-32: thousands of statements are held at once."""


def shingles(words: Sequence[str]) -> Shingles:
    pairs = zip(["", *words], [*words, ""], strict=True)
    return frozenset(
        zlib.crc32(f"{first} {second}".encode("utf-8", "surrogatepass")) for first, second in pairs
    )


def near_duplicates(statements: Iterable[Sequence[str]]) -> Iterator[tuple[int, int]]:
    """(later, earlier) indices of statements, given as words, that are alike."""
    sets = [shingles(words) for words in statements]
    index: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for later, own in enumerate(sets):
        bands = _bands(own)
        seen: set[int] = set()
        match: int | None = None
        for band in bands:
            for earlier in index[band][:_COMPARED]:
                if match is None and earlier not in seen:
                    seen.add(earlier)
                    if likeness(own, sets[earlier]) >= LIKENESS:
                        match = earlier
            index[band].append(later)
        if match is not None:
            yield later, match


def likeness(one: Shingles, other: Shingles) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0


def _bands(own: Shingles) -> list[tuple[int, ...]]:
    bins: list[int] = [-1] * _BINS
    for value in own:
        place, rest = value % _BINS, value // _BINS
        if bins[place] < 0 or rest < bins[place]:
            bins[place] = rest
    filled = [value for value in bins if value >= 0]
    if not filled:
        return []
    # Empty bins borrow from the next filled one, so that short statements compare as well.
    borrowed = -1
    for place in range(2 * _BINS - 1, -1, -1):
        value = bins[place % _BINS]
        if value >= 0:
            borrowed = value
        elif place < _BINS:
            bins[place] = borrowed
    return [(at, *bins[at : at + _ROWS]) for at in range(0, _BINS, _ROWS)]
