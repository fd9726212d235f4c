"""What a subsystem owes to the one that acts when a sentence names it only as source or receiver.

"The Valve Unit shall close within 2 s of a command from Navigation" asks nothing of Navigation but
the command; the 2 s bind the Valve Unit.
"""

import re

from runs.analyst.exchange import find_exchange, other_side
from runs.analyst.statement import lowered
from runs.analyst.subsystem_terms import Terms, mention, phrase_of
from runs.language.clauses import Clause
from runs.language.conjuncts import split_actions
from runs.language.verbs import third_person

_SAID = (
    r"(?:commands?|requests?|orders?|signals?|messages?|alarms?|reports?|instructions?|warnings?"
    r"|notifications?|triggers?|readings?|values?|data|demands?|states?|status|inputs?|outputs?)"
)
_NOUN = re.compile(
    rf"\b(?:(?:an?|the|any|each|every)\s)?(?P<thing>(?:(?!of\b|from\b|to\b|by\b|an?\b|the\b)"
    rf"[\w-]+\s){{0,3}}?{_SAID})\s(?P<direction>from|to|by)\s(?P<parties>[^,;.]{{2,160}})",
    re.IGNORECASE,
)
_GIVEN = "send issue report provide transmit command request deliver forward publish"
_VERBS = {third_person(verb): verb for verb in _GIVEN.split()}
_TOLD = re.compile(
    rf"(?P<who>[^,;.]{{2,80}}?)\s(?P<verb>{'|'.join(_VERBS)})\s(?P<thing>[^,;.]{{2,160}})",
    re.IGNORECASE,
)
_CAUSED = re.compile(
    rf"(?P<thing>(?:an?|the|any|each|every)\s(?:[\w-]+\s){{0,3}}?{_SAID})\s(?:that|which)\s"
    rf"(?P<who>[^,;.]{{2,80}}?)\s(?P<verb>{'|'.join(_VERBS)})\b",
    re.IGNORECASE,
)


def duty_to_actor(clause: Clause, terms: Terms, *, whole: bool = False) -> str | None:
    """This side's part of an exchange with the sentence's actor, as an action; None if none shows.

    `whole`: the actor is the system itself, to which nothing is sent.
    """
    action = clause.part(clause.action)
    for span in split_actions(action).parts:
        exchange = find_exchange(span.of(action))
        duty = None if whole or exchange is None else other_side(exchange, clause, terms)
        if duty is not None:
            return duty
    partner = lowered(clause.part(clause.actor))
    to, source = ("", "") if whole else (f" to {partner}", f" from {partner}")
    told = _told(clause, terms, to)
    if told is not None:
        return told
    for match in _NOUN.finditer(clause.text):
        if _means(terms, f"by {match['parties']}"):
            thing = f"the {match['thing']}"
            giving = match["direction"].lower() != "to"
            return f"provide {thing}{to}" if giving else f"accept {thing}{source}"
    return None


def _told(clause: Clause, terms: Terms, to: str) -> str | None:
    """ "when Navigation reports an obstacle", "the command that Navigation sends"."""
    caused = _CAUSED.search(clause.text)
    if caused and _means(terms, f"that {caused['who']}"):
        return f"{_VERBS[caused['verb'].lower()]} {caused['thing']}{to}"
    for span in (*clause.conditions, *clause.trailing):
        told = _TOLD.match(clause.part(span))
        if told and _means(terms, told["who"]):
            thing = re.sub(r"\sto\s(?:the|an?)\s.*$", "", told["thing"])
            return f"{_VERBS[told['verb'].lower()]} {thing}{to}"
    return None


def _means(terms: Terms, text: str) -> bool:
    found = mention(terms, text, phrase_of(text))
    return bool(found and found.exact)
