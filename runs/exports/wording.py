"""Sentences and figures that several files share, so that they never tell different stories."""

from collections.abc import Iterable
from datetime import UTC, datetime

from observability.models import CostSource
from observability.money import format_usd
from runs.exports.result import CostPart, RunResult
from runs.quality.formula import shown_score

COMPLETED = "completed"  # the value of RunStatus.COMPLETED


def score(value: float | None) -> str:
    """Three decimals, rounded down, so that 0.7996 never reads as a reached 0.80."""
    return "–" if value is None else shown_score(value, 3)


def moment(when: datetime | None) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if when else "–"


def count(number: int, noun: str) -> str:
    """`1 requirement`, `2 requirements`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def verdict(result: RunResult) -> str:
    """Where the run stands, in one sentence. Only what passed its gate ever reads as passed."""
    run, last = result.run, result.last_quality
    if run.gate_passed and result.nothing_allocated:
        return (
            f"Passed: no requirement of the specification belongs to {result.subsystem.name}, "
            "so there was nothing to decompose. Its scores are 1.0 by definition, not by merit."
        )
    if run.gate_passed:
        return f"Passed its quality gate. {last.gate_reason if last else ''}".strip()
    if run.gate_passed is False and run.status == COMPLETED:
        return (
            "Completed BELOW its quality gate: it did not pass. "
            f"{last.gate_reason if last else run.reason}"
        ).strip()
    if run.gate_passed is False:
        return f"{run.status_label}; its gate is not passed. {run.reason}".strip()
    return f"{run.status_label}; its gate has not been judged. {run.reason}".strip()


def nothing_written(result: RunResult) -> str:
    """Why there are no requirements."""
    if result.nothing_allocated:
        return (
            f"None of the {count(len(result.allocations), 'requirement')} of the specification "
            f"belongs to {result.subsystem.name}, so there is nothing to decompose. "
            "This is a valid outcome; allocation_report.md says why, one by one."
        )
    return f"The run has written no requirements yet. It is {result.run.status_label.lower()}."


def total_cost(costs: Iterable[CostPart]) -> str:
    """`$0.0015 (metered by the provider; 3 calls)`; unknown is never $0."""
    rows = list(costs)
    calls = sum(row.calls for row in rows)
    if not calls:
        return "no model was asked"
    sources = sorted({source for row in rows for source in row.sources})
    where = ", ".join(_source_label(source) for source in sources) or "source not recorded"
    spent = format_usd(sum(row.cost_nusd for row in rows))
    return f"{spent} ({where}; {count(calls, 'call')})"


def _source_label(source: str) -> str:
    if source == CostSource.UNCONFIRMED:
        return "unconfirmed: charged at the hold until it is reconciled"
    known = {item.value: item.label for item in CostSource}
    return str(known.get(source, source)).lower()
