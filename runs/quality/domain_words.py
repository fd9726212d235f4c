"""The names that a domain forbids, found in a text and put right."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from runs.language.span import Span
from runs.quality.lexicon import Lexicon, words_of
from skills.domain import DomainContent
from skills.domain.content import folded

_ARTICLE = re.compile(r"(?<!\w)(an?|An?)\s+$")


@dataclass(frozen=True, slots=True)
class Instead:
    """What to write in the place of a passage."""

    span: Span
    term: str
    word: str  # the term as it stands there: with a capital, in the plural


@lru_cache(maxsize=16)
def _lexicon(domain: DomainContent) -> tuple[Lexicon | None, dict[str, tuple[str, str]]]:
    """All names of the glossary, and for each forbidden one (folded) its term and what to write."""
    instead: dict[str, tuple[str, str]] = {}
    for term in domain.glossary:
        for name in term.forbidden:
            instead[folded(name)] = (term.name, term.name)
            plural = term.name if term.name.endswith("s") else f"{term.name}s"
            instead.setdefault(folded(f"{name}s"), (term.name, plural))
    allowed = [name for term in domain.glossary for name in term.names]
    for name in allowed:
        instead.pop(folded(name), None)
    known = [name for name in (*allowed, *instead) if words_of(name)]
    return Lexicon([name.lower() for name in known]) if known else None, instead


@lru_cache(maxsize=16)
def own_names(domain: DomainContent) -> Lexicon | None:
    """All names of the glossary, those that it forbids as well; None if it has none."""
    names = [name for term in domain.glossary for name in (*term.names, *term.forbidden)]
    known = [name.lower() for name in names if words_of(name)]
    return Lexicon(known) if known else None


def forbidden_in(domain: DomainContent, text: str) -> Iterator[Instead]:
    """Each passage that names a term wrongly. An allowed name wins over a forbidden one in it."""
    lexicon, instead = _lexicon(domain)
    if lexicon is None or not instead:
        return
    for span in lexicon.spans(text, words_of(text)):
        printed = span.of(text)
        term, word = instead.get(folded(printed), ("", ""))
        if term:
            starts = printed[:1].isupper() and not printed.isupper()
            yield Instead(span, term, word[:1].upper() + word[1:] if starts else word)


def _with_article(before: str, word: str) -> str:
    """What stands before the word, with the article that its first letter asks for."""
    match = _ARTICLE.search(before)
    if match is None or word[:2].isupper():  # how a short form is spoken is not known here
        return before
    article = match.group(1)[0] + ("n" if word[:1].lower() in "aeiou" else "")
    return before[: match.start(1)] + article + before[match.end(1) :]


def in_own_words(domain: DomainContent, text: str) -> str:
    """The text with the domain's terms in the place of names that it forbids."""
    parts: list[str] = []
    position = 0
    for found in forbidden_in(domain, text):
        before = text[position : found.span.start]
        parts += [_with_article(before, found.word), found.word]
        position = found.span.end
    return "".join([*parts, text[position:]])
