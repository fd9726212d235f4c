"""Results as tables for a terminal."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

from observability.money import format_usd
from runs.exports.result import CostPart, QualityPart, RunResult
from runs.quality.formula import shown_score

SHOWN = 500  # requirements in the terminal; the files have them all


def print_requirements(console: Console, result: RunResult) -> None:
    """The requirements, or why there are none."""
    run = result.run
    if result.nothing_allocated:
        console.print(run.reason)
        return
    table = Table(title=f"{result.subsystem.name}: requirements", title_justify="left")
    for column in ("Identifier", "Requirement", "Parents", "Verification", "Score"):
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
    """The outcome in a line, and a column of scores for each iteration."""
    run = result.run
    console.print(run.status_label, style="bold", end="")
    console.print(f", gate {verdict(run.gate_passed)}. {run.reason}", soft_wrap=True)
    if result.nothing_allocated or not result.quality:
        return
    table = Table("Quality")
    for row in result.quality:
        table.add_column(f"Iteration {row.iteration}", justify="right")
    for name in ("overall", "completeness", "clarity", "testability", "traceability"):
        scores = [shown_score(getattr(row, name)) for row in result.quality]
        table.add_row(name.capitalize(), *scores)
    table.add_row("Findings", *(str(findings(row)) for row in result.quality))
    table.add_row("Critical", *(str(row.critical_count) for row in result.quality))
    console.print(table)


def verdict(gate_passed: bool | None) -> str:
    return {True: "passed", False: "missed", None: "not judged"}[gate_passed]


def findings(row: QualityPart) -> int:
    return sum(row.findings_by_rule.values())


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


def print_summary(console: Console, results: Sequence[RunResult], folders: Sequence[Path]) -> None:
    """A line for each run: what came out, what it cost, and the folder of its files."""
    # Without its frame it fits 80 characters with only the names wrapped.
    table = Table("Subsystem", show_edge=False, pad_edge=False)
    for column in ("Requirements", "Score", "Gate", "Findings", "Cost", "Files"):
        justify: Literal["left", "right"] = "left" if column in {"Gate", "Files"} else "right"
        table.add_column(column, justify=justify, no_wrap=True)
    for result, folder in zip(results, folders, strict=True):
        quality = result.last_quality
        table.add_row(
            result.subsystem.name,
            str(len(result.requirements)),
            shown_score(quality.overall) if quality else "",
            verdict(result.run.gate_passed),
            str(findings(quality)) if quality else "",
            format_usd(sum(row.cost_nusd for row in result.costs)),
            folder.name,
        )
    console.print()
    console.print(table)
    if folders:
        console.print(f"The files are in {folders[0].parent}.", soft_wrap=True)
