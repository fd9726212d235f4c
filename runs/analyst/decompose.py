"""A subsystem's requirements out of the source requirements that were allocated to it.

Four patterns: a parent goes to the subsystem whole (direct), its quantity is split (budget), its
actions are told apart (functional), or it is this side of an exchange (interface). No number, unit,
actor or name is written that the parents don't have; shares of a budget are exact arithmetic.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from runs.analyst.actors import common_actors
from runs.analyst.draft import Draft, merged
from runs.analyst.lead_ins import leads_by_item
from runs.analyst.own_form import in_own_form
from runs.analyst.parameters import switch
from runs.analyst.patterns import Settings, children_of, finished
from runs.analyst.restate import Voice, voice_of
from runs.analyst.revise import revised
from runs.analyst.subsystem_terms import terms_of
from runs.quality.domain_words import in_own_words
from runs.requests import ChildOut, DecomposeAnswer, DecomposeRequest, ParentIn

_KEEP_WHOLE = re.compile(r"\b(?:do not|don't|no)\s(?:\w+\s){0,2}split|keep\s.{0,30}\bwhole\b", re.I)


def decompose(request: DecomposeRequest, parameters: Mapping[str, object]) -> DecomposeAnswer:
    """The children of all parents, in the parents' order.

    Parameters: `split_budgets`, `split_functions` (true unless said otherwise). The strategy's
    number of children per parent and its demand for criteria bind.
    """
    statements = "\n".join(parent.statement for parent in request.parents)
    terms = terms_of(request.subsystem, ())
    wholes = common_actors(request.parents, [terms])
    voice = voice_of(request.subsystem, terms, statements, wholes)
    settings = Settings(
        most=request.strategy.max_children_per_parent,
        criteria=True,
        split_budgets=switch(parameters, "split_budgets", True),
        split_functions=switch(parameters, "split_functions", True),
    )
    heard = ""
    if request.feedback.strip():
        settings, heard = _heeded(request.feedback, settings)
    if request.previous:
        children = revised(request, voice, settings)
    else:
        children = [draft.out() for draft in _first(request.parents, voice, settings)]
    children = _noted(children, request, heard)
    return DecomposeAnswer(children=[_in_own_words(child, request) for child in children])


def _in_own_words(child: ChildOut, request: DecomposeRequest) -> ChildOut:
    """The child in the domain's words and form; what a person wrote stays as it is."""
    domain = request.domain
    edited = any(each.edited_by_person and each.text == child.text for each in request.previous)
    if domain is None or edited:
        return child
    text = in_own_form(domain, in_own_words(domain, child.text))
    criteria = [in_own_words(domain, each) for each in child.acceptance_criteria]
    if text == child.text and criteria == child.acceptance_criteria:
        return child
    said = "It says what its parent says in the domain's words and form."
    rationale = child.rationale if said in child.rationale else f"{child.rationale} {said}"
    return child.model_copy(
        update={"text": text, "acceptance_criteria": criteria, "rationale": rationale}
    )


def _first(parents: Sequence[ParentIn], voice: Voice, settings: Settings) -> list[Draft]:
    leads = leads_by_item(parents)
    carried = {ref for refs in leads.values() for ref in refs}
    drafts: list[Draft] = []
    for parent in parents:
        if parent.ref in carried:
            continue  # its items carry it
        for draft in children_of(parent, voice, settings):
            whole = replace(draft, parents=(*draft.parents, *leads.get(parent.ref, ())))
            drafts.append(finished(whole, voice, with_criteria=settings.criteria))
    return merged(drafts)


def _heeded(feedback: str, settings: Settings) -> tuple[Settings, str]:
    """What a reviewer said, as far as a rule can follow it; the rest is noted, not guessed."""
    said = " ".join(feedback.split())[:300]
    if _KEEP_WHOLE.search(feedback):
        whole = replace(settings, split_functions=False, split_budgets=False)
        return whole, f'Reviewer: "{said}"; parents are therefore carried whole.'
    return settings, f'Reviewer: "{said}"; noted for the person who edits, no rule follows it.'


def _noted(children: list[ChildOut], request: DecomposeRequest, heard: str) -> list[ChildOut]:
    if not heard:
        return children
    edited = {child.text for child in request.previous if child.edited_by_person}
    return [
        child
        if child.text in edited or heard in child.rationale
        else child.model_copy(update={"rationale": f"{child.rationale} {heard}"})
        for child in children
    ]
