"""A set that speaks with one voice: one spelling for a thing, one value for a measure."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import pairwise

from runs.language.words import content_stems
from runs.quality.amounts import Amount, quantities_of
from runs.quality.finding import Dimension, Severity
from runs.quality.lexicon import Word, word_set, words_of
from runs.quality.requirement_set import RequirementSet
from runs.quality.rules.rule import Hit, SetHit, SetRule
from runs.requests import ChildIn, Pattern

_ACRONYM = re.compile(r"(?<![\w-])[A-Z][A-Z0-9]{0,3}[A-Z](?:s)?(?![\w-])")
# Known to every reader, words that are capitals for force, and units.
_EVERYBODY = word_set(
    "USB GPS ISO IEC IEEE LED LCD PC ID UTC TCP IP UDP HTTP HTTPS XML JSON CSV PDF SQL CPU RAM ROM "
    "AC DC RF EU UK US USA CAN IO TV SMS URL API AM PM OK NOT AND OR IF ON OFF SHALL MUST ALL ANY "
    "WILL MAY TBD TBC TBR TBS TBA VDC VAC RMS HZ KHZ MHZ GHZ MB GB KB TB DB MM KM KG MS MIL STD EN "
    "DIN NO YES AS IN OF TO BY BE IS IT"
)
_PARTS = 3  # letters that each half of a compound has at least
_SHORTEST = 7  # letters of a compound: "maybe" and "any one" are other words than "may be"
# "log in" is a verb, "login" a noun: both are right.
_PARTICLES = word_set("in on off up down out over back through away time one body thing where day")


def _undefined_acronyms(requirements: RequirementSet) -> Iterator[SetHit]:
    """Each acronym of a child, once, that no parent, term or bracket explains."""
    parents = (parent.statement for parent in requirements.parents.values())
    named = (requirements.subsystem.description, requirements.subsystem.interfaces)
    known = set(_acronyms((*parents, *requirements.known_terms, *named, *_codes(requirements))))
    for child in requirements.children:
        own = {acronym for acronym in _acronyms([child.text]) if f"({acronym})" in child.text}
        known |= own
        for match in _ACRONYM.finditer(child.text):
            acronym = _singular(match.group())
            if acronym not in known and acronym not in _EVERYBODY and not child.text.isupper():
                known.add(acronym)
                yield SetHit(child=child.ref, hit=Hit(match.start(), match.end()))


def _codes(requirements: RequirementSet) -> Iterator[str]:
    """Codes of the other subsystems, which the project defines."""
    for parent in requirements.parents.values():
        yield from parent.shared_with


def _acronyms(texts: Iterable[str]) -> Iterator[str]:
    return (_singular(match.group()) for text in texts for match in _ACRONYM.finditer(text))


def _singular(acronym: str) -> str:
    return acronym.removesuffix("s")


def _inconsistent_terms(requirements: RequirementSet) -> Iterator[SetHit]:
    """The rarer spelling of a compound that the set writes as one word and as two."""
    whole: Counter[str] = Counter()
    parted: Counter[str] = Counter()
    read = [(child, words_of(child.text)) for child in requirements.children]
    for _, words in read:
        whole.update(word.lower for word in words)
        parted.update(
            one.lower + two.lower for one, two in pairwise(words) if _is_compound(one, two)
        )
    both = {
        word for word in whole.keys() & parted.keys() if len(word) >= _SHORTEST and word.isalpha()
    }
    for child, words in read if both else ():
        for word in words:
            if word.lower in both and parted[word.lower] > whole[word.lower]:
                yield _spelt(child, word.start, word.end, "two words")
        for one, two in pairwise(words):
            joined = one.lower + two.lower
            if joined in both and whole[joined] >= parted[joined]:
                yield _spelt(child, one.start, two.end, f"“{joined}”")


def _is_compound(one: Word, two: Word) -> bool:
    return min(len(one.lower), len(two.lower)) >= _PARTS and two.lower not in _PARTICLES


def _spelt(child: ChildIn, start: int, end: int, other: str) -> SetHit:
    return SetHit(child=child.ref, hit=Hit(start, end, facts=(("other", other),)))


def _contradictions(requirements: RequirementSet) -> Iterator[SetHit]:
    """Children of the same words whose quantities differ. Shares of a budget are to differ."""
    said: defaultdict[tuple[str, ...], list[tuple[ChildIn, tuple[Amount, ...]]]] = defaultdict(list)
    for child in requirements.children:
        amounts = quantities_of(child.text)
        if not amounts or child.pattern is Pattern.BUDGET:
            continue
        earlier = said[_without(child.text, amounts)]
        if earlier:
            other, others = earlier[0]
            pairs = zip(amounts, others, strict=False)
            differs = next((one for one, two in pairs if _contradicts(one, two)), None)
            if differs is not None and len(amounts) == len(others):
                text = " ".join(other.text.split())
                facts = (("amount", differs.printed), ("other", text[:120]))
                hit = Hit(differs.start, differs.end, facts=facts)
                yield SetHit(child=child.ref, hit=hit)
        else:
            earlier.append((child, amounts))


def _without(text: str, amounts: Iterable[Amount]) -> tuple[str, ...]:
    """What the text says apart from its quantities."""
    kept, position = [], 0
    for amount in amounts:
        kept.append(text[position : max(amount.start, position)])
        position = max(amount.end, position)
    return tuple(content_stems(" ".join((*kept, text[position:]))))


def _contradicts(one: Amount, two: Amount) -> bool:
    return one.kind == two.kind and one.base != two.base


_rule = partial(SetRule, dimension=Dimension.CLARITY)

SET_RULES: tuple[SetRule, ...] = (
    _rule(
        id="undefined-acronym",
        reference="GtWR R38 and R40: abbreviations are defined, and used alike",
        severity=Severity.MINOR,
        detect=_undefined_acronyms,
        message="“{passage}” is explained neither here, nor in a parent, nor as a term.",
        suggestion="Write it out once with “({passage})” behind it, or add it to the terms.",
    ),
    _rule(
        id="inconsistent-term",
        reference="GtWR R36: one term for one thing, throughout the set",
        severity=Severity.MINOR,
        detect=_inconsistent_terms,
        message="“{passage}” is written as {other} elsewhere in the set.",
        suggestion="Use one spelling throughout.",
    ),
    _rule(
        id="contradiction",
        reference="ISO/IEC/IEEE 29148 5.2.6: consistent; no requirements that conflict",
        severity=Severity.MAJOR,
        detect=_contradictions,
        message="“{amount}” contradicts another requirement that says the same: “{other}”",
        suggestion="Decide for one value, or say when each of them holds.",
    ),
)
