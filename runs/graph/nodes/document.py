"""Document: the result gets its final standing. Its files are made from the rows on demand."""

from observability.models import Node, QualityRecord
from runs.graph.execution import Execution, Summary
from runs.models import Allocation, Decision, RequirementVersion, ReviewKind, Run, VersionState
from runs.quality.scoring import NOTHING_ALLOCATED


class Document:
    node = Node.DOCUMENT

    def ask(self, execution: Execution, iteration: int) -> None:
        """Nothing: a summary by a model would say less than the records do."""

    def commit(self, execution: Execution, iteration: int, output: None) -> Summary:
        run = execution.run
        allocated = Allocation.objects.filter(run=run, allocated=True).count()
        if not allocated:
            return _nothing_allocated(execution, run)
        record = QualityRecord.objects.get(run=run, iteration_count=iteration)
        approved = run.reviews.filter(
            kind=ReviewKind.RESULT,
            iteration=iteration,
            decision=Decision.APPROVED,
            by_policy=False,  # that nobody looked is no approval of a requirement
        ).exists()
        standing = VersionState.ACCEPTED if approved else VersionState.PROPOSED
        versions = RequirementVersion.objects.filter(run=run, iteration=iteration)
        count = versions.filter(status=VersionState.DRAFT).update(status=standing)
        Run.objects.filter(pk=run.pk).update(
            gate_passed=record.validation_passed, reason=record.gate_reason
        )
        return Summary(
            f"Documented {count} requirements as {standing.label.lower()}",
            {"requirements": count, "standing": standing.value},
        )


def _nothing_allocated(execution: Execution, run: Run) -> Summary:
    """A valid outcome: the allocation report says, requirement by requirement, why."""
    count = Allocation.objects.filter(run=run).count()
    reason = (
        f"None of the {count} source requirements belongs to {run.subsystem.name}; the allocation "
        "report says why for each."
    )
    QualityRecord.objects.create(
        project=run.project,
        run=run,
        subsystem=run.subsystem,
        specification=run.revision.specification,
        revision_id=run.revision_id,
        person_id=run.started_by_id,
        iteration_count=0,
        requirements_count=0,
        allocated_count=0,
        overall=1.0,
        completeness=1.0,
        clarity=1.0,
        testability=1.0,
        traceability=1.0,
        rules_overall=1.0,
        gate_policy=run.gate_policy,
        threshold=run.quality_threshold,
        weights=run.weights,
        critical_count=0,
        validation_passed=True,
        gate_reason=NOTHING_ALLOCATED,
        skill_versions=execution.skill_versions(),
    )
    Run.objects.filter(pk=run.pk).update(gate_passed=True, reason=reason)
    return Summary("Nothing to decompose: no requirement was allocated", {"requirements": 0})
