"""Decompose: the allocated source requirements become the subsystem's own.

From the second iteration on, the findings of the validation before, and what a reviewer said, go
back to the model with what it wrote.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from observability.llm.errors import BadAnswer
from observability.models import Node
from runs.graph.asking import ask_all
from runs.graph.execution import Execution, Summary
from runs.graph.identities import Derived, identify
from runs.graph.room import room
from runs.graph.shown import children_of, parents_of, strategy_of, subsystem_in
from runs.models import (
    Decision,
    QualityIssue,
    Requirement,
    RequirementVersion,
    ReviewKind,
    Run,
    SourceRequirement,
    TraceLink,
    VersionState,
)
from runs.passages import batches
from runs.requests import (
    ChildIn,
    ChildOut,
    DecomposeAnswer,
    DecomposeRequest,
    FindingIn,
    ParentIn,
)
from skills.models import SkillSlug

# A parent's children are written whole, with criteria and rationale: half a token of answer for
# each character of what is shown of the parent, so that each counts for more than it is long.
ANSWER_CHARACTERS = 600


@dataclass(frozen=True, slots=True)
class Before:
    """What the iteration before wrote, and what was said of it."""

    children: list[ChildIn]
    findings: list[FindingIn]
    feedback: str


class Decompose:
    node = Node.DECOMPOSE

    def ask(self, execution: Execution, iteration: int) -> list[ChildOut]:
        """Children whose parents' refs are ordinals of allocated source requirements."""
        run = execution.run
        skill = execution.skill(SkillSlug.DECOMPOSITION)
        context = execution.call_context(run, Node.DECOMPOSE, iteration, SkillSlug.DECOMPOSITION)
        domain = execution.domain
        before = _before(run, iteration)
        written: dict[int, list[ChildIn]] = defaultdict(list)
        for child in before.children:
            written[min(child.parents)].append(child)

        def size(parent: ParentIn) -> int:
            earlier = sum(len(child.text) + 400 for child in written[parent.ref])
            return len(parent.statement) + ANSWER_CHARACTERS + earlier

        def request(part: list[ParentIn]) -> DecomposeRequest:
            previous = [child for parent in part for child in written[parent.ref]]
            return DecomposeRequest(
                subsystem=subsystem_in(run.subsystem, domain),
                strategy=strategy_of(run),
                parents=part,
                iteration=iteration,
                previous=previous,
                findings=_about(before.findings, part, previous),
                feedback=before.feedback,
                domain=domain.shown_with(each.statement for each in part) if domain else None,
            )

        requests = map(request, batches(parents_of(run), size, room(context.routes, domain)))
        answers = ask_all(context, skill, requests, DecomposeAnswer, _check_parents)
        return [child for asked in answers for child in asked.answer.children]

    def commit(self, execution: Execution, iteration: int, output: list[ChildOut]) -> Summary:
        run = execution.run
        RequirementVersion.objects.filter(
            run=run, iteration__lt=iteration, status=VersionState.DRAFT
        ).update(status=VersionState.SUPERSEDED)
        _write(run, iteration, output)
        Run.objects.filter(pk=run.pk).update(iteration=iteration)
        parents = len({ref for child in output for ref in child.parents})
        return Summary(
            f"Decomposed {parents} into {len(output)} requirements (iteration {iteration})",
            {"parents": parents, "requirements": len(output)},
        )


def _write(run: Run, iteration: int, children: list[ChildOut]) -> None:
    """The children as versions of their identities, each linked to all its parents."""
    rows = SourceRequirement.objects.filter(extraction=run.extraction)
    sources = {row.ordinal: row for row in rows.only("ordinal", "fingerprint")}
    derived = [
        Derived(
            specification=run.revision.specification_id,
            type=child.type,
            parents=tuple(sources[ref].fingerprint for ref in child.parents),
            text=child.text,
        )
        for child in children
    ]
    identities = identify(run.subsystem, derived)
    versions = RequirementVersion.objects.bulk_create(
        [
            _version(run, iteration, ordinal, child, identity)
            for ordinal, (child, identity) in enumerate(
                zip(children, identities, strict=True), start=1
            )
        ],
        batch_size=500,
    )
    TraceLink.objects.bulk_create(
        [
            TraceLink(
                parent=sources[ref],
                child=version,
                relationship=child.relationship.value,
                rationale=child.rationale,
            )
            for child, version in zip(children, versions, strict=True)
            for ref in dict.fromkeys(child.parents)
        ],
        batch_size=500,
    )


def _version(
    run: Run, iteration: int, ordinal: int, child: ChildOut, identity: Requirement
) -> RequirementVersion:
    return RequirementVersion(
        requirement=identity,
        run=run,
        iteration=iteration,
        ordinal=ordinal,
        text=child.text,
        type=child.type.value,
        acceptance_criteria=child.acceptance_criteria,
        rationale=child.rationale,
        verification_method=child.verification.value,
        pattern=child.pattern.value,
    )


def _before(run: Run, iteration: int) -> Before:
    if iteration == 1:
        return Before([], [], "")
    issues = QualityIssue.objects.filter(run=run, iteration=iteration - 1)
    findings = [
        FindingIn(
            child=issue.child.ordinal if issue.child else None,
            parent=issue.parent.ordinal if issue.parent else None,
            rule=issue.rule,
            severity=issue.severity,
            quote=issue.quote,
            message=issue.message,
            suggestion=issue.suggestion,
        )
        for issue in issues.select_related("parent", "child").order_by("id")
    ]
    review = run.reviews.filter(
        kind=ReviewKind.RESULT, decision=Decision.CHANGES, iteration=iteration - 1
    ).first()
    return Before(children_of(run, iteration - 1), findings, review.feedback if review else "")


def _about(
    findings: Iterable[FindingIn], parents: list[ParentIn], children: list[ChildIn]
) -> list[FindingIn]:
    """The findings about these items, and those about the whole set."""
    parent_refs = {parent.ref for parent in parents}
    child_refs = {child.ref for child in children}
    return [
        finding
        for finding in findings
        if (finding.child in child_refs)
        or (finding.child is None and (finding.parent is None or finding.parent in parent_refs))
    ]


def _check_parents(request: DecomposeRequest, answer: DecomposeAnswer) -> None:
    """A child may name only parents that it was given: no child without a parent that exists."""
    known = {parent.ref for parent in request.parents}
    for child in answer.children:
        unknown = sorted(set(child.parents) - known)
        if unknown:
            raise BadAnswer(
                f"The decomposition names parents that it was not given ({unknown[0]}) for: "
                f"{child.text[:120]}. Resume the run to ask again, or use another route."
            )
