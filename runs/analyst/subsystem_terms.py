"""By which words a specification speaks of a subsystem."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from runs.language.stem import stem
from runs.language.words import GENERIC, STOP_WORDS, words
from runs.requests import SubsystemIn
from skills.domain import DomainContent

_KIND = re.compile(
    r"\s+(?:sub-?system|system|unit|module|component|equipment|assembly|segment|element|function"
    r"|service|package)s?$",
    re.IGNORECASE,
)
_KIND_STEMS = frozenset(
    stem(word) for word in ("subsystem", "system", "unit", "module", "component", "equipment")
)


@dataclass(frozen=True, slots=True)
class Terms:
    """One subsystem's words, stemmed. Phrases are padded with spaces: " cab radio "."""

    code: str
    name: str
    phrase: str  # the name without "subsystem"
    acronym: str  # "RBC" for "Radio Block Centre"; "" for a name of one word
    heads: frozenset[str]  # the name's words that are not in every specification
    keywords: tuple[tuple[str, str], ...]  # (as entered, phrase)
    description: frozenset[str]  # words of the description that no other subsystem's has
    single: bool  # the name is one word: found anywhere, it may be an ordinary word


def phrase_of(text: str) -> str:
    """Stems of all words, each between single spaces: finding a phrase is finding a substring."""
    return f" {' '.join(stem(word.split(chr(39))[0]) for word in words(text))} "


def terms_of(subsystem: SubsystemIn, others: Sequence[SubsystemIn]) -> Terms:
    """The words that mean this subsystem and none of the others."""
    bare = _bare(subsystem.name)
    own = words(bare)
    heads = frozenset(stem(word) for word in own if word not in STOP_WORDS) - GENERIC
    rivals = {_acronym(words(_bare(other.name))) for other in others}
    acronym = _acronym(own)
    described = _described(subsystem)
    shared = Counter(each for other in others for each in _described(other))
    return Terms(
        code=subsystem.code,
        name=subsystem.name,
        phrase=phrase_of(bare),
        acronym=acronym if len(acronym) > 1 and acronym not in rivals else "",
        heads=heads,
        keywords=tuple(
            (keyword, phrase_of(keyword)) for keyword in subsystem.keywords if keyword.strip()
        ),
        description=frozenset(each for each in described if each not in shared),
        single=len(own) == 1,
    )


def _bare(name: str) -> str:
    return _KIND.sub("", name.strip()) or name.strip()


def _acronym(name: Sequence[str]) -> str:
    return "".join(word[0] for word in name if word not in STOP_WORDS).upper()


def _described(subsystem: SubsystemIn) -> set[str]:
    found = {stem(word) for word in words(subsystem.description) if word not in STOP_WORDS}
    return {each for each in found if len(each) > 2} - GENERIC


@dataclass(frozen=True, slots=True)
class Mention:
    """Where and by which words a text speaks of a subsystem."""

    words: str  # as the text or the project prints them
    exact: bool  # by its name or code, not by a keyword
    phrase: str = ""  # what was found among the stems, for a mention that is not exact


def mention(terms: Terms, text: str, phrases: str) -> Mention | None:
    """The first of code, acronym, name and keywords that `text` (stemmed: `phrases`) holds."""
    for symbol in (terms.code, terms.acronym):
        if len(symbol) > 1 and re.search(rf"(?<!\w){re.escape(symbol)}(?!\w|-\d)", text):
            return Mention(symbol, exact=True)
    if terms.phrase.strip() and terms.phrase in phrases:
        if not terms.single or _is_name(terms, text, phrases):
            return Mention(terms.name, exact=True)
        return Mention(terms.name, exact=False, phrase=terms.phrase)
    for keyword, phrase in terms.keywords:
        if phrase.strip() and phrase in phrases:
            return Mention(keyword, exact=False, phrase=phrase)
    return None


def _is_name(terms: Terms, text: str, phrases: str) -> bool:
    """A one-word name is meant if written with a capital within a sentence, or as "X subsystem"."""
    following = phrases[phrases.index(terms.phrase) + len(terms.phrase) :].split(" ", 1)[0]
    if following in _KIND_STEMS:
        return True
    word = re.escape(_KIND.sub("", terms.name.strip()))
    return bool(re.search(rf"[a-z,]\s{word}\b", text)) and terms.name[:1].isupper()


def explained_by(
    domain: DomainContent | None, everyone: Sequence[Terms]
) -> list[tuple[tuple[str, str], ...]]:
    """For each subsystem, the glossary's terms that belong to it, as keywords with their phrases.

    A term belongs to the only subsystem that its definition names ("Tow fish: the body that the
    Winch tows"). Names of subsystems and words that are somebody's keyword already are left alone.
    """
    found: list[list[tuple[str, str]]] = [[] for _ in everyone]
    taken = {phrase for terms in everyone for _, phrase in terms.keywords}
    taken |= {terms.phrase for terms in everyone}
    for term in domain.glossary if domain else ():
        phrases = phrase_of(term.definition)
        meant = []
        for index, terms in enumerate(everyone):
            named = mention(replace(terms, keywords=()), term.definition, phrases)
            if named is not None and named.exact:
                meant.append(index)
        names = [(name, phrase_of(name)) for name in (*term.names, *term.forbidden)]
        if len(meant) == 1 and not taken & {phrase for _, phrase in names}:
            found[meant[0]] += [each for each in names if each[1].strip()]
    return [tuple(each) for each in found]
