"""Where the sentences of a specification begin and end.

Specifications are full of dots that end nothing: "e.g.", "99.9 %", "Fig. 3", "3.2.1", "a.". And
full of sentences that end without one: a mark such as "(M)" may close the sentence instead.
"""

import re
from collections.abc import Iterator

from runs.language.span import Span, trimmed

# A run of end marks with the quotes that close behind it; the look-behind lets only the first
# mark of a run start a match, so that "......" costs no more than its length.
_END = re.compile(r"(?<![.!?])[.!?]++[\"'”’»\])]*+(?=[\s(]|$)")
_OBLIGATION_MARK = re.compile(r"\s?\s?\([A-Z]{1,3}\)")
_LAST_WORD = re.compile(r"[^\s(\[\"“'‘]{1,30}$")
_REFERENCE_NEXT = re.compile(r"\s{0,3}[\d(\[#<]|\s{0,3}[A-Z]\d|\s{0,3}[IVX]{1,5}\b")
_SENTENCE_OPENER = re.compile(
    r"\s{0,3}(?:The|A|An|It|This|That|These|Those|If|When|Where|While|In|For|Each|All|Any|No)\b"
)
_ENUMERATOR = re.compile(r"[(\[]?(?:[A-Za-z]|[ivxIVX]{1,5}|\d{1,3}(?:\.\d{1,3}){0,6})[)\]]?\.?")
_BLANK_LINE = re.compile(r"\n[ \t]*+\n")

_GO_ON = "e.g eg i.e ie viz vs cf mr mrs dr prof approx resp ca incl excl st dept est"
_NUMBERED = (
    "fig figs no nos sec sect ref refs para paras ch chap vol art p pp tab tbl eq eqn app max min "
    "rev ver req reqs vers item"
)

NEVER_ENDS = frozenset(_GO_ON.split())
"""Abbreviations after which a sentence always goes on."""

ENDS_UNLESS_NUMBERED = frozenset(_NUMBERED.split())
"""Abbreviations that stand before a number, but are words or units of their own without one."""


def split_sentences(text: str) -> tuple[Span, ...]:
    """The sentences of `text` in order, without white space at their edges.

    Time grows linearly with the text. A blank line always ends a sentence, a single line break
    never does. A mark such as "(M)" behind the full stop belongs to the sentence it marks.
    """
    sentences: list[Span] = []
    start = 0
    for part in _BLANK_LINE.finditer(text):
        sentences.extend(_in_paragraph(text, start, part.start()))
        start = part.end()
    sentences.extend(_in_paragraph(text, start, len(text)))
    return tuple(sentences)


def _in_paragraph(text: str, start: int, stop: int) -> Iterator[Span]:
    for match in _END.finditer(text, start, stop):
        if match.start() < start or not _is_end(text, start, match, stop):
            continue
        end = match.end()
        mark = _OBLIGATION_MARK.match(text, end, stop)
        if mark:
            end = mark.end()
        span = trimmed(text, start, end)
        if span.end > span.start:
            yield span
        start = end
    span = trimmed(text, start, stop)
    if span.end > span.start:
        yield span


def _is_end(text: str, start: int, match: re.Match[str], stop: int) -> bool:
    if match.group()[0] != ".":
        return True
    before = _LAST_WORD.search(text, max(start, match.start() - 30), match.start())
    word = before.group().lower() if before else ""
    following = text[match.end() : min(stop, match.end() + 12)]
    if word in NEVER_ENDS or _goes_on(following):
        return False
    if word in ENDS_UNLESS_NUMBERED:
        return not _REFERENCE_NEXT.match(following)
    if _is_initial(before.group() if before else "") and not _SENTENCE_OPENER.match(following):
        return not following.strip()
    if match.start() - start > 24:
        return True
    return not _ENUMERATOR.fullmatch(text[start : match.end()].strip())


def _goes_on(following: str) -> bool:
    """A small letter behind the dot continues the sentence, so does a list's comma."""
    rest = following.lstrip()
    if rest.startswith("(") and not _OBLIGATION_MARK.match(following):
        rest = rest[1:]
    return bool(rest) and (rest[0].islower() or rest[0] in ",;:")


def _is_initial(word: str) -> bool:
    return len(word) == 1 and word.isupper()
