"""A written requirement in the form that the project's domain asks for: its verb, its templates.

Nothing is said that was not said before: a binding verb gives way to the project's, and a condition
may change its place. What fits no template that way stays as it is, for a rule to find.
"""

import re
from collections.abc import Iterator, Sequence

from runs.analyst.statement import lowered
from runs.language.clauses import MAX_SENTENCE, Clause, parse_clause
from runs.language.modals import Modal, find_modals
from runs.language.sentences import split_sentences
from runs.language.verbs import is_plural
from runs.quality.domain_forms import fits_any
from skills.domain import DomainContent

_BINDING = ("shall", "must", "is to", "will")
"""The verbs that can bind, in the order in which one is chosen where the project names several."""
_PLAIN = frozenset(["shall", "must"])
_QUOTED = re.compile(r"“[^“”]{1,200}”|\"[^\"]{1,200}\"")
_NOT_MOVED = re.compile(r"\W{0,2}(?:only|until|unless|for (?:each|every|all))\b", re.IGNORECASE)


def in_own_form(domain: DomainContent, text: str) -> str:
    """The text with the domain's binding verb, and in one of its templates if that can be done."""
    text = _with_own_verb(domain.modals, text)
    if not domain.templates or fits_any(text, domain.templates):
        return text
    return next((form for form in _forms(text) if fits_any(form, domain.templates)), text)


def _with_own_verb(modals: Sequence[str], text: str) -> str:
    wanted = next((verb for verb in _BINDING if verb in modals), None)
    if wanted is None or len(text) > MAX_SENTENCE:
        return text
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    parts: list[str] = []
    position = 0
    for modal in find_modals(text):
        inside = any(start <= modal.start < end for start, end in quoted)
        if modal.word not in _PLAIN or modal.word in modals or inside:
            continue
        parts += [text[position : modal.start], _said(wanted, modal, text)]
        position = modal.end
    return "".join([*parts, text[position:]])


def _said(verb: str, modal: Modal, text: str) -> str:
    """The verb with what stood behind the other one: "must not", "are not to"."""
    behind = text[modal.start + len(modal.word) : modal.end] if modal.negated else ""
    if verb != "is to":
        return f"{verb}{behind or (' not' if modal.negated else '')}"
    actor = parse_clause(text[: modal.end]).actor
    copula = "are" if actor is not None and is_plural(actor.of(text)) else "is"
    return f"{copula}{behind} to"


def _forms(text: str) -> Iterator[str]:
    """The same sentence with its condition in other places."""
    body = text.rstrip(" .")
    if len(split_sentences(text)) != 1 or len(body) > MAX_SENTENCE:
        return
    clause = parse_clause(body)
    if clause.actor is None or clause.action is None or clause.title is not None:
        return
    main = body[clause.actor.start : clause.action.end]
    condition = _only_condition(clause)
    if condition is None or _NOT_MOVED.match(condition):
        return
    condition = condition.strip(" ,")
    for form in (
        f"{_capital(condition)}, {lowered(main)}.",
        f"{_capital(condition)}, then {lowered(main)}.",
        f"{_capital(main)} {lowered(condition)}.",
    ):
        if _same_words(form, text):
            yield form


def _only_condition(clause: Clause) -> str | None:
    found = [clause.part(span) for span in (*clause.conditions, *clause.trailing)]
    return found[0] if len(found) == 1 else None


def _same_words(form: str, text: str) -> bool:
    """Whether nothing was lost between the parts of the sentence; "then" says no more."""
    return _sorted_words(form) == _sorted_words(text)


def _sorted_words(text: str) -> list[str]:
    return sorted(
        word
        for word in re.findall(r"\S+", re.sub(r"[,.]+(?=\s|$)", " ", text.lower()))
        if word != "then"
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
