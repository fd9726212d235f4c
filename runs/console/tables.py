"""Results as tables for a terminal."""

from typing import Literal

from rich.console import Console
from rich.table import Table

from observability.money import format_usd
from runs.exports.result import CostPart, RunResult
from runs.quality.formula import shown_score

SHOWN = 500  # requirements in the terminal; the files have them all


def print_requirements(console: Console, result: RunResult) -> None:
    """The requirements, or why there are none."""
    run = result.run
    if result.nothing_allocated:
        console.print(run.reason)
        return
    table = Table(title=f"{result.subsystem.name}: requirements", title_justify="left")
    for column in ("Identifier", "Requirement", "Parents", "Verified by", "Score"):
        table.add_column(column, no_wrap=column == "Identifier", justify=_justify(column))
    for row in result.requirements[:SHOWN]:
        score = "" if row.score is None else shown_score(row.score)
        table.add_row(
            row.identifier, row.text, ", ".join(row.parents), row.verification_method, score
        )
    console.print(table)
    if len(result.requirements) > SHOWN:
        console.print(f"... and {len(result.requirements) - SHOWN:,} more, in requirements.md")


def _justify(column: str) -> Literal["left", "right"]:
    return "right" if column in {"Score", "Time", "%", "Calls", "Tokens", "Cost"} else "left"


def print_quality(console: Console, result: RunResult) -> None:
    """The outcome in a line, and the scores of each iteration."""
    run = result.run
    verdict = {True: "passed", False: "missed", None: "not judged"}[run.gate_passed]
    console.print(f"[bold]{run.status_label}[/bold], gate {verdict}. {run.reason}")
    if result.nothing_allocated or not result.quality:
        return
    table = Table(title="Quality", title_justify="left")
    columns = ("Iteration", "Overall", "Completeness", "Clarity", "Testability", "Traceability")
    for column in (*columns, "Findings", "Critical"):
        table.add_column(column, justify="right")
    for row in result.quality:
        scores = (row.overall, row.completeness, row.clarity, row.testability, row.traceability)
        table.add_row(
            str(row.iteration),
            *(shown_score(score) for score in scores),
            str(sum(row.findings_by_rule.values())),
            str(row.critical_count),
        )
    console.print(table)


def print_nodes(console: Console, result: RunResult) -> None:
    """What each node took, the slowest first."""
    table = Table(title="Nodes", title_justify="left")
    for column in ("Node", "Iteration", "Time", "%", "Calls", "Tokens", "Cost", "Cost source"):
        table.add_column(column, justify=_justify(column))
    total = sum(row.seconds for row in result.costs) or 1.0
    for row in sorted(result.costs, key=lambda row: -row.seconds):
        paid = _paid(row, result)
        table.add_row(
            row.label,
            str(row.iteration or ""),
            f"{row.seconds:.2f} s",
            f"{100 * row.seconds / total:.0f}",
            str(paid.calls),
            f"{paid.input_tokens + paid.output_tokens:,}",
            format_usd(paid.cost_nusd),
            ", ".join(paid.sources) or "no model asked",
        )
    console.print(table)
    if result.extraction_costs:
        console.print("Extraction is paid once by the specification's revision, not by each run.")


def _paid(row: CostPart, result: RunResult) -> CostPart:
    """The row that carries the calls: for extraction that is the revision's."""
    if row.node == "extract" and result.extraction_costs:
        return result.extraction_costs[0]
    return row
