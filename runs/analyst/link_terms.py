"""What two texts can have in common: words, pairs of words, parts of words, families, amounts.

Each kind of term has its own weight beside a plain word's 1, see `link.Tuning`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from runs.language.stem import stem
from runs.language.synonyms import FAMILIES
from runs.language.words import STOP_WORDS, identifier_parts
from runs.quality.amounts import quantities_of

PAIR, PIECE, FAMILY, AMOUNT = "+", "#", "~", "="
_TOKEN = re.compile(r"[^\W_]+(?:[_-][^\W_]+)*", re.UNICODE)
_LETTERS = 4  # of a piece
_SHORT_FORM = re.compile(r"\(([A-Z][A-Za-z]{0,6}[A-Z])\)")
_LONGEST_NAME = 90  # characters before a short form in brackets, which are looked at

Term = str
"""A stem; or, with a mark in front, another kind: "+a b" a pair, "#abcd" a piece of a word, "~add"
a family, "=time:0.5" an amount. Marks are no letters, so no word is taken for another kind."""


@dataclass(frozen=True, slots=True)
class Read:
    """The terms of one text with their counts, and how each stem is printed in it."""

    counts: Counter[Term]
    printed: Mapping[Term, str] = field(default_factory=dict)


class Reader:
    """Reads texts, given the short forms and other names that a project's words go by."""

    def __init__(
        self, texts: Iterable[str] = (), glossary: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """`glossary`: a term -> the other names that are used for it."""
        self._means: dict[str, tuple[str, ...]] = {}
        for text in texts:
            self._means.update(short_forms(text))
        self._terms = {
            _folded(name): term for term, names in (glossary or {}).items() for name in names
        }
        self._terms.pop("", None)
        names = sorted(self._terms, key=len, reverse=True)
        words = (r"[\s_-]+".join(map(re.escape, name.split())) for name in names)
        self._names = re.compile(rf"(?<!\w)({'|'.join(words)})(?:e?s)?(?!\w)", re.IGNORECASE)

    def read(self, text: str) -> Read:
        if self._terms:
            text = self._names.sub(lambda found: self._terms[_folded(found.group(1))], text)
        counts: Counter[Term] = Counter()
        printed: dict[Term, str] = {}
        before = ("", "")  # as stem and as printed
        for match in _TOKEN.finditer(text):
            token = match.group()
            parts = identifier_parts(token)
            if len(parts) > 1:
                counts[token.lower()] += 1
                printed.setdefault(token.lower(), token)
            meant = self._means.get(token, ())
            for part in (*parts, *meant):
                if part in STOP_WORDS or len(part) < 2:
                    continue
                root = stem(part)
                printed.setdefault(root, part)
                counts.update(_terms_of(root))
                if before[0]:
                    pair = PAIR + " ".join(sorted((before[0], root)))
                    counts[pair] += 1
                    printed.setdefault(pair, f"{before[1]} {part}")
                before = (root, part)
        for amount in quantities_of(text):
            term = f"{AMOUNT}{amount.kind}:{amount.base.normalize()}"
            counts[term] += 1
            printed.setdefault(term, amount.printed)
        return Read(counts, printed)


def _folded(name: str) -> str:
    return " ".join(re.split(r"[\s_-]+", name.strip())).lower()


def _terms_of(root: str) -> Iterable[Term]:
    yield root
    yield from (f"{FAMILY}{family}" for family in FAMILIES.get(root, ()))
    if len(root) > _LETTERS:
        yield from (f"{PIECE}{root[i : i + _LETTERS]}" for i in range(len(root) - _LETTERS + 1))


def short_forms(text: str) -> Mapping[str, tuple[str, ...]]:
    """The words of each short form that the text introduces: "Watchdog Timer (WDT)"."""
    found: dict[str, tuple[str, ...]] = {}
    for match in _SHORT_FORM.finditer(text):
        letters = match.group(1).lower()
        before = re.findall(
            r"[^\W\d_]+", text[max(0, match.start() - _LONGEST_NAME) : match.start()]
        )
        words = tuple(word.lower() for word in before[-len(letters) :])
        if "".join(word[0] for word in words) == letters:
            found[match.group(1)] = words
    return found


def shown(term: Term, parent: Read, child: Read) -> str:
    """A term as a person reads it; "" for pieces of words, which no one reads."""
    if term[0] == PIECE:
        return ""
    if term[0] == FAMILY:
        return _family(term[1:], parent, child)
    return child.printed.get(term) or parent.printed.get(term) or term


def _family(family: str, parent: Read, child: Read) -> str:
    """ "create ~ add" where the parent says create and its child add; "" for the same word."""
    one, other = (
        next((word for root, word in read.printed.items() if family in FAMILIES.get(root, ())), "")
        for read in (parent, child)
    )
    return f"{one} ~ {other}" if stem(one) != stem(other) else ""
