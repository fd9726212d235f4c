"""The next iteration: children of the one before, changed by what was found in them.

A finding that can be answered without inventing anything changes the text, and the rationale says
how. One that cannot leaves the text alone, and the rationale says what the stakeholders must
supply. What a person edited is not touched.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from runs.analyst.classify import classify
from runs.analyst.draft import Draft
from runs.analyst.lead_ins import leads_by_item
from runs.analyst.mend import MENDS, MISSING
from runs.analyst.open_points import with_open_point
from runs.analyst.patterns import Settings, children_of, finished
from runs.analyst.restate import Voice
from runs.language.clauses import parse_clause
from runs.language.conjuncts import split_actions
from runs.requests import (
    ChildIn,
    ChildOut,
    DecomposeRequest,
    FindingIn,
    ParentIn,
    Pattern,
    Relationship,
    RequirementType,
)

_SPLIT = frozenset({"several-requirements", "combinator", "long-sentence"})
_REDO = frozenset({"dropped-quantity", "invented-number", "budget-overrun", "broken-link"})
_REFRESH = frozenset(
    {"criteria-required", "missing-criteria", "criteria-repeat", "criteria-number"}
)


def revised(request: DecomposeRequest, voice: Voice, settings: Settings) -> list[ChildOut]:
    """Every child of the iteration before, mended where it can be, in its order."""
    by_child, by_parent = _findings(request.findings)
    parents = {parent.ref: parent for parent in request.parents}
    redo = _to_redo(request, by_child, by_parent)
    written: list[Draft | ChildOut] = []
    covered: set[int] = set()
    for child in request.previous:
        known = [ref for ref in child.parents if ref in parents]
        if child.edited_by_person:
            written.append(_untouched(child))
            covered.update(known)
        elif known and not redo.intersection(known):
            written.extend(_mended(child, known, by_child[child.ref], voice, settings))
            covered.update(known)
    leads = leads_by_item(request.parents)
    carried = {ref for refs in leads.values() for ref in refs}
    for ref, parent in parents.items():
        if ref not in covered and ref not in carried:
            fresh = _afresh(parent, by_parent[ref], voice, settings)
            covered.update(leads.get(ref, ()))
            written.extend(
                replace(draft, parents=(*draft.parents, *leads.get(ref, ()))) for draft in fresh
            )
    for ref in sorted(carried - covered):
        written.extend(_afresh(parents[ref], by_parent[ref], voice, settings))
    return _without_repeats(written)


def _findings(
    findings: Iterable[FindingIn],
) -> tuple[defaultdict[int, list[FindingIn]], defaultdict[int, list[FindingIn]]]:
    by_child: defaultdict[int, list[FindingIn]] = defaultdict(list)
    by_parent: defaultdict[int, list[FindingIn]] = defaultdict(list)
    for finding in findings:
        if finding.child is not None:
            by_child[finding.child].append(finding)
        elif finding.parent is not None:
            by_parent[finding.parent].append(finding)
    return by_child, by_parent


def _to_redo(
    request: DecomposeRequest,
    by_child: defaultdict[int, list[FindingIn]],
    by_parent: defaultdict[int, list[FindingIn]],
) -> set[int]:
    """Parents whose children must be derived again: theirs lost or made up something."""
    redo = {
        ref
        for ref, findings in by_parent.items()
        if any(f.rule in _REDO or f.rule == "too-many-children" for f in findings)
    }
    for child in request.previous:
        if any(finding.rule in _REDO for finding in by_child[child.ref]):
            redo.update(child.parents)
    kept = {ref for child in request.previous if child.edited_by_person for ref in child.parents}
    return redo - kept


def _untouched(child: ChildIn) -> ChildOut:
    return ChildOut(
        parents=child.parents,
        text=child.text,
        type=child.type,
        acceptance_criteria=child.acceptance_criteria,
        rationale=child.rationale or "Written by a person.",
        verification=child.verification,
        pattern=child.pattern,
        relationship=child.relationship,
    )


def _as_draft(child: ChildIn, known: Sequence[int]) -> Draft:
    return Draft(
        parents=tuple(known),
        text=child.text,
        type=child.type,
        pattern=child.pattern,
        relationship=child.relationship,
        rationale=child.rationale or "Derived in an earlier iteration.",
        criteria=tuple(child.acceptance_criteria),
        verification=child.verification,
    )


def _mended(
    child: ChildIn,
    known: Sequence[int],
    findings: list[FindingIn],
    voice: Voice,
    settings: Settings,
) -> list[Draft]:
    draft = _as_draft(child, known)
    for finding in findings:
        draft = _answered(draft, finding, voice)
    if draft.text != child.text or any(finding.rule in _REFRESH for finding in findings):
        draft = finished(draft, voice, with_criteria=settings.criteria)
    if settings.split_functions and any(finding.rule in _SPLIT for finding in findings):
        return _split(draft, voice, settings)
    return [draft]


def _answered(draft: Draft, finding: FindingIn, voice: Voice) -> Draft:
    mend = MENDS.get(finding.rule)
    if mend is not None:
        mended = mend(draft.text, finding.quote, voice.name)
        if mended is not None:
            return replace(draft, text=mended[0]).because(f"Revised: {mended[1]}")
    if finding.rule == "unmeasured-performance":
        function = replace(draft, type=RequirementType.FUNC)
        return function.because("Revised: it has no figure to measure, so it is a function.")
    needed = MISSING.get(finding.rule)
    if needed is not None:
        return with_open_point(draft, finding.quote, needed)
    return draft


def _split(draft: Draft, voice: Voice, settings: Settings) -> list[Draft]:
    """One child for each action of a compound sentence; the draft itself if it does not split."""
    clause = parse_clause(draft.text.rstrip("."))
    if clause.action is None or clause.modal is None:
        return [draft]
    action = clause.part(clause.action)
    split = split_actions(action)
    if not 1 < len(split.parts) <= settings.most:
        return [draft]
    before = draft.text[: clause.action.start]
    after = "".join(f" {clause.part(span)}" for span in clause.trailing)
    drafts = []
    for span in split.parts:
        text = f"{before}{split.prefix}{span.of(action)}{after}."
        part = replace(
            draft,
            text=text,
            type=draft.type if draft.type is not RequirementType.PERF else classify(text),
            pattern=Pattern.FUNCTIONAL,
            relationship=Relationship.DECOMPOSES,
        ).because("Revised: a compound sentence was split; each action is a requirement.")
        drafts.append(finished(part, voice, with_criteria=settings.criteria))
    return drafts


def _afresh(
    parent: ParentIn, findings: list[FindingIn], voice: Voice, settings: Settings
) -> list[Draft]:
    whole = any(finding.rule in _REDO for finding in findings)
    used = replace(settings, split_functions=False) if whole else settings
    drafts = children_of(parent, voice, used)
    return [
        finished(draft, voice, with_criteria=settings.criteria).because(
            "Revised: derived anew from its parent."
        )
        for draft in drafts
    ]


def _without_repeats(written: Sequence[Draft | ChildOut]) -> list[ChildOut]:
    """Children with the same words become one, with the parents of all; a person's wording wins."""
    by_text: dict[str, ChildOut] = {}
    for each in written:
        out = each.out() if isinstance(each, Draft) else each
        key = " ".join(out.text.lower().split())
        first = by_text.get(key)
        if first is None:
            by_text[key] = out
            continue
        more = [ref for ref in out.parents if ref not in first.parents]
        by_text[key] = first.model_copy(update={"parents": [*first.parents, *more]})
    return list(by_text.values())
