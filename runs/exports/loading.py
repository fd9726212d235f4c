"""Reading a run's result, in a number of queries that doesn't grow with it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Max, Q

from observability.models import LLMCall, QualityRecord
from observability.money import to_usd
from observability.reports.costs import NodeTaken, RunCosts, costs_of
from observability.shown import costs_are_shown, tracing_of
from reqplatform.teams.models import User
from runs.exports import result as parts
from runs.models import (
    Allocation,
    PinnedSkill,
    QualityIssue,
    RequirementVersion,
    Review,
    Revision,
    Run,
    SourceRequirement,
    TraceLink,
)


def load(run: Run) -> parts.RunResult:
    """The result of a run as the records have it now; the caller has checked who may see it.

    A worker may be writing meanwhile. What refers is read before what it refers to, so that
    everything a row names is there, without a transaction that would make the worker wait.
    """
    last = run.requirement_versions.aggregate(last=Max("iteration"))["last"]
    iteration: int = last or run.iteration
    links = list(
        TraceLink.objects.filter(child__run=run, child__iteration=iteration)
        .select_related("child__requirement")
        .order_by("parent__ordinal", "child__ordinal")
    )
    issues = list(
        QualityIssue.objects.filter(run=run, iteration=iteration)
        .select_related("child__requirement")
        .order_by("id")
    )
    allocations = list(Allocation.objects.filter(run=run).order_by("source__ordinal"))
    versions = list(
        RequirementVersion.objects.filter(run=run, iteration=iteration)
        .select_related("requirement", "edited_by")
        .order_by("ordinal")
    )
    return _result(run.pk, iteration, links, issues, allocations, versions)


def _result(
    run_id: UUID,
    iteration: int,
    links: Sequence[TraceLink],
    issues: Sequence[QualityIssue],
    allocations: Sequence[Allocation],
    versions: Sequence[RequirementVersion],
) -> parts.RunResult:
    run = Run.objects.select_related(
        "project", "revision__specification", "subsystem", "started_by"
    ).get(pk=run_id)
    sources = list(SourceRequirement.objects.filter(extraction=run.extraction_id))
    keys = unique_keys(sources)
    costs = costs_of(run.pk, run.extraction_id)
    return parts.RunResult(
        project=parts.ProjectPart(slug=run.project.slug, name=run.project.name),
        specification=_specification(run.revision),
        subsystem=parts.SubsystemPart(code=run.subsystem.code, name=run.subsystem.name),
        run=_run(run, iteration, costs),
        sources=tuple(_source(row, keys[row.pk]) for row in sources),
        allocations=tuple(_allocation(row, keys) for row in allocations),
        requirements=_requirements(versions, links, keys),
        links=tuple(_link(row, keys) for row in links),
        issues=tuple(_issue(row, keys) for row in issues),
        quality=_quality(run),
        reviews=_reviews(run),
        **_costs(costs),
    )


def unique_keys(sources: Iterable[SourceRequirement]) -> dict[int, str]:
    """What to call each source requirement. A document may use an identifier twice; we may not."""
    seen = Counter(row.key for row in sources)
    return {
        row.pk: row.key if seen[row.key] == 1 else f"{row.key} [{row.ordinal}]" for row in sources
    }


def _specification(revision: Revision) -> parts.SpecificationPart:
    return parts.SpecificationPart(
        id=revision.specification_id,
        title=revision.specification.title,
        revision_id=revision.pk,
        revision=revision.number,
        filename=revision.filename,
        media_type=revision.media_type,
        size=revision.size,
        sha256=revision.sha256,
        pages=revision.pages,
        language=revision.language,
        warnings=tuple(revision.warnings),
    )


def _run(run: Run, iteration: int, costs: RunCosts) -> parts.RunPart:
    pinned = PinnedSkill.objects.filter(run=run).select_related("skill_version__skill__project")
    asked = (
        LLMCall.objects.filter(_of_run_or_its_extraction(run))
        .order_by("provider", "model")
        .values_list("provider", "model")
        .distinct()
    )
    return parts.RunPart(
        id=run.pk,
        short_id=run.short_id,
        status=run.status,
        status_label=run.get_status_display(),
        gate_passed=run.gate_passed,
        reason=run.reason,
        iteration=iteration,
        max_iterations=run.max_iterations,
        quality_threshold=run.quality_threshold,
        weights=run.weights,
        rule_weights=dict(run.dismissed.weights),
        gate_policy=run.gate_policy,
        review_strategy=run.review_strategy,
        unattended=run.unattended,
        strategy=run.strategy,
        skills=tuple(sorted(pin.skill_version.label for pin in pinned)),
        models=tuple(f"{provider}/{model}" for provider, model in asked),
        tracing=str(tracing_of(costs.total)),
        started_by=_name(run.started_by),
        created_at=run.created_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
    )


def _of_run_or_its_extraction(run: Run) -> Q:
    mine = Q(run=run)
    return mine | Q(extraction=run.extraction_id) if run.extraction_id else mine


def _name(person: User | None) -> str:
    return person.display_name if person else ""


def _source(row: SourceRequirement, key: str) -> parts.SourcePart:
    lead_in = None
    if row.lead_in_start is not None and row.lead_in_end is not None:
        lead_in = parts.Span(start=row.lead_in_start, end=row.lead_in_end)
    return parts.SourcePart(
        id=row.pk,
        key=key,
        ordinal=row.ordinal,
        identifier=row.identifier,
        text=row.text,
        statement=row.statement,
        part=row.part,
        type=row.type,
        quality_class=row.quality_class,
        section=row.section,
        page=row.page,
        span=parts.Span(start=row.start, end=row.end),
        lead_in=row.lead_in,
        lead_in_span=lead_in,
        modal=row.modal,
        confidence=row.confidence,
    )


def _allocation(row: Allocation, keys: dict[int, str]) -> parts.AllocationPart:
    return parts.AllocationPart(
        source=keys[row.source_id],
        allocated=row.allocated,
        rule=row.rule,
        rationale=row.rationale,
        shared_with=tuple(row.shared_with),
    )


def _requirements(
    versions: Iterable[RequirementVersion], links: Iterable[TraceLink], keys: dict[int, str]
) -> tuple[parts.RequirementPart, ...]:
    parents: dict[int, list[str]] = {}
    for link in links:
        parents.setdefault(link.child_id, []).append(keys[link.parent_id])
    return tuple(_requirement(row, tuple(parents.get(row.pk, ()))) for row in versions)


def _requirement(row: RequirementVersion, parents: tuple[str, ...]) -> parts.RequirementPart:
    return parts.RequirementPart(
        id=row.requirement_id,
        version_id=row.pk,
        identifier=row.requirement.identifier,
        ordinal=row.ordinal,
        text=row.text,
        type=row.type,
        acceptance_criteria=tuple(row.acceptance_criteria),
        verification_method=row.verification_method,
        rationale=row.rationale,
        pattern=row.pattern,
        status=row.status,
        score=row.score,
        edited_by=_name(row.edited_by),
        parents=parents,
    )


def _link(row: TraceLink, keys: dict[int, str]) -> parts.LinkPart:
    return parts.LinkPart(
        parent=keys[row.parent_id],
        child=row.child.requirement.identifier,
        relationship=row.relationship,
        rationale=row.rationale.strip() or row.child.rationale,
    )


def _issue(row: QualityIssue, keys: dict[int, str]) -> parts.IssuePart:
    return parts.IssuePart(
        child=row.child.requirement.identifier if row.child else None,
        parent=keys.get(row.parent_id) if row.parent_id else None,
        source=row.source,
        rule=row.rule,
        dimension=row.dimension,
        severity=row.severity,
        quote=row.quote,
        span=parts.Span(start=row.start, end=row.end) if row.end > row.start else None,
        message=row.message,
        suggestion=row.suggestion,
    )


def _quality(run: Run) -> tuple[parts.QualityPart, ...]:
    same = [name for name in parts.QualityPart.model_fields if name != "iteration"]
    return tuple(
        parts.QualityPart(
            iteration=row.iteration_count, **{name: getattr(row, name) for name in same}
        )
        for row in QualityRecord.objects.filter(run=run).order_by("iteration_count")
    )


def _reviews(run: Run) -> tuple[parts.ReviewPart, ...]:
    return tuple(
        parts.ReviewPart(
            kind=row.kind,
            iteration=row.iteration,
            decision=row.decision,
            feedback=row.feedback,
            decided_by=row.decider if row.by_policy else _name(row.decided_by),
            decided_at=row.decided_at,
        )
        for row in Review.objects.filter(run=run).select_related("decided_by").order_by("id")
    )


def _costs(costs: RunCosts) -> dict[str, Any]:
    shown = costs_are_shown()
    shared = [costs.extraction] if costs.extraction else []
    return {
        "costs_shown": shown,
        "costs": tuple(_cost(row, shown) for row in costs.nodes),
        "extraction_costs": tuple(_cost(row, shown) for row in shared),
    }


def _cost(row: NodeTaken, shown: bool) -> parts.CostPart:
    took = row.taken
    return parts.CostPart(
        node=row.node,
        label=row.label,
        iteration=row.iteration,
        ended=row.duration_ms is not None,
        seconds=(row.duration_ms or 0) / 1000,
        calls=took.calls,
        calls_by_purpose=dict(took.purposes),
        calls_refused=took.released,
        models=took.models,
        input_tokens=took.input_tokens,
        cache_read_tokens=took.cache_read,
        cache_write_tokens=took.cache_write + took.cache_write_1h,
        output_tokens=took.output_tokens,
        reasoning_tokens=took.reasoning,
        cost_nusd=took.cost_nusd if shown else None,
        cost_usd=to_usd(took.cost_nusd) if shown else None,
        unconfirmed_nusd=took.unconfirmed_nusd if shown else None,
        sources=took.sources,
        energy_low_wh=took.energy_low_wh,
        energy_high_wh=took.energy_high_wh,
        energy_unknown_calls=took.energy_unknown_calls,
    )
