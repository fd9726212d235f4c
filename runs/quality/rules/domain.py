"""Domain: requirements use the project's words and keep its conventions.

Only a project with a domain is judged by these. What a domain says is data: it names words and
forms to look for, and nothing in it changes a weight, a score or the gate.
"""

import re
from collections.abc import Iterator
from functools import partial

from runs.language.modals import Strength, find_modals, singular
from runs.language.units import unit_named
from runs.quality.domain_forms import fits_any, identifier_form
from runs.quality.domain_words import forbidden_in
from runs.quality.finding import Dimension, Severity
from runs.quality.requirement_set import RequirementSet
from runs.quality.rules.rule import Hit, SetHit, SetRule
from runs.requests import RequirementType
from skills.domain import DomainContent
from skills.domain.content import folded

_SHORT = re.compile(r"\b[A-Z][A-Z0-9]{1,7}\b(?![-_ ]?\d)")
_NAME = re.compile(r"\b[A-Z][a-z]{2,30}(?:[ -][A-Z][a-z]{2,30}){1,4}\b")
_EMPHATIC = frozenset(
    ["SHALL", "MUST", "SHOULD", "WILL", "MAY", "CAN", "NOT", "AND", "OR", "IF", "THEN", "WHEN"]
)
_IDENTIFIER = re.compile(r"\b[A-Z][A-Z0-9]{0,15}(?:[-_.][A-Z0-9]{1,15}){1,4}\b")


def _forbidden(requirements: RequirementSet) -> Iterator[SetHit]:
    domain = requirements.request.domain
    for child in requirements.children if domain else ():
        assert domain is not None
        for found in forbidden_in(domain, child.text):
            start, end = found.span.start, found.span.end
            yield SetHit(child.ref, None, Hit(start, end, found.word, (("term", found.term),)))


def _undefined(requirements: RequirementSet) -> Iterator[SetHit]:
    domain = requirements.request.domain
    if domain is None or not domain.glossary:
        return
    known = _known(requirements, domain)
    for child in requirements.children:
        said: set[str] = set()
        for start, end in _names_in(child.text):
            name = folded(child.text[start:end])
            if name not in known and name not in said:
                said.add(name)
                yield SetHit(child.ref, None, Hit(start, end))


def _known(requirements: RequirementSet, domain: DomainContent) -> frozenset[str]:
    names = [name for term in domain.glossary for name in (*term.names, *term.forbidden)]
    names += [each.subsystem for each in domain.subsystems]
    names += [requirements.subsystem.name, requirements.subsystem.code, domain.name]
    names += [code for parent in requirements.request.parents for code in parent.shared_with]
    also = (f"{name} {word}" for name in names for word in ("Subsystem", "System"))
    return frozenset(map(folded, (*names, *also)))


def _names_in(text: str) -> Iterator[tuple[int, int]]:
    """Short forms in capitals, and names of several capitalised words within a sentence."""
    for match in _SHORT.finditer(text):
        if match.group() not in _EMPHATIC and unit_named(match.group()) is None:
            yield match.span()
    for match in _NAME.finditer(text):
        start, before = match.start(), text[: match.start()].rstrip()
        if not before or before[-1] in ".:;!?":  # a sentence's first capital says nothing
            rest = _NAME.match(text, start + len(match.group().split(" ")[0]) + 1)
            if rest is not None:
                yield rest.span()
            continue
        yield match.span()


def _modals(requirements: RequirementSet) -> Iterator[SetHit]:
    domain = requirements.request.domain
    if domain is None or not domain.modals:
        return
    allowed = {singular(modal) for modal in domain.modals}
    facts = (("allowed", ", ".join(domain.modals)),)
    for child in requirements.children:
        found = find_modals(child.text)
        keeps = any(singular(modal.word) in allowed for modal in found)
        for modal in found:
            binding = modal.strength is Strength.BINDING
            if singular(modal.word) not in allowed and (binding or not keeps):
                yield SetHit(child.ref, None, Hit(modal.start, modal.end, None, facts))


def _templates(requirements: RequirementSet) -> Iterator[SetHit]:
    domain = requirements.request.domain
    if domain is None or not domain.templates:
        return
    for child in requirements.children:
        if not fits_any(child.text, domain.templates):
            facts = (("templates", " / ".join(domain.templates)),)
            yield SetHit(child.ref, None, Hit(0, 0, None, facts))


def _identifiers(requirements: RequirementSet) -> Iterator[SetHit]:
    domain = requirements.request.domain
    if domain is None or not domain.identifiers:
        return
    facts = (("allowed", ", ".join(domain.identifiers)),)
    naming = requirements.strategy.naming
    if naming not in domain.identifiers:
        yield SetHit(hit=Hit(0, 0, None, (*facts, ("passage", naming))))
    forms = [identifier_form(each) for each in domain.identifiers]
    marks = {requirements.subsystem.code, *RequirementType}
    for child in requirements.children:
        for match in _IDENTIFIER.finditer(child.text):
            ours = bool(marks & set(re.split(r"[-_.]", match.group())))
            if ours and not any(form.fullmatch(match.group()) for form in forms):
                yield SetHit(child.ref, None, Hit(*match.span(), None, facts))


_rule = partial(SetRule, dimension=Dimension.DOMAIN)

RULES: tuple[SetRule, ...] = (
    _rule(
        id="forbidden-synonym",
        reference="GtWR R36: one name for one thing, the glossary's",
        severity=Severity.MAJOR,
        message="“{passage}” is not the project's word: its glossary says “{term}”.",
        suggestion="Write “{term}”.",
        detect=_forbidden,
    ),
    _rule(
        id="undefined-term",
        reference="GtWR R4: terms are defined in a glossary",
        severity=Severity.MINOR,
        message="The glossary doesn't define “{passage}”.",
        suggestion="Define it in the project's domain, or use a term that is defined.",
        detect=_undefined,
    ),
    _rule(
        id="modal-convention",
        reference="ISO/IEC/IEEE 29148 5.2.4: the words for what binds are agreed on",
        severity=Severity.MAJOR,
        message="“{passage}” is not among the project's modal verbs: {allowed}.",
        suggestion="Say it with {allowed}.",
        detect=_modals,
    ),
    _rule(
        id="template-convention",
        reference="GtWR R1: a statement follows an agreed pattern",
        severity=Severity.MINOR,
        message="The statement follows none of the project's templates: {templates}",
        suggestion="Put it into one of the templates.",
        detect=_templates,
    ),
    _rule(
        id="identifier-convention",
        reference="GtWR C14: sets are written in one agreed form",
        severity=Severity.MINOR,
        message="“{passage}” is no identifier as the project writes them: {allowed}.",
        suggestion="Use {allowed}.",
        detect=_identifiers,
    ),
)
