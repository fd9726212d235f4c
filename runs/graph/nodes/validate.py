"""Validate: the rules and the judge score what was written, and the gate decides what follows."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from observability.llm import routes
from observability.models import Node, QualityRecord
from runs.graph.asking import Asked, ask_all
from runs.graph.execution import Execution, Summary
from runs.graph.room import room
from runs.graph.shown import (
    children_of,
    domain_for_rules,
    parents_of,
    strategy_of,
    subsystem_in,
    versions_of,
)
from runs.graph.state import Verdict
from runs.models import QualityIssue, RequirementVersion, Run, SourceRequirement
from runs.models.quality_issue import IssueSource
from runs.passages import batches
from runs.quality.finding import Dimension, Severity
from runs.quality.formula import shown_score
from runs.quality.gate import GatePolicy, GateResult, decide
from runs.quality.judge_rules import OTHER, Named, named
from runs.quality.scoring import Assessment, assess
from runs.requests import ChildIn, FindingOut, Scores, ValidateAnswer, ValidateRequest
from skills.models import SkillSlug

Judged = Asked[ValidateRequest, ValidateAnswer]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What both judges said of one iteration, and what the gate made of it."""

    request: ValidateRequest
    rules: Assessment
    judged: Scores | None  # None: only the rules judged
    judge_findings: list[FindingOut]  # those that no rule made as well
    unknown_rules: tuple[str, ...]  # names that the judge gave and no rule has
    gate: GateResult


class Validate:
    node = Node.VALIDATE

    def ask(self, execution: Execution, iteration: int) -> Judgement:
        run = execution.run
        request = ValidateRequest(
            subsystem=subsystem_in(run.subsystem, execution.domain),
            strategy=strategy_of(run),
            parents=parents_of(run),
            children=children_of(run, iteration),
            domain=domain_for_rules(execution.domain, run.project_id),
        )
        skill = execution.skill(SkillSlug.QUALITY_VALIDATION)
        rules = assess(request, terms=skill.parameters.get("terms", ()), dismissed=run.dismissed)
        answers = list(_judge(execution, run, iteration, request))
        said = named(finding for asked in answers for finding in asked.answer.findings)
        findings = _new_findings(rules, said)
        judged = _mean_scores(answers)
        gate = decide(
            rules.scores,
            judged,
            [*rules.findings, *findings],
            threshold=float(run.quality_threshold),
            weights=run.weights,
            policy=GatePolicy(run.gate_policy),
        )
        return Judgement(request, rules, judged, findings, said.unknown, gate)

    def commit(self, execution: Execution, iteration: int, output: Judgement) -> Summary:
        run = execution.run
        versions = {version.ordinal: version for version in versions_of(run, iteration)}
        _score(run, iteration, output.rules.children)
        issues = list(_issues(run, iteration, output, versions))
        QualityIssue.objects.bulk_create(issues, batch_size=500)
        _record(execution, run, iteration, output, issues)
        verdict = _verdict(run, iteration, output)
        gate = output.gate
        return Summary(
            f"Validated: {shown_score(gate.overall, 3)}, {len(issues)} findings, "
            f"{gate.critical} critical (iteration {iteration}){_told(output.unknown_rules)}",
            {
                "overall": gate.overall,
                "findings": len(issues),
                "critical": gate.critical,
                "passed": gate.passed,
                "verdict": verdict.value,
                **({"unknown_rules": output.unknown_rules} if output.unknown_rules else {}),
            },
        )


def _told(unknown: tuple[str, ...]) -> str:
    if not unknown:
        return ""
    names = ", ".join(f"“{name}”" for name in unknown[:5])
    more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
    return f". The judge used names that no rule has, kept as “{OTHER}”: {names}{more}"


def _score(run: Run, iteration: int, scores: Mapping[int, float]) -> None:
    """Write the children's scores, by ordinal; those of the same score in one statement."""
    by_score: dict[float, list[int]] = defaultdict(list)
    for ordinal, score in scores.items():
        by_score[score].append(ordinal)
    rows = RequirementVersion.objects.filter(run=run, iteration=iteration)
    for score, ordinals in by_score.items():
        for start in range(0, len(ordinals), 500):
            rows.filter(ordinal__in=ordinals[start : start + 500]).update(score=score)


def _judge(
    execution: Execution, run: Run, iteration: int, request: ValidateRequest
) -> Iterator[Judged]:
    """The answers for each batch of children, shown with all their parents.

    The children of a parent stay together, or the judge would miss what their siblings carry.
    """
    skill = execution.skill(SkillSlug.QUALITY_VALIDATION)
    context = execution.call_context(run, Node.VALIDATE, iteration, SkillSlug.QUALITY_VALIDATION)
    childless = {parent.ref for parent in request.parents}
    childless -= {ref for child in request.children for ref in child.parents}

    def size(child: ChildIn) -> int:
        return len(child.text) + sum(map(len, child.acceptance_criteria)) + 600

    first_parents = {min(child.parents): child.ref for child in reversed(request.children)}
    parts = batches(
        sorted(request.children, key=lambda child: (min(child.parents), child.ref)),
        size,
        room(context.routes, request.domain),
        may_break_before=lambda child: first_parents[min(child.parents)] == child.ref,
    )

    def shown(ordinal: int, part: list[ChildIn]) -> ValidateRequest:
        refs = {ref for child in part for ref in child.parents}
        refs |= childless if ordinal == 0 else set()  # they are judged once, with the first
        parents = [parent for parent in request.parents if parent.ref in refs]
        texts = [*(child.text for child in part), *(parent.statement for parent in parents)]
        domain = request.domain.shown_with(texts) if request.domain else None
        return request.model_copy(update={"children": part, "parents": parents, "domain": domain})

    return ask_all(context, skill, map(shown, count(), parts), ValidateAnswer)


def _mean_scores(answers: list[Judged]) -> Scores | None:
    """The judge's scores over all batches, weighted by the children in each.

    None without a second opinion: the embedded analyst judges by the same rules, so where it had to
    answer any batch, there are no scores of the judge for the whole.
    """
    if any(asked.model == routes.EMBEDDED.key for asked in answers):
        return None
    total = sum(len(asked.request.children) for asked in answers)

    def mean(dimension: Dimension) -> float:
        weighted = (
            len(asked.request.children) * float(getattr(asked.answer.scores, dimension.value))
            for asked in answers
        )
        return sum(weighted) / total if total else 0.0

    asked_for = [dimension for dimension in Dimension if dimension is not Dimension.DOMAIN]
    return Scores(**{dimension.value: mean(dimension) for dimension in asked_for})


def _new_findings(rules: Assessment, said: Named) -> list[FindingOut]:
    """The judge's findings that no rule made: the same thing is not counted twice."""
    known = {
        (item.finding.rule, item.child, item.parent, item.quote.casefold())
        for item in rules.findings
    }
    return [
        finding
        for finding in said.findings
        if (finding.rule, finding.child, finding.parent, finding.quote.casefold()) not in known
    ]


def _issues(
    run: Run, iteration: int, output: Judgement, versions: dict[int, RequirementVersion]
) -> Iterator[QualityIssue]:
    allocated = SourceRequirement.objects.filter(allocations__run=run, allocations__allocated=True)
    sources = {row.ordinal: row for row in allocated.only("ordinal")}
    for item in output.rules.findings:
        yield QualityIssue(
            run=run,
            iteration=iteration,
            child=versions.get(item.child) if item.child is not None else None,
            parent=sources.get(item.parent) if item.parent is not None else None,
            source=IssueSource.RULE,
            rule=item.finding.rule,
            dimension=item.finding.dimension.value,
            severity=item.finding.severity.value,
            start=item.finding.start,
            end=item.finding.end,
            quote=item.quote,
            message=item.finding.message,
            suggestion=item.finding.suggestion,
        )
    for finding in output.judge_findings:
        child = versions.get(finding.child) if finding.child is not None else None
        start = child.text.find(finding.quote) if child and finding.quote else -1
        yield QualityIssue(
            run=run,
            iteration=iteration,
            child=child,
            parent=sources.get(finding.parent) if finding.parent is not None else None,
            source=IssueSource.JUDGE,
            rule=finding.rule,
            dimension=_one_of(Dimension, finding.dimension, Dimension.CLARITY),
            severity=_one_of(Severity, finding.severity, Severity.MAJOR),
            start=max(start, 0),
            end=start + len(finding.quote) if start >= 0 else 0,
            quote=finding.quote,
            message=finding.message,
            suggestion=finding.suggestion,
        )


def _one_of(
    words: type[Dimension] | type[Severity], said: str, default: Dimension | Severity
) -> str:
    """The word that a judge wrote if it is one of ours, else the default."""
    said = said.strip().casefold()
    return said if said in {word.value for word in words} else default.value


def _record(
    execution: Execution, run: Run, iteration: int, output: Judgement, issues: list[QualityIssue]
) -> None:
    scores = output.rules.scores
    QualityRecord.objects.create(
        project=run.project,
        run=run,
        subsystem=run.subsystem,
        specification=run.revision.specification,
        revision_id=run.revision_id,
        person_id=run.started_by_id,
        iteration_count=iteration,
        requirements_count=len(output.request.children),
        allocated_count=len(output.request.parents),
        overall=output.gate.overall,
        completeness=scores.completeness,
        clarity=scores.clarity,
        testability=scores.testability,
        traceability=scores.traceability,
        domain_compliance=scores.domain,
        rules_overall=output.gate.rules_overall,
        judge_scores=output.judged.model_dump() if output.judged else None,
        judge_overall=output.gate.judge_overall,
        gate_policy=run.gate_policy,
        threshold=run.quality_threshold,
        weights=run.weights,
        critical_count=output.gate.critical,
        findings_by_rule=dict(Counter(issue.rule for issue in issues)),
        validation_passed=output.gate.passed,
        gate_reason=output.gate.reason[:500],
        skill_versions=execution.skill_versions(),
    )


def _verdict(run: Run, iteration: int, output: Judgement) -> Verdict:
    """Pass, revise while iterations are left and a revision still changes something, else stop."""
    if output.gate.passed:
        return Verdict.PASSED
    if iteration < run.max_iterations and not _unchanged(run, iteration, output.request.children):
        return Verdict.REVISE
    return Verdict.ACCEPT if run.unattended else Verdict.REVIEW


def _unchanged(run: Run, iteration: int, children: list[ChildIn]) -> bool:
    """Whether this iteration wrote what the one before did: another would be paid for nothing."""
    if iteration == 1:
        return False
    before = children_of(run, iteration - 1)
    return [(c.text, c.acceptance_criteria, c.parents) for c in before] == [
        (c.text, c.acceptance_criteria, c.parents) for c in children
    ]
