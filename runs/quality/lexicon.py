"""Finds a list of words and phrases in a text, by whole words, in one pass."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from runs.language.span import Span

_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")


@dataclass(frozen=True, slots=True)
class Word:
    lower: str
    start: int
    end: int


def words_of(text: str) -> tuple[Word, ...]:
    """The words and numbers of a text with their places; "user-friendly" is two words."""
    return tuple(
        Word(m.group().lower().replace("’", "'"), m.start(), m.end()) for m in _WORD.finditer(text)
    )


def word_set(words: str) -> frozenset[str]:
    """ "some words" as a set of them."""
    return frozenset(words.split())


class Lexicon:
    """Words and phrases in lower case; the longest phrase that fits at a place wins.

    Words of a phrase may be parted by white space, a hyphen, a comma or (as in "e.g.") a full stop
    without a space after it: never by the end of a sentence.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self.phrases = tuple(sorted(set(phrases)))
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for phrase in self.phrases:
            words = tuple(word.lower for word in words_of(phrase))
            self._by_first.setdefault(words[0], []).append(words)
        for candidates in self._by_first.values():
            candidates.sort(key=len, reverse=True)

    def find(self, text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
        """(first, last) indices into `words` of each match, left to right, never overlapping."""
        by_first = self._by_first
        resume_at = 0
        for index, word in enumerate(words):
            candidates = by_first.get(word.lower)
            if candidates is None or index < resume_at:
                continue
            for phrase in candidates:
                if self._stands_at(phrase, index, text, words):
                    resume_at = index + len(phrase)
                    yield index, resume_at - 1
                    break

    def spans(self, text: str, words: Sequence[Word]) -> Iterator[Span]:
        for first, last in self.find(text, words):
            yield Span(words[first].start, words[last].end)

    @staticmethod
    def _stands_at(phrase: tuple[str, ...], index: int, text: str, words: Sequence[Word]) -> bool:
        if index + len(phrase) > len(words):
            return False
        for offset in range(1, len(phrase)):
            word = words[index + offset]
            if word.lower != phrase[offset]:
                return False
            if not _joins(text[words[index + offset - 1].end : word.start]):
                return False
        return True


def _joins(gap: str) -> bool:
    return gap == " " or gap == "." or not gap.strip(" \t\r\n\f\v\u00a0-‐‑,")
