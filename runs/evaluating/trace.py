"""Proposed trace links against the true ones, in the sets that `linked` reads."""

from collections.abc import Iterator
from pathlib import Path

from runs.analyst.link import link
from runs.evaluating.linked import trace_sets
from runs.evaluating.scores import Score


def trace(folder: Path) -> Iterator[Score]:
    """Proposed links of each set against the true ones."""
    for one in trace_sets(folder):
        proposed = {(item.parent, item.child) for item in link(one.parents, one.children)}
        yield Score(one.name, len(one.links & proposed), len(proposed), len(one.links))
