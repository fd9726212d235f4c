"""Mends of a child's text that take words away or rearrange them, and never invent any.

Each mend gets the text and the passage that a finding quotes, and returns the new text with a
sentence that says what was done; None when it cannot be mended so.
"""

import re
from collections.abc import Callable, Mapping

from runs.analyst.restate import finite
from runs.language.clauses import parse_clause
from runs.language.verbs import base_of_participle

Mended = tuple[str, str]
Mend = Callable[[str, str, str], Mended | None]
"""(text, quoted passage, how the subsystem is called) -> (new text, what was done)."""

_ABILITY = re.compile(
    r"\b(?P<modal>shall|should|must|will)\s(?P<not>not\s)?(?:be (?:able to|capable of)|have the"
    r" (?:ability|capability) to|provide the (?:ability|capability) to)\s(?P<verb>[a-z-]+)",
    re.IGNORECASE,
)
_AND_OR = re.compile(
    r"(?P<one>[\w-]+(?:\s[\w-]+)?)\s(?:and\s?/\s?or|and\s?\(or\)|or\s?/\s?and)\s(?P<two>[\w-]+)"
)
_PURPOSE = {"in order to": "to", "so as to": "to", "in order that": "so that"}


def without_passage(text: str, quote: str, name: str) -> Mended | None:
    """Take an escape clause or an open end of a list out."""
    at = text.find(quote) if quote.strip() else -1
    if at < 0:
        return None
    before, after = text[:at].rstrip(), text[at + len(quote) :].lstrip()
    if before.endswith(",") and after.startswith(","):
        before, after = before[:-1], after[1:].lstrip()
    before = before.rstrip(",") if after[:1] in ",.;:" or not after else before
    joint = "" if after[:1] in ",.;:)" or not before else " "
    new = f"{before}{joint}{after}".strip()
    new = re.sub(r"\s(?:and|or)([.;])", r"\1", new)
    if not parse_clause(new).modal or len(new.split()) < 4:
        return None
    new = new if new.endswith((".", ":", ")")) else f"{new}."
    return _capital(new), f'"{quote}" was taken out, because it lets the obligation be escaped.'


def closed_list(text: str, quote: str, name: str) -> Mended | None:
    """End an open list with what the parent names."""
    mended = without_passage(text, quote, name)
    if mended is None:
        return None
    return mended[0], f'"{quote}" was taken out: only what the parent names is required.'


def deed_for_ability(text: str, quote: str, name: str) -> Mended | None:
    """ "shall be able to record" -> "shall record"."""
    match = _ABILITY.search(text)
    if match is None:
        return None
    verb = match["verb"]
    if verb.endswith("ing"):
        verb = base_of_participle(verb[:-3] + "ed") or ""
    if not verb or verb == "be":
        return None
    new = f"{text[: match.start()]}{match['modal']} {match['not'] or ''}{verb}{text[match.end() :]}"
    return new, "The deed is asked for instead of the ability to do it."


def alternatives(text: str, quote: str, name: str) -> Mended | None:
    """ "A and/or B" -> "A, B or both"."""
    match = _AND_OR.search(text)
    if match is None:
        return None
    new = f"{text[: match.end('one')]}, {match['two']} or both{text[match.end() :]}"
    return new, '"and/or" was written out as the three cases it stands for.'


def explicit_actor(text: str, quote: str, name: str) -> Mended | None:
    """Put the subsystem in front of a sentence that does not name it."""
    clause = parse_clause(text.rstrip("."))
    if name.lower() in text.lower() or clause.modal is None or clause.actor is None:
        return None
    actor = clause.part(clause.actor)
    verb = "should" if clause.modal.word == "should" else "shall"
    deed = finite(actor, clause.part(clause.action), clause.modal.negated)
    lower = actor[0].lower() + actor[1:] if actor.startswith(("The ", "A ", "An ")) else actor
    rest = " ".join(
        [f"{name} {verb} ensure that {lower} {deed}", *(clause.part(s) for s in clause.trailing)]
    )
    if clause.conditions:
        rest = f"{clause.part(clause.conditions[0])}, {rest}"
    return f"{_capital(rest)}.", f"{_capital(name)} was named as the one that has to see to it."


def active_voice(text: str, quote: str, name: str) -> Mended | None:
    """ "The cases of X shall be sealed" -> "X shall ensure that its cases are sealed"."""
    clause = parse_clause(text.rstrip("."))
    if clause.actor is None or clause.modal is None:
        return None
    actor = clause.part(clause.actor)
    owned = re.fullmatch(rf"(?:the\s)?(?P<part>.+) of {re.escape(name)}", actor, re.IGNORECASE)
    if owned is None:
        return explicit_actor(text, quote, name)
    deed = finite(actor, clause.part(clause.action), clause.modal.negated)
    verb = "should" if clause.modal.word == "should" else "shall"
    before = text[: clause.actor.start]
    trailing = "".join(f" {clause.part(span)}" for span in clause.trailing)
    said = f"{before}{name} {verb} ensure that its {owned['part']} {deed}{trailing}"
    return f"{_capital(said)}.", f"{_capital(name)} was named as the one that has to see to it."


def shorter_purpose(text: str, quote: str, name: str) -> Mended | None:
    """ "in order to" -> "to"."""
    shorter = _PURPOSE.get(quote.lower())
    if shorter is None or quote not in text:
        return None
    return text.replace(quote, shorter, 1), f'"{quote}" was shortened to "{shorter}".'


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


MENDS: Mapping[str, Mend] = {
    "escape-clause": without_passage,
    "open-ended-list": closed_list,
    "superfluous-infinitive": deed_for_ability,
    "and-or": alternatives,
    "unnamed-subsystem": explicit_actor,
    "passive-voice": active_voice,
    "purpose-clause": shorter_purpose,
}
"""Mends by the rule whose findings they answer."""

MISSING: Mapping[str, str] = {
    "vague-term": "what can be observed instead, as a figure or a named case",
    "subjective-term": "who does which task, in what time or with how many errors",
    "superlative": "the value that is good enough",
    "comparative": "the value to compare with",
    "unquantified-performance": "a value with its unit",
    "unbounded-time": "a time or rate with its unit",
    "approximate-value": "a tolerance or range",
    "to-be-defined": "the value that is still open",
    "unmeasured-performance": "a value with its unit",
}
"""What only the stakeholders can supply, by rule."""
