"""Identifiers in brackets inside running text: "... shall print. [S14] The set shall ... [S15]".

They stand in front of their sentences if the text begins with one, else behind them.
"""

import re

from runs.analyst.identifiers import identifier_in_marker
from runs.language.sentences import split_sentences
from runs.language.span import Span, trimmed

_TAG = re.compile(r"(?:^|(?<=[.;:!?)])|(?<=[.;:!?)]\s)|(?<=[.;:!?)]\s\s))\[[A-Z][\w.\-]{0,20}\d\]")
_AT_END = re.compile(r"(?<=\s)\[[A-Z][\w.\-]{0,20}\d\][.;,]?\s?$")


def tagged(text: str) -> tuple[tuple[Span, str], ...]:
    """The statements of a text with the identifiers that brackets give them, "" for none.

    Empty when the text has no such identifier, or only one in front of all of it.
    """
    tags = list(_TAG.finditer(text))
    if not tags or (len(tags) == 1 and tags[0].start() == 0):
        return ()
    if tags[0].start() == 0:
        ends = [tag.start() for tag in tags[1:]] + [len(text)]
        return tuple(
            (trimmed(text, tag.end(), end), _name(tag)) for tag, end in zip(tags, ends, strict=True)
        )
    found: list[tuple[Span, str]] = []
    start = 0
    for tag in tags:
        spans = _sentences(text, start, tag.start())
        found += [(span, "") for span in spans[:-1]]
        found += [(span, _name(tag)) for span in spans[-1:]]
        start = tag.end()
    return (*found, *((span, "") for span in _sentences(text, start, len(text))))


def tag_at_end(text: str) -> str:
    """The identifier in brackets with which a text ends, "" if it doesn't."""
    match = _AT_END.search(text, max(0, len(text) - 40))
    return identifier_in_marker(match.group().strip(" .;,")) if match else ""


def _name(tag: re.Match[str]) -> str:
    return identifier_in_marker(tag.group())


def _sentences(text: str, start: int, stop: int) -> list[Span]:
    return [
        Span(start + span.start, start + span.end) for span in split_sentences(text[start:stop])
    ]
