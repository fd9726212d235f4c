"""The whole result of a run in a terminal."""

from collections.abc import Sequence
from pathlib import Path

from runs.console.tables import print_nodes, print_quality, print_requirements, print_summary
from runs.console.terminal import terminal
from runs.exports.result import RunResult


def show(result: RunResult, files: Sequence[Path]) -> None:
    """Requirements, quality, nodes and files, on standard output."""
    console = terminal()
    print_requirements(console, result)
    print_quality(console, result)
    print_nodes(console, result)
    if files:
        console.print("Files:")
        for path in files:
            console.print(f"  {path}", soft_wrap=True)


def show_summary(results: Sequence[RunResult], folders: Sequence[Path]) -> None:
    """Several runs of one specification, a line each, with where their files are."""
    print_summary(terminal(), results, folders)
