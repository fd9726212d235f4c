"""Exchanges between two parties: who gives what to whom, and what the other side has to do."""

import re
from dataclasses import dataclass

from runs.analyst.statement import lowered
from runs.analyst.subsystem_terms import Terms, mention, phrase_of
from runs.language.clauses import Clause

_GIVES = re.compile(
    r"(?P<verb>provide|send|transmit|deliver|forward|report|pass|supply|transfer|output|issue"
    r"|publish|return|export|communicate|relay|indicate|present)\s(?P<thing>.{2,400}?)\sto\s"
    r"(?P<party>(?:the|an?|all|any|each|external|other)?\s?.{2,80}?)"
    r"(?P<rest>(?:\s(?:over|via|through|by|in|on|within|at|using|with|every|as|for)\s.*)?)$",
    re.IGNORECASE,
)
_TAKES = re.compile(
    r"(?P<verb>receive|accept|obtain|fetch|read|collect|acquire|import|retrieve|request)\s"
    r"(?P<thing>.{2,400}?)\sfrom\s(?P<party>.{2,80}?)"
    r"(?P<rest>(?:\s(?:over|via|through|by|in|on|within|at|using|with|every|as|for)\s.*)?)$",
    re.IGNORECASE,
)
_EXCHANGES = re.compile(
    r"(?P<verb>exchange|share|interface|communicate|interoperate)\s(?P<thing>.{0,400}?)\s?with\s"
    r"(?P<party>.{2,80}?)"
    r"(?P<rest>(?:\s(?:over|via|through|by|in|on|within|at|using|every|as|for)\s.*)?)$",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"\b(?:that|which|who|whose|it|its)\b")


@dataclass(frozen=True, slots=True)
class Exchange:
    """ "send `thing` to `party` `rest`", as printed in the parent."""

    verb: str
    thing: str
    party: str
    rest: str  # "over Ethernet", with its space in front, or ""
    direction: str  # "to", "from" or "with", seen from the actor


def _explicit(thing: str, actor: str) -> str:
    """ "it" and "its" meant the sender, who is no longer the subject: name it."""
    thing = re.sub(r"\bits\b", f"{actor}'s", thing)
    return re.sub(r"\bit\b", actor, thing)


def find_exchange(action: str) -> Exchange | None:
    """The exchange that an action is, None when it is none."""
    for pattern, direction in ((_GIVES, "to"), (_TAKES, "from"), (_EXCHANGES, "with")):
        match = pattern.match(action[:800])
        if match:
            rest = match["rest"].rstrip()
            return Exchange(
                match["verb"].lower(), match["thing"], match["party"].strip(), rest, direction
            )
    return None


def other_side(exchange: Exchange, clause: Clause, terms: Terms) -> str | None:
    """What the subsystem has to do if it is the exchange's other party; None if it is not.

    "send X to Y over Z" leaves Y with "accept X from <actor> over Z".
    """
    found = mention(terms, exchange.party, phrase_of(exchange.party))
    if found is None or not found.exact:
        return None
    actor = clause.part(clause.actor)
    actor = lowered(actor)
    if exchange.direction == "to" and _RELATIVE.search(exchange.thing):
        # Behind the relative clause, "from" would seem to belong to it.
        return f"accept from {actor}{exchange.rest} {_explicit(exchange.thing, actor)}"
    if exchange.direction == "to":
        return f"accept {exchange.thing} from {actor}{exchange.rest}"
    if exchange.direction == "from":
        return f"provide {exchange.thing} to {actor}{exchange.rest}"
    thing = f"{exchange.thing} " if exchange.thing else ""
    return f"{exchange.verb} {thing}with {actor}{exchange.rest}"
