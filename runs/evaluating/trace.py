"""Proposed trace links against the true ones.

Reads `trace/<set>/{high,low}/*` and `trace/<set>/answer.csv` (high, low).
"""

from collections.abc import Iterator
from pathlib import Path

from runs.analyst.link import link
from runs.evaluating.labelled import rows
from runs.evaluating.scores import Score


def trace(folder: Path) -> Iterator[Score]:
    """Proposed links of each set against the true ones."""
    for one in sorted((folder / "trace").iterdir()):
        answer = rows(one / "answer.csv")
        true = {(_id(row["high"]), _id(row["low"])) for row in answer}
        links = link(_items(one / "high"), _items(one / "low"))
        proposed = {(item.parent, item.child) for item in links}
        yield Score(one.name, len(true & proposed), len(proposed), len(true))


def _items(folder: Path) -> dict[str, str]:
    return {
        _id(file.name): file.read_text("utf-8", errors="replace")
        for file in sorted(folder.iterdir())
    }


def _id(name: str) -> str:
    return name.removesuffix(".txt")
