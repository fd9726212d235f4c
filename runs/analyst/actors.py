"""Who a sentence asks: the system as a whole, all of its parts, or one that is neither."""

import re
from collections import Counter
from collections.abc import Sequence

from runs.analyst.subsystem_terms import Terms, mention, phrase_of
from runs.language.clauses import MAX_SENTENCE, parse_clause
from runs.requests import SourceIn

_WHOLE = re.compile(
    r"(?:(?:the|this|any|each|every|a|an)\s)?(?:[\w/-]+\s){0,2}(?:system|product|software"
    r"|application|solution|platform)|(?:all|every|each|both)\s(?:[\w-]+\s){0,3}(?:sub-?systems?"
    r"|equipment|components?|units?|modules?)(?:\s(?:together|on board|in total))?",
    re.IGNORECASE,
)
_CRAFT = re.compile(
    r"(?:the|this|a|an)\s(?:[\w-]+\s){0,4}(?:vessel|ship|boat|vehicle|aircraft|spacecraft|satellite"
    r"|train|robot|machine|plant|drone|rover|car)",
    re.IGNORECASE,
)
_ALL = re.compile(r"\b(?:all|every|each|any|both)\b", re.IGNORECASE)
_ARTICLE = re.compile(r"(?:the|an?|any)\s", re.IGNORECASE)
_PEOPLE = re.compile(
    r"\b(?:it|they|users?|operators?|drivers?|administrators?|there|this|persons?|people|staff"
    r"|crews?|members?|customers?|visitors?)\b",
    re.IGNORECASE,
)
_KIND = re.compile(
    r"\b(?:sub-?system|unit|module|controller|server|station|computer|device|equipment|recorder"
    r"|gateway|terminal|assembly)s?$",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Z][\w-]*(?:\s(?:(?:and|of|for)\s)?[A-Z0-9][\w-]*)*(?:\s[a-z]+)?")


def bare(actor: str) -> str:
    return _ARTICLE.sub("", actor.strip(), count=1).strip()


def is_whole(actor: str, names: frozenset[str] = frozenset()) -> bool:
    """Whether all of the system is asked; `names` are what else the document calls it."""
    actor = actor.strip()[:120]
    return bool(_WHOLE.fullmatch(actor) or _CRAFT.fullmatch(actor) or bare(actor).lower() in names)


def is_another(actor: str, terms: Terms, names: frozenset[str] = frozenset()) -> bool:
    """Whether the sentence names one that acts, and it is neither the subsystem nor the whole.

    Only what is named like an actor counts, by a name of its own or as a unit, a controller, a
    station: "the paint" and "the log" are things that somebody has to see to.
    """
    actor = actor.strip()[:160]
    own = mention(terms, actor, phrase_of(actor)) if actor else None
    if not actor or own or is_whole(actor, names) or _ALL.search(actor) or _PEOPLE.search(actor):
        return False
    head = re.split(r"\s(?:of|for|in|on|from|to|with)\s", bare(actor), maxsplit=1)[0]
    named = _NAME.fullmatch(head) and not head.isupper() and (head != actor or " " in head)
    return bool(named or _KIND.search(head))


def common_actors(requirements: Sequence[SourceIn], terms: Sequence[Terms]) -> frozenset[str]:
    """How the document calls the system: what acts in a tenth of the statements and is no part."""
    actors: Counter[str] = Counter()
    for source in requirements:
        clause = parse_clause(source.statement[:MAX_SENTENCE])
        actor = clause.part(clause.actor)
        if 0 < len(actor) <= 40:
            actors[bare(actor).lower()] += 1
    least = max(5, len(requirements) // 10)
    return frozenset(
        actor
        for actor, count in actors.items()
        if count >= least
        and not _PEOPLE.search(actor)
        and not any(mention(each, actor, phrase_of(actor)) for each in terms)
    )
