"""Acceptance criteria and the method of verification: what is applied, observed, and compared.

A criterion carries the requirement's own numbers, comparators, units and conditions, and no others.
"""

import re

from runs.analyst.exchange import find_exchange
from runs.analyst.restate import finite
from runs.language.clauses import Clause, parse_clause
from runs.language.quantities import Comparator, Quantity, find_quantities
from runs.language.verbs import is_plural
from runs.requests import RequirementType, Verification

_SEEN = re.compile(
    r"\b(?:display|indicate|show|present|enable|allow|provide help|select|view|browse|navigate"
    r"|print|sound|ring|menu|screen|button|visual|audible|prompt)",
    re.IGNORECASE,
)
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
_KEYWORD = re.compile(
    r"(?:when|while|if|where|once|as soon as|as long as|whenever|provided that|in case)\s",
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
    given = _given(clause, name)
    quantities = find_quantities(text)
    conditioned = " ".join(_conditions(clause))
    measured = [each for each in quantities if text[each.start : each.end] not in conditioned]
    if type_ is RequirementType.CONS and not measured:
        return (_by_inspection(clause, given),)
    if type_ is RequirementType.INTF:
        return (_by_exchange(clause, given, name), *_limits(text, measured, given, clause))
    if measured:
        return _limits(text, measured, given, clause)
    return (_by_observation(clause, given),)


def _conditions(clause: Clause) -> list[str]:
    return [clause.part(span) for span in (*clause.conditions, *clause.trailing)]


def _given(clause: Clause, name: str) -> str:
    said = []
    for condition in _conditions(clause):
        keyword = _KEYWORD.match(condition)
        said.append(
            f"that {condition[keyword.end() :]}" if keyword else f'the condition "{condition}"'
        )
    if said:
        return f"Given {' and '.join(said)}"
    return f"Given {name} set up as delivered"


def _deed(clause: Clause) -> tuple[str, str]:
    """Who does what, in the indicative: ("the radio", "indicates the loss")."""
    actor = clause.part(clause.actor) or "it"
    actor = (
        actor[0].lower() + actor[1:] if actor.startswith(("The ", "A ", "An ", "All ")) else actor
    )
    negated = clause.modal is not None and clause.modal.negated
    return actor, finite(actor, clause.part(clause.action), negated)


def _by_observation(clause: Clause, given: str) -> str:
    actor, deed = _deed(clause)
    stimulus = "when the stimulus for it is applied"
    if clause.modal is not None and clause.modal.negated:
        stimulus = "when an attempt is made to provoke the opposite"
    return f"{given}, {stimulus}, then an observer records that {actor} {deed}."


def _by_inspection(clause: Clause, given: str) -> str:
    actor, deed = _deed(clause)
    standard = _STANDARD.search(clause.text)
    against = f"against {standard.group()} clause by clause" if standard else "point by point"
    return (
        f"{given}, when the design records and the delivered item are examined {against}, "
        f"then the examiner's report shows without open deviations that {actor} {deed}."
    )


def _by_exchange(clause: Clause, given: str, name: str) -> str:
    exchange = find_exchange(clause.part(clause.action))
    actor, deed = _deed(clause)
    if exchange is None or not exchange.thing:
        return (
            f"{given}, when both sides are connected, then the recorded traffic shows that "
            f"{actor} {deed}."
        )
    over = exchange.rest.strip()
    medium = f" {over}" if over else ""
    copula = "are" if is_plural(exchange.thing) else "is"
    return (
        f"{given} and connected with {exchange.party}{medium}, when {exchange.thing} {copula} "
        f"exchanged, then the recorded traffic on both sides shows the same content ({actor} "
        f"{deed})."
    )


def _limits(text: str, quantities: list[Quantity], given: str, clause: Clause) -> tuple[str, ...]:
    actor, _ = _deed(clause)
    return tuple(
        f'{given}, when the quantity in "{_around(text, quantity)}" is measured on {actor}, '
        f"then every recorded value {_bound(text, quantity)}."
        for quantity in quantities
    )


def _around(text: str, quantity: Quantity) -> str:
    """The words that say what is measured: the nearest ones before the quantity, and its own."""
    before = text[: quantity.comparator_start].rstrip(" ,;(")
    words = before.split()[-5:]
    return " ".join([*words, text[quantity.comparator_start : quantity.end]])


def _bound(text: str, quantity: Quantity) -> str:
    if quantity.comparator is Comparator.BETWEEN:
        return f"lies in the range {text[quantity.start : quantity.end]}, limits included"
    printed = text[quantity.start : quantity.end]
    sign = _SIGNS[quantity.comparator]
    said = f"is {sign} {printed}"
    if quantity.percentile is not None:
        said += f" in at least {quantity.percentile:f} % of the measurements"
    return said
