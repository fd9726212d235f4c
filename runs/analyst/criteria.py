"""Acceptance criteria and the method of verification: what is applied, observed, and compared.

A criterion carries the requirement's own numbers, comparators, units and conditions, and no others.
"""

import re
from dataclasses import dataclass, replace

from runs.analyst.exchange import find_exchange
from runs.analyst.measured import circumstance, measured_thing, observed
from runs.analyst.open_points import OPEN, is_open
from runs.analyst.restate import finite
from runs.analyst.statement import lowered
from runs.language.clauses import Clause, parse_clause
from runs.language.quantities import Comparator, Quantity, find_quantities
from runs.language.verbs import is_plural
from runs.requests import RequirementType, Verification

_SEEN = re.compile(
    r"\b(?:display|indicate|show|present|enable|allow|provide help|select|view|browse|navigate"
    r"|print|sound|ring|menu|screen|button|visual|audible|prompt)",
    re.IGNORECASE,
)
_UNDER = re.compile(
    r"\b(?:over|across|under|at|from|in|during|after)\s(?:(?:an?|the|any)\s)?(?:[\w-]+\s){0,2}"
    r"(?:distance|temperature|altitude|voltage|load|pressure|humidity|depth|range|wind|length)s?"
    r"\s(?:(?:of|from)\s)?$",
    re.IGNORECASE,
)
_ERROR = re.compile(r"\b(?:error|accuracy|resolution|deviation|uncertainty|tolerance)\b", re.I)
_STANDARD = re.compile(
    r"\b(?:(?:ISO|IEC|IEEE|EN|DIN|ETSI|ITU|RFC|MIL|UIC|W3C|WCAG|ANSI|DO|ECSS)[\w/.-]*"
    r"(?:[\s-]\d[\w.:/-]*)?(?:,? class \w+)?)"
)
_SIGNS = {
    Comparator.AT_MOST: "≤",
    Comparator.LESS: "<",
    Comparator.AT_LEAST: "≥",
    Comparator.MORE: ">",
    Comparator.EXACTLY: "=",
    Comparator.ABOUT: "≈",
}
_EVENT_WORDS = ("when", "if", "once", "after", "as soon", "in case")
_KEYWORD = re.compile(
    r"(?:only\s)?(?:when|whilst|while|if|where|once|after|as soon as|as long as|whenever"
    r"|provided that|in case)\s(?!of\b)",
    re.IGNORECASE,
)


def verification_of(type_: RequirementType, text: str) -> Verification:
    """How to verify: measured and exchanged things by test, shown ones by demonstration."""
    if type_ in (RequirementType.PERF, RequirementType.INTF):
        return Verification.TEST
    if type_ is RequirementType.CONS:
        return Verification.ANALYSIS if find_quantities(text) else Verification.INSPECTION
    return Verification.DEMONSTRATION if _SEEN.search(text) else Verification.TEST


def criteria_of(text: str, type_: RequirementType, name: str) -> tuple[str, ...]:
    """Criteria for a child's text; `name` is how texts call the subsystem ("the Cab radio")."""
    clause = parse_clause(text.rstrip("."))
    setting = _setting(clause, name)
    conditioned = " ".join(_conditions(clause))
    measured = [
        each for each in find_quantities(text) if text[each.start : each.end] not in conditioned
    ]
    if type_ is RequirementType.CONS and is_open(text) and not measured:
        return (OPEN,)
    if type_ is RequirementType.CONS:
        return _of_constraint(text, clause, setting, measured)
    around = [each for each in measured if _is_circumstance(text, each, measured)]
    if 0 < len(around) < len(measured):
        measured = [each for each in measured if each not in around]
        shown = " and ".join(circumstance(text, each) for each in around)
        setting = replace(setting, given=f"{setting.given}, {shown}")
    limits = tuple(_limit(text, quantity, clause, setting) for quantity in measured)
    if type_ is RequirementType.INTF:
        return (_by_exchange(clause, setting, name), *limits)
    if is_open(text):
        return (*limits, OPEN)
    return limits or (_by_observation(clause, setting),)


def _is_circumstance(text: str, quantity: Quantity, all_: list[Quantity]) -> bool:
    """Whether a quantity says under what a result is measured: "over a distance of 2 km".

    "depths of up to 30 m with an error of no more than 0.05 m": the error is the result.
    """
    before = text[max(0, quantity.comparator_start - 60) : quantity.comparator_start]
    stated = (Comparator.EXACTLY, Comparator.BETWEEN, Comparator.AT_MOST)
    if quantity.comparator in stated and _UNDER.search(before):
        return True
    reach = text[quantity.comparator_start : quantity.start].lower().startswith("up to")
    errors = (each for each in all_ if each is not quantity)
    return reach and any(_ERROR.search(text[: each.start][-40:]) for each in errors)


def _conditions(clause: Clause) -> list[str]:
    return [clause.part(span) for span in (*clause.conditions, *clause.trailing)]


@dataclass(frozen=True, slots=True)
class _Setting:
    """What holds before a trial ("that the tank is full"), and what sets it off, if said."""

    given: str
    stimulus: str


def _setting(clause: Clause, name: str) -> _Setting:
    states, events = [], []
    for condition in _conditions(clause):
        keyword = _KEYWORD.match(condition)
        word = keyword.group().lower().removeprefix("only ") if keyword else ""
        if keyword and word.startswith(_EVENT_WORDS):
            events.append(condition[keyword.end() :])
        elif keyword:
            states.append(f"that {condition[keyword.end() :]}")
        else:
            events.append(f'the trial comes to "{lowered(condition)}"')
    given = " and ".join(states) if states else f"{name} installed and running"
    return _Setting(f"Given {given}", " and ".join(events))


def _deed(clause: Clause) -> tuple[str, str]:
    """Who does what, in the indicative: ("the radio", "indicates the loss")."""
    actor = clause.part(clause.actor) or "it"
    if actor.startswith(("The ", "A ", "An ", "All ")):
        actor = actor[0].lower() + actor[1:]
    negated = clause.modal is not None and clause.modal.negated
    return actor, finite(actor, clause.part(clause.action), negated)


def _by_observation(clause: Clause, setting: _Setting) -> str:
    actor, deed = _deed(clause)
    stimulus = setting.stimulus or "a tester calls for this function"
    if clause.modal is not None and clause.modal.negated:
        stimulus = (
            f"{setting.stimulus or 'a trial runs'} and a tester tries to provoke the opposite"
        )
        return f"{setting.given}, when {stimulus}, then it is observed that {actor} {deed}."
    result = observed(clause.part(clause.action)) or f"it is observed that {actor} {deed}"
    return f"{setting.given}, when {stimulus}, then {result}."


def _of_constraint(
    text: str, clause: Clause, setting: _Setting, measured: list[Quantity]
) -> tuple[str, ...]:
    actor, deed = _deed(clause)
    ranges = [each for each in measured if each.comparator is Comparator.BETWEEN]
    if ranges:
        return tuple(
            f"{setting.given}, when both limits of {text[each.start : each.end]} are applied in "
            f"turn, then the analysis report shows that {actor} {deed} at each limit."
            for each in ranges
        )
    if measured:
        return tuple(_limit(text, quantity, clause, setting) for quantity in measured)
    standard = _STANDARD.search(clause.text)
    against = f"against {standard.group()} clause by clause" if standard else "point by point"
    return (
        f"{setting.given}, when an examiner goes through design records and the delivered item "
        f"{against}, then the report shows without open deviations that {actor} {deed}.",
    )


def _by_exchange(clause: Clause, setting: _Setting, name: str) -> str:
    exchange = find_exchange(clause.part(clause.action))
    actor, deed = _deed(clause)
    if exchange is None or not exchange.thing:
        return (
            f"{setting.given}, when both sides are connected, then the recorded traffic shows that "
            f"{actor} {deed}."
        )
    over = exchange.rest.strip()
    medium = f" {over}" if over else ""
    copula = "are" if is_plural(exchange.thing) else "is"
    return (
        f"{setting.given} and connected with {exchange.party}{medium}, when {exchange.thing} "
        f"{copula} exchanged, then the recorded traffic on both sides shows the same content."
    )


def _limit(text: str, quantity: Quantity, clause: Clause, setting: _Setting) -> str:
    actor, _ = _deed(clause)
    stimulus = f"{setting.stimulus} and " if setting.stimulus else ""
    return (
        f"{setting.given}, when {stimulus}{measured_thing(text, quantity)} is measured on {actor}, "
        f"then {_bound(text, quantity)}."
    )


def _bound(text: str, quantity: Quantity) -> str:
    """What passes. How many of the values must keep a limit is the document's to say, not ours."""
    printed = text[quantity.start : quantity.end]
    if quantity.comparator is Comparator.BETWEEN:
        return f"the recorded values lie in {printed}, limits included"
    said = f"the recorded values meet the limit of {_SIGNS[quantity.comparator]} {printed}"
    if quantity.percentile is not None:
        return f"{said} in at least {quantity.percentile:f} % of the measurements"
    return said
