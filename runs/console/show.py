"""The whole result of a run in a terminal."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from runs.console.tables import print_nodes, print_quality, print_requirements
from runs.exports.result import RunResult


def show(result: RunResult, files: Sequence[Path]) -> None:
    """Requirements, quality, nodes and files, on standard output."""
    console = Console(highlight=False, soft_wrap=False)
    print_requirements(console, result)
    print_quality(console, result)
    print_nodes(console, result)
    if files:
        console.print("Files:")
        for path in files:
            console.print(f"  {path}", soft_wrap=True)
