"""Labelled sets of links between requirements, and of what they are allocated to, of a folder.

`trace/<set>/{high,low}/*` with `trace/<set>/answer.csv` (high, low), and `zephyr/` with StrictDoc
files whose software requirements name their parents among the system requirements.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from runs.documents import strictdoc
from runs.evaluating.labelled import rows


@dataclass(frozen=True, slots=True)
class TraceSet:
    name: str
    parents: Mapping[str, str]  # id -> text
    children: Mapping[str, str]
    links: frozenset[tuple[str, str]]  # parent, child: those that are true


def trace_sets(folder: Path) -> Iterator[TraceSet]:
    """All sets of a folder of data. Raises FileNotFoundError if it has none."""
    for one in sorted((folder / "trace").iterdir()):
        links = {(_id(row["high"]), _id(row["low"])) for row in rows(one / "answer.csv")}
        yield TraceSet(one.name, _items(one / "high"), _items(one / "low"), frozenset(links))
    if (folder / "zephyr").is_dir():
        yield _zephyr(folder / "zephyr")


def _zephyr(folder: Path) -> TraceSet:
    parents = {node.uid: node.text for node in nodes(folder / "system_requirements")}
    below = list(nodes(folder / "software_requirements"))
    links = {(uid, node.uid) for node in below for uid in node.parents if uid in parents}
    children = {node.uid: node.text for node in below}
    return TraceSet(folder.name, parents, children, frozenset(links))


@dataclass(frozen=True, slots=True)
class AllocationSet:
    name: str
    statements: Sequence[tuple[str, str]]  # statement, and the one component it belongs to


def allocation_sets(folder: Path) -> Iterator[AllocationSet]:
    """All sets of a folder of data. Raises FileNotFoundError if it has none."""
    if not (folder / "zephyr").is_dir():
        raise FileNotFoundError(2, "There are no such files", str(folder / "zephyr"))
    fields = [node.fields for node in nodes(folder / "zephyr" / "software_requirements")]
    statements = [
        (each["STATEMENT"], each["COMPONENT"])
        for each in fields
        if each.get("STATEMENT") and each.get("COMPONENT")
    ]
    yield AllocationSet("zephyr", statements)


def nodes(folder: Path) -> Iterator[strictdoc.Node]:
    for file in sorted(folder.glob("*.sdoc")):
        yield from strictdoc.requirements(file.read_text("utf-8", errors="replace"))


def _items(folder: Path) -> dict[str, str]:
    return {
        _id(file.name): file.read_text("utf-8", errors="replace")
        for file in sorted(folder.iterdir())
    }


def _id(name: str) -> str:
    return name.removesuffix(".txt")
