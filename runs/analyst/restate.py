"""A parent's sentence said for one subsystem: same conditions, same action, same numbers.

Nothing is added but the subsystem's name. The modal verb keeps its strength: "should" stays
"should", and what the parent only allows stays allowed.
"""

import re
from dataclasses import dataclass, replace

from runs.analyst.actors import bare, is_whole
from runs.analyst.statement import lowered
from runs.analyst.subsystem_terms import Terms, mention, phrase_of
from runs.language.clauses import Clause, parse_clause
from runs.language.conjuncts import split_things
from runs.language.modals import Modal, Strength
from runs.language.verbs import base_of_participle, is_base_verb, is_plural, third_person
from runs.requests import SubsystemIn

_KIND = re.compile(r"\s(?:sub-?system|system|unit|module|component|equipment)$", re.IGNORECASE)
_PEOPLE = re.compile(
    r"\b(?:users?|operators?|drivers?|administrators?|persons?|people|staff|customers?|members?"
    r"|controllers?|managers?|visitors?|clients?|students?|he|she|someone|anyone|nobody)$",
    re.IGNORECASE,
)
_OF_ALL = re.compile(
    r"\b(?:all|every|each|any)(?:\sof)?(?:\sthe)?(?:\s\w+)?\s(?:sub-?systems?|components?|units?)\b"
    r"|\bthe (?:system|product|software|application|solution)$",
    re.IGNORECASE,
)
_MEASURE = re.compile(
    r"\b(?:latency|time|delay|duration|mass|weight|power|consumption|energy|errors?|budget|cost"
    r"|deviation|uncertainty|memory|storage|size|current)\b",
    re.IGNORECASE,
)
_ADVERB = re.compile(r"(?:also|always|automatically|immediately|only|then|both|[a-z]{3,20}ly)\s")
_BE_DONE = re.compile(r"be\s(?P<adverb>(?:\w{3,20}ly\s)?)(?P<verb>[a-z-]{3,24})\b")
_BY_AGENT = re.compile(r"\bby\s(?:the|an?|any|all|each|its|their|[A-Z])", re.IGNORECASE)
_STATES = (
    "design develop paint protect make mount build base define specify construct document house "
    "write install manufacture position equip fit implement power require connect allow permit "
    "consider expect intend limit dedicate compose divide derive relate associate involve "
    "program locate concern restrict approve certify use"
)
_DESIGNED = frozenset(_STATES.split())
"""Participles that speak of a state or of the engineers' work, not of a deed of the subsystem."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How sentences speak of the subsystem."""

    subsystem: SubsystemIn
    terms: Terms
    called: str  # "Navigation subsystem", "Cab radio"
    wholes: frozenset[str] = frozenset()  # what else the document calls the whole system

    @property
    def name(self) -> str:
        return f"the {self.called}"


def voice_of(
    subsystem: SubsystemIn, terms: Terms, statements: str, wholes: frozenset[str] = frozenset()
) -> Voice:
    """Speak of the subsystem as the parents do: "the Navigation subsystem" if they say so."""
    name = re.sub(r"^the\s", "", subsystem.name.strip(), flags=re.IGNORECASE) or subsystem.code
    longer = f"{name} subsystem"
    called = longer if not _KIND.search(name) and longer in statements else name
    return Voice(subsystem, terms, called, wholes)


def modal_word(modal: Modal | None) -> str:
    """The modal verb to write: binding ones become "shall", weaker ones stay as they are."""
    if modal is None or modal.strength in (Strength.BINDING, Strength.DECLARED):
        return "shall"
    if modal.strength is Strength.RECOMMENDED:
        return "should"
    return modal.word


def acts_itself(actor: str, voice: Voice) -> bool:
    """Whether the parent's actor is the subsystem by name or code."""
    found = mention(voice.terms, actor, phrase_of(actor))
    return bool(found and found.exact) and not re.search(r"\b(?:of|for|by|to|from)\s", actor)


def is_the_subsystem(actor: str, voice: Voice) -> bool:
    """Whether the actor is the subsystem and no part of it: by its name, its code or its head word.

    Of several that are listed the subsystem is one, and answers for itself.
    """
    name = re.sub(r"^the\s", "", voice.terms.name.strip(), flags=re.IGNORECASE)
    short = _KIND.sub("", name) or name
    known = {phrase_of(each) for each in (name, short, short.rsplit(" ", 1)[-1], voice.terms.code)}
    if voice.terms.acronym:
        known.add(phrase_of(voice.terms.acronym))
    once = re.sub(re.escape(short), "Own", bare(actor), flags=re.IGNORECASE)
    listed = [part.of(once) for part in split_things(once)]
    if len(listed) > 1 and not re.search(r"\b(?:of|for|from|to)\s", once):
        return any("Own" in part or phrase_of(part) in known for part in listed)
    alone = bare(actor)
    return phrase_of(alone) in known or phrase_of(_KIND.sub("", alone)) in known


def predicate(clause: Clause, action: str, voice: Voice) -> str:
    """Subject, modal verb and action for the subsystem: "the X shall send Y to Z"."""
    actor = clause.part(clause.actor)
    modal = clause.modal
    verb = modal_word(modal)
    negation = " not" if modal is not None and modal.negated else ""
    if modal is None:
        return _without_modal(action, voice)
    if not actor or is_whole(actor, voice.wholes) or is_the_subsystem(actor, voice):
        return f"{voice.name} {verb}{negation} {action}"
    if acts_itself(actor, voice):
        return f"{actor} {verb}{negation} {action}"
    if _OF_ALL.search(actor):
        return f"{_OF_ALL.sub(voice.name, actor)} {verb}{negation} {action}"
    lower = actor.lower()
    if lower in ("it", "there"):
        return _impersonal(lower, action, verb, negation, voice)
    if _PEOPLE.search(actor):
        return _for_people(lowered(actor), action, verb, negation, voice)
    return _for_thing(actor, action, verb, negation, voice)


def for_share(clause: Clause, voice: Voice) -> Clause:
    """The clause of a budget's part: who the whole was asked of gives way to the subsystem.

    A measure ("the latency") stays, as the subsystem's share of it.
    """
    actor = clause.part(clause.actor)
    deed = clause.part(clause.action).split(" ", 1)[0].lower()
    if not actor or deed == "be" or _OF_ALL.search(actor) or is_whole(actor, voice.wholes):
        return clause
    if clause.actor is not None and _MEASURE.search(actor):
        start = clause.actor.start
        told = f"{voice.name} shall ensure that its share of {lowered(actor)} "
        rest = finite(
            actor, clause.part(clause.action), bool(clause.modal and clause.modal.negated)
        )
        after = "".join(f" {clause.part(span)}" for span in clause.trailing)
        return parse_clause(f"{clause.text[:start]}{told}{rest}{after}")
    return replace(clause, actor=None)


def _without_modal(action: str, voice: Voice) -> str:
    first = action.split(" ", 1)[0]
    if is_base_verb(first):
        return f"{voice.name} shall {first.lower()}{action[len(first) :]}"
    if re.search(r"\b(?:is|are|has|have|[a-z]{3,}s|cannot|can|may)\b", action):
        return f"{voice.name} shall ensure that {lowered(action)}"
    return f"{voice.name} shall provide the following: {action}"


def _impersonal(actor: str, action: str, verb: str, negation: str, voice: Voice) -> str:
    if actor == "there" and action.startswith("be "):
        return f"{voice.name} {verb}{negation} provide {action[3:]}"
    possible = re.match(r"(only )?be possible (?:for .{1,60}? )?to ", action)
    if possible:
        what = action[action.index("possible") + len("possible ") :]
        return f"{voice.name} {verb}{negation} make it possible {what}"
    return _ensured(actor, action, verb, negation, voice)


def _for_people(actor: str, action: str, verb: str, negation: str, voice: Voice) -> str:
    able = re.match(
        r"(?:be (?:able|allowed|permitted|capable) (?:to|of)"
        r"|have the (?:possibility|ability) to) ",
        action,
    )
    if able:
        return f"{voice.name} {verb}{negation} enable {actor} to {action[able.end() :]}"
    first = action.split(" ", 1)[0].lower()
    if not negation and is_base_verb(first):
        return f"{voice.name} {verb} enable {actor} to {action}"
    return _ensured(actor, action, verb, negation, voice)


def _for_thing(actor: str, action: str, verb: str, negation: str, voice: Voice) -> str:
    done = _BE_DONE.match(action)
    base = base_of_participle(done["verb"]) if done else None
    agent = _by_itself(action, voice)
    if done and base and base not in _DESIGNED and _stands_alone(action, done.end(), agent):
        rest = (
            f"{action[done.end() : agent[0]]}{action[agent[1] :]}"
            if agent
            else action[done.end() :]
        )
        thing = lowered(actor)
        return f"{voice.name} {verb}{negation} {done['adverb']}{base} {thing}{rest}"
    own = mention(voice.terms, actor, phrase_of(actor))
    if own and len(actor.split()) <= 6 and " of " not in actor:
        named = own.exact or own.phrase == voice.terms.phrase
        part = actor if named else f"{actor} of {voice.name}"
        return f"{part} {verb}{negation} {action}"
    return _ensured(actor, action, verb, negation, voice)


def _by_itself(action: str, voice: Voice) -> tuple[int, int] | None:
    """Where a passive sentence names the subsystem as the one that acts: " by the Cab radio"."""
    match = re.search(rf"\sby\s(?:the\s)?{re.escape(voice.called)}\b", action, re.IGNORECASE)
    return (match.start(), match.end()) if match else None


def _stands_alone(action: str, end: int, agent: tuple[int, int] | None) -> bool:
    """Whether a participle is the only one, and nobody else is named as the one that acts."""
    if re.match(r"\s?[/,]|\s(?:and|or)\s", action[end : end + 5]):
        return False
    rest = f"{action[: agent[0]]}{action[agent[1] :]}" if agent else action
    return not _BY_AGENT.search(rest)


def _ensured(actor: str, action: str, verb: str, negation: str, voice: Voice) -> str:
    """The parent's own sentence, made a thing that the subsystem sees to."""
    return (
        f"{voice.name} {verb} ensure that {lowered(actor)} {finite(actor, action, bool(negation))}"
    )


def finite(actor: str, action: str, negated: bool) -> str:
    """What stood behind a modal verb, without the modal verb: "be shown" -> "is shown"."""
    adverb = _ADVERB.match(action)
    lead = adverb.group() if adverb else ""
    rest = action[len(lead) :]
    first, _, tail = rest.partition(" ")
    plural = is_plural(actor)
    if first == "be":
        copula = "are" if plural else "is"
        return f"{copula}{' not' if negated else ''} {lead}{tail}".strip()
    if negated:
        return f"{'do' if plural else 'does'} not {lead}{rest}"
    if plural or not is_base_verb(first):
        return f"{lead}{rest}"
    return f"{lead}{third_person(first)}{' ' + tail if tail else ''}"


def sentence(clause: Clause, action: str, voice: Voice, *, trailing: bool = True) -> str:
    """The whole sentence with its conditions, a capital letter and a full stop."""
    said = predicate(clause, action, voice)
    conditions = [clause.part(span) for span in clause.conditions]
    if conditions:
        said = f"{', '.join(conditions)}, {lowered(said)}"
    if trailing:
        said = " ".join([said, *(clause.part(span) for span in clause.trailing)])
    said = re.sub(r"\s(?=[,.;])", "", " ".join(said.split())).rstrip(" .;:,")
    return f"{said[0].upper()}{said[1:]}."
