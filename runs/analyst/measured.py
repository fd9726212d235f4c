"""What a trial measures or sees, named with the requirement's own nouns."""

import re

from runs.language.quantities import Quantity
from runs.language.units import Dimension
from runs.language.verbs import base_of_participle, is_base_verb, is_plural, participle

_LAST_NOUN = re.compile(
    r"\b(?:with|at|of|to)\s(?:an?|the)\s(?P<thing>(?:[a-z][\w-]*\s){0,2}(?:error|accuracy|speed"
    r"|rate|latency|delay|resolution|deviation|uncertainty|tolerance|power|pressure|force|voltage"
    r"|current|temperature|distance|depth|height|angle|frequency|load|mass|weight|noise|level))"
    r"\s(?:of\s)?$",
    re.IGNORECASE,
)
_OF_WHAT = re.compile(
    r"\sof\s(?P<thing>(?!the\b|an?\b)[a-z][\w-]*(?:\s(?!(?:on|in|at|from|to|for|over|during|while"
    r"|when|and|or|per|with)\b)[a-z][\w-]*){0,2})"
)
_BY_VERB = (("weigh", "the mass"), ("cost", "the price"), ("last", "the duration"))
_ACTION = re.compile(
    r"(?P<verb>[a-z]+)\s(?P<thing>(?:the|an?|its|every|each|all|any|both)\s"
    r"(?:(?!(?:to|from|in|on|at|for|by|with|over|into|as|outside|within|against|under|that|which"
    r"|and|or|every|when|while|clear)\b)[\w-]+\s?)+(?:of\s(?:the\s|an?\s)?[\w-]+(?:\s(?!(?:to|from|in"
    r"|on|at|for|by|with|over|into|as|and|or)\b)[\w-]+)?)?)(?P<rest>.*)$"
)
_KEPT = frozenset(["record", "log", "store", "save", "archive"])
_SEEN = frozenset(["display", "show", "present", "indicate"])
_DEADLINE = re.compile(r"\b(?:within|in|no later than|in (?:less|no more) than)\s$", re.IGNORECASE)
UNNAMED = "the value that the requirement limits"


def measured_thing(text: str, quantity: Quantity) -> str:
    """What the quantity is a value of, as a whole noun phrase; said in general if none is sure."""
    before = text[: quantity.comparator_start].rstrip(" ,;(") + " "
    named = _LAST_NOUN.search(before)
    if named:
        return f"the {named['thing']}"
    for verb, thing in _BY_VERB:
        if before.endswith(f" {verb} "):
            return thing
    if text.startswith(" to the time", quantity.end):
        return "the contribution to that time"
    if quantity.dimension is Dimension.RATE and " per " in quantity.unit_text:
        return f"the number of {quantity.unit_text}"
    if quantity.dimension is Dimension.TIME and _DEADLINE.search(text[: quantity.start]):
        return "the time until it is done"
    of_what = _OF_WHAT.match(text, quantity.end)
    if of_what:
        return f"the {of_what['thing'].strip()}"
    return UNNAMED


def circumstance(text: str, quantity: Quantity) -> str:
    """Under what is measured: "over a distance of 2 km", from its preposition on."""
    before = text[max(0, quantity.comparator_start - 60) : quantity.comparator_start]
    found = re.search(r"\b(?:over|across|under|at|in|during|after)\s(?:\S+\s){0,4}$", before)
    value = text[quantity.comparator_start : quantity.end]
    if found:
        return f"{found.group()}{value}"
    noun = re.search(r"(?P<thing>[\w-]+)\s(?:of\s)?$", before)
    return f"with {noun.group()}{value}" if noun else f"at {value}"


def observed(action: str) -> str | None:
    """The result of a deed as somebody sees it: "record the echo" -> "the record holds the echo".

    None where the sentence isn't as plain as verb, object and the rest.
    """
    match = _ACTION.fullmatch(action)
    if match is None or not is_base_verb(match["verb"]):
        return None
    verb, thing, rest = match["verb"], match["thing"].strip(), match["rest"].strip()
    if re.match(r"(?:and|or|,|every)", rest):
        return None
    behind = f" {rest}" if rest else ""
    if verb in _KEPT:
        return f"the record is found to hold {thing}{behind}"
    if verb in _SEEN:
        return f"a tester sees {thing}{behind}"
    copula = "are" if is_plural(thing) or re.match(r"(?:all|both)\s", thing) else "is"
    done = participle(verb)
    if base_of_participle(done) is None:
        return None
    return f"{thing} {copula} found to be {done}{behind}"
