"""One requirement's text, taken apart once for all rules that read it."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from runs.language.modals import Modal, find_modals
from runs.language.quantities import Quantity, find_quantities
from runs.language.sentences import split_sentences
from runs.language.span import Span
from runs.quality.coverage import is_english
from runs.quality.lexicon import Lexicon, Word, words_of

_QUOTED = re.compile(r"\"[^\"\n]{1,80}\"|“[^“”\n]{1,80}”|`[^`\n]{1,80}`|«[^«»\n]{1,80}»")
_EMPHATIC = ("SHALL", "MUST", "SHOULD", "WILL", "MAY", "CAN")
_HYPHENS = "-‐‑"


@dataclass(frozen=True)
class Statement:
    """A requirement's text with its words, sentences and modal verbs, each found when first asked.

    `terms` are phrases that the project defines; no word inside one is judged. Without
    `heeds_context` every word of a list is reported, whatever stands beside it: only for measuring
    what context is worth.
    """

    text: str
    terms: Lexicon | None = None
    heeds_context: bool = True

    @cached_property
    def words(self) -> tuple[Word, ...]:
        return words_of(self.text)

    @cached_property
    def sentences(self) -> tuple[Span, ...]:
        return split_sentences(self.text)

    @cached_property
    def modals(self) -> tuple[Modal, ...]:
        return find_modals(self.text)

    @cached_property
    def is_english(self) -> bool:
        return is_english(self.text, self.words)

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        return find_quantities(self.text)

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """Where the quantities start, in order. Numbers that only name something are none."""
        return tuple(quantity.start for quantity in self.quantities)

    @cached_property
    def _sentence_starts(self) -> tuple[int, ...]:
        return tuple(span.start for span in self.sentences)

    @cached_property
    def _word_starts(self) -> tuple[int, ...]:
        return tuple(word.start for word in self.words)

    @cached_property
    def _quoted(self) -> tuple[Span, ...]:
        return tuple(Span(m.start(), m.end()) for m in _QUOTED.finditer(self.text))

    @cached_property
    def _defined(self) -> tuple[Span, ...]:
        return tuple(self.terms.spans(self.text, self.words)) if self.terms else ()

    @cached_property
    def _is_title(self) -> bool:
        """Capitals say nothing in a text where nearly every word has one."""
        capitals = sum(1 for word in self.words if self.text[word.start].isupper())
        return capitals * 5 > len(self.words) * 3

    def sentence_at(self, position: int) -> Span:
        index = bisect_right(self._sentence_starts, position) - 1
        return self.sentences[index] if index >= 0 else Span(0, len(self.text))

    def word_index(self, position: int) -> int:
        """The index of the last word that starts at or before `position`."""
        return bisect_right(self._word_starts, position) - 1

    def find(self, lexicon: Lexicon) -> Iterator[Span]:
        """The lexicon's matches that are ordinary words here, not parts of a name or term."""
        for span in lexicon.spans(self.text, self.words):
            if not self.in_term(span):
                yield span

    def in_term(self, span: Span) -> bool:
        """Quoted, defined, hyphenated to another word ("fast-charge"), or part of a proper name."""
        if self.is_defined(span):
            return True
        before = self.text[span.start - 1] if span.start else ""
        after = self.text[span.end : span.end + 1]
        if (before and before in _HYPHENS) or (after and after in _HYPHENS):
            return True
        return self._in_name(span)

    def is_defined(self, span: Span) -> bool:
        """Quoted, or inside a term that the project defines."""
        return _inside(span, self._quoted) or _inside(span, self._defined)

    def _in_name(self, span: Span) -> bool:
        """Capitalised within a sentence, or at its start before another: "Fast Ethernet"."""
        if not self.text[span.start].isupper() or self._is_title or self._is_emphatic(span):
            return False
        if span.start != self.sentence_at(span.start).start and not self._opens_item(span.start):
            return True
        after = self.word_index(span.start) + 1
        if after >= len(self.words):
            return False
        following = self.words[after]
        joined = following.start - span.end == 1
        return (
            joined and self.text[following.start].isupper() and following.end > following.start + 1
        )

    def _is_emphatic(self, span: Span) -> bool:
        """The "NOT" of "MUST NOT", capitals as RFC 2119 uses them."""
        before = self.words[self.word_index(span.start) - 1]
        return self.text[before.start : before.end] in _EMPHATIC and span.of(self.text).isupper()

    def _opens_item(self, position: int) -> bool:
        before = self.text[max(0, position - 4) : position].rstrip(" \t")[-1:]
        return before in ("\n", ":", ";", ".", ")", "]", "•", "-", "–")

    def has_number_near(self, span: Span, *, before: int, after: int) -> bool:
        """Does a quantity stand within so many words of the span, in the same sentence?"""
        if not self.heeds_context:
            return False
        sentence = self.sentence_at(span.start)
        first = max(self.word_index(span.start) - before, 0)
        last = min(self.word_index(max(span.end - 1, span.start)) + after, len(self.words) - 1)
        if last < 0:
            return False
        low = max(sentence.start, self.words[first].start - 2)
        high = min(sentence.end, self.words[last].end)
        return self.has_number_in(Span(low, high))

    def has_quantity_at(self, position: int) -> bool:
        """Does a quantity start here, or a sign or bracket further on?"""
        return self.has_number_in(Span(max(position - 1, 0), position + 2))

    def has_number_in(self, span: Span) -> bool:
        return bisect_left(self.numbers, span.start) < bisect_left(self.numbers, span.end)


def _inside(span: Span, passages: tuple[Span, ...]) -> bool:
    """Is the span within one of the passages, which are in order and apart?"""
    index = bisect_right(passages, span.start, key=lambda passage: passage.start) - 1
    return index >= 0 and span.end <= passages[index].end


def read_statement(text: str, terms: Iterable[str] = ()) -> Statement:
    """`terms` are phrases that the project defines: no word inside one is judged."""
    known = [term for term in terms if words_of(term)]
    return Statement(text, Lexicon(known) if known else None)
