"""Labelled sets of links between requirements, and of what they are allocated to, of a folder.

`trace/<set>/{high,low}/*` with `trace/<set>/answer.csv` (high, low), and `zephyr/` with StrictDoc
files whose software requirements name their parents among the system requirements.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from runs.documents import strictdoc


@dataclass(frozen=True, slots=True)
class TraceSet:
    name: str
    parents: Mapping[str, str]  # id -> text
    children: Mapping[str, str]
    links: frozenset[tuple[str, str]]  # parent, child: those that are true


def trace_sets(folder: Path) -> Iterator[TraceSet]:
    """All sets of a folder of data. Raises FileNotFoundError if it has none."""
    for one in sorted((folder / "trace").iterdir()):
        with (one / "answer.csv").open(encoding="utf-8-sig", newline="") as stream:
            links = {(_id(row["high"]), _id(row["low"])) for row in csv.DictReader(stream)}
        yield TraceSet(one.name, _items(one / "high"), _items(one / "low"), frozenset(links))
    if (folder / "zephyr").is_dir():
        yield _zephyr(folder / "zephyr")


def _zephyr(folder: Path) -> TraceSet:
    parents = {node.uid: node.text for node in strictdoc_nodes(folder / "system_requirements")}
    below = list(strictdoc_nodes(folder / "software_requirements"))
    links = {(uid, node.uid) for node in below for uid in node.parents if uid in parents}
    children = {node.uid: node.text for node in below}
    return TraceSet(folder.name, parents, children, frozenset(links))


@dataclass(frozen=True, slots=True)
class AllocationSet:
    name: str
    statements: Sequence[tuple[str, str]]  # statement, and the one component it belongs to


def allocation_sets(folder: Path) -> Iterator[AllocationSet]:
    if (folder / "zephyr").is_dir():
        nodes = strictdoc_nodes(folder / "zephyr" / "software_requirements")
        fields = [node.fields for node in nodes]
        statements = [
            (each["STATEMENT"], each["COMPONENT"])
            for each in fields
            if each.get("STATEMENT") and each.get("COMPONENT")
        ]
        yield AllocationSet("zephyr", statements)


def strictdoc_nodes(folder: Path) -> Iterator[strictdoc.Node]:
    for file in sorted(folder.glob("*.sdoc")):
        yield from strictdoc.requirements(file.read_text("utf-8", errors="replace"))


def _items(folder: Path) -> dict[str, str]:
    return {
        _id(file.name): file.read_text("utf-8", errors="replace")
        for file in sorted(folder.iterdir())
    }


def _id(name: str) -> str:
    return name.removesuffix(".txt")
