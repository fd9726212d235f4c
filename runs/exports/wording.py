"""Sentences and figures that several files share, so that they never tell different stories."""

from collections.abc import Iterable
from datetime import UTC, datetime

from observability.energy import comparison
from observability.models import CostSource
from observability.shown import bounded, energy_text, source_text
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
    """`$0.0015 (metered by the provider; 3 calls)`, `up to $0.05 (...)`; unknown is never $0."""
    rows = list(costs)
    calls = sum(row.calls for row in rows)
    if not calls:
        return "no model was asked"
    sources = sorted({source for row in rows for source in row.sources})
    where = ", ".join(source_text(source, within=True) for source in sources)
    where = where or "source not recorded"
    return f"{dollars(rows)} ({where}; {count(calls, 'call')})"


def dollars(costs: Iterable[CostPart]) -> str:
    """`$0.0015`; `up to $0.05` where the outcome of a call is unknown; "hidden"."""
    rows = list(costs)
    if any(row.cost_nusd is None for row in rows):
        return "hidden"
    unknown = any(CostSource.UNCONFIRMED in row.sources for row in rows)
    return bounded(sum(row.cost_nusd or 0 for row in rows), unknown)


def is_estimated(costs: Iterable[CostPart]) -> bool:
    """Whether a part of it was estimated, because an answer said nothing of its tokens."""
    return any(CostSource.ESTIMATED in row.sources for row in costs)


def energy(costs: Iterable[CostPart]) -> str:
    """`0.012 to 0.34 Wh`, `unknown`, or a dash where nobody was asked that uses any."""
    low, high, unknown = _energy(costs)
    return energy_text(low, high, unknown)


def energy_compared(costs: Iterable[CostPart]) -> str:
    """The same with a comparison: `0.1 to 0.4 Wh, estimated: about what a 10 W LED ...`."""
    rows = list(costs)
    low, high, _ = _energy(rows)
    if low is None or high is None:
        return energy(rows)
    return f"{energy(rows)}, estimated: {comparison(low, high)}"


def _energy(costs: Iterable[CostPart]) -> tuple[float | None, float | None, int]:
    rows = list(costs)
    lows = [row.energy_low_wh for row in rows if row.energy_low_wh is not None]
    highs = [row.energy_high_wh for row in rows if row.energy_high_wh is not None]
    unknown = sum(row.energy_unknown_calls for row in rows)
    return (sum(lows) if lows else None, sum(highs) if highs else None, unknown)
