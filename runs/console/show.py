"""The whole result of a run in a terminal."""

from collections.abc import Sequence
from pathlib import Path

from observability.models import Node
from runs.console.stand_ins import stand_ins
from runs.console.tables import print_nodes, print_quality, print_requirements, print_summary
from runs.console.terminal import terminal
from runs.exports.result import RunResult
from runs.models import EventKind, Run


def show(run: Run, result: RunResult, files: Sequence[Path]) -> None:
    """Requirements, quality, nodes, who answered for whom, and files, on standard output."""
    console = terminal()
    print_requirements(console, result)
    print_quality(console, result)
    print_nodes(console, result, shared=_read_before(run))
    for line in stand_ins(run):
        console.print(line, soft_wrap=True)
    if files:
        console.print("Files:")
        for path in files:
            console.print(f"  {path}", soft_wrap=True)


def _read_before(run: Run) -> bool:
    """Whether the run found its revision read by another one."""
    ended = run.events.filter(kind=EventKind.NODE_FINISHED, node=Node.EXTRACT).first()
    return bool(ended and ended.figures.get("shared"))


def show_summary(results: Sequence[RunResult], folders: Sequence[Path]) -> None:
    """Several runs of one specification, a line each, with where their files are."""
    print_summary(terminal(), results, folders)
