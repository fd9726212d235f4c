"""Results as tables for a terminal."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

from observability.langsmith import HEURISTIC, better_figures
from observability.shown import short_source
from runs.exports.result import CostPart, QualityPart, RunResult
from runs.exports.wording import dollars, energy_compared, is_estimated, score, total_cost

SHOWN = 500  # requirements in the terminal; the files have them all
ROUNDED = "Every amount is rounded up by itself; sums are of the exact amounts."


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
        shown = "" if row.score is None else score(row.score)
        table.add_row(
            row.identifier, row.text, ", ".join(row.parents), row.verification_method, shown
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
        scores = [score(getattr(row, name)) for row in result.quality]
        table.add_row(name.capitalize(), *scores)
    table.add_row("Findings", *(str(findings(row)) for row in result.quality))
    table.add_row("Critical", *(str(row.critical_count) for row in result.quality))
    console.print(table)


def verdict(gate_passed: bool | None) -> str:
    return {True: "passed", False: "missed", None: "not judged"}[gate_passed]


def findings(row: QualityPart) -> int:
    return sum(row.findings_by_rule.values())


def print_nodes(console: Console, result: RunResult, *, shared: bool = False) -> None:
    """What each node took, the slowest first, and what all of it cost.

    `shared`: another run had the revision read before, so this one asked nothing for it.
    """
    table = Table(title="Nodes", title_justify="left")
    money = ("Cost", "Cost source") if result.costs_shown else ()
    for column in ("Node", "Iteration", "Time", "%", "Calls", "Tokens", *money):
        table.add_column(column, justify=_justify(column))
    total = sum(row.seconds for row in result.costs) or 1.0
    for row in sorted(result.costs, key=lambda row: -row.seconds):
        paid = row if shared else _paid(row, result)
        table.add_row(
            row.label,
            str(row.iteration or ""),
            f"{row.seconds:.2f} s" if row.ended else "not ended",
            f"{100 * row.seconds / total:.0f}",
            str(paid.calls),
            f"{paid.input_tokens + paid.output_tokens:,}",
            *((dollars([paid]), _sources(paid, shared=shared)) if result.costs_shown else ()),
        )
    console.print(table)
    _print_totals(console, result)


def _sources(row: CostPart, *, shared: bool) -> str:
    if shared and row.node == "extract":
        return "read before"
    return ", ".join(map(short_source, row.sources)) or "no model asked"


def _print_totals(console: Console, result: RunResult) -> None:
    everything = (*result.costs, *result.extraction_costs)
    if result.costs_shown:
        console.print(f"This run: {total_cost(result.costs)}.", soft_wrap=True)
        if result.extraction_costs:
            shared = total_cost(result.extraction_costs)
            text = f"Its extraction: {shared}, paid once by the revision, not by each run."
            console.print(text, soft_wrap=True)
        if sum(bool(row.cost_nusd) for row in everything) > 1:
            console.print(ROUNDED, soft_wrap=True)
    console.print(f"Figures: {result.run.tracing}.", soft_wrap=True)
    if any(row.energy_low_wh is not None or row.energy_unknown_calls for row in result.costs):
        console.print(f"Energy of this run: {energy_compared(result.costs)}.", soft_wrap=True)
    if result.costs_shown and is_estimated(everything):
        console.print(f"{HEURISTIC}: {better_figures()}", soft_wrap=True)


def _paid(row: CostPart, result: RunResult) -> CostPart:
    """The row that carries the calls: for extraction that is the revision's."""
    if row.node == "extract" and result.extraction_costs:
        return result.extraction_costs[0]
    return row


def print_summary(console: Console, results: Sequence[RunResult], folders: Sequence[Path]) -> None:
    """A line for each run: what came out, what it cost, and the folder of its files."""
    # Without its frame it fits 80 characters with only the names wrapped.
    table = Table("Subsystem", show_edge=False, pad_edge=False)
    shown = all(result.costs_shown for result in results)
    money = ("Cost",) if shown else ()
    for column in ("Requirements", "Score", "Gate", "Findings", *money, "Files"):
        justify: Literal["left", "right"] = "left" if column in {"Gate", "Files"} else "right"
        table.add_column(column, justify=justify, no_wrap=True)
    for result, folder in zip(results, folders, strict=True):
        quality = result.last_quality
        table.add_row(
            result.subsystem.name,
            str(len(result.requirements)),
            score(quality.overall) if quality else "",
            verdict(result.run.gate_passed),
            str(findings(quality)) if quality else "",
            *((dollars(result.costs),) if shown else ()),
            folder.name,
        )
    console.print()
    console.print(table)
    if shown and any(is_estimated(result.costs) for result in results):
        console.print(f"{HEURISTIC}: {better_figures()}", soft_wrap=True)
    if folders:
        console.print(f"The files are in {folders[0].parent}.", soft_wrap=True)
