"""How good the embedded analyst is on labelled documents. Pure: no database.

A folder of data has `specs/*.pdf` with `specs/extraction_gold.csv` (document, text), and
the links that `runs.trace_sets` reads.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz, process

from runs.analyst.allocate import analyze
from runs.analyst.extract import extract
from runs.analyst.link import link
from runs.documents import parse
from runs.passages import locate, requests
from runs.requests import AnalyzeRequest, RequirementType, SourceIn, SubsystemIn
from runs.trace_sets import allocation_sets, trace_sets

ALIKE = 85.0
"""`rapidfuzz.fuzz.token_sort_ratio` from which a found text counts as the expected one."""
CHUNK = 200_000  # characters


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one document or set; precision, recall and F1 are derived from them."""

    name: str
    hits: int
    found: int
    expected: int

    @property
    def precision(self) -> float:
        return self.hits / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.hits / self.expected if self.expected else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.hits / (self.found + self.expected) if self.hits else 0.0


def total(scores: Sequence[Score]) -> Score:
    """All of them as one (micro average)."""
    return Score(
        "all",
        sum(score.hits for score in scores),
        sum(score.found for score in scores),
        sum(score.expected for score in scores),
    )


def extraction(folder: Path) -> Iterator[Score]:
    """Extraction of each labelled specification against what experts marked, one to one."""
    expected: defaultdict[str, list[str]] = defaultdict(list)
    for row in _rows(folder / "specs" / "extraction_gold.csv"):
        expected[row["document"]].append(row["text"])
    for name, texts in sorted(expected.items()):
        document = parse((folder / "specs" / name).read_bytes(), name)
        found: list[str] = []
        for request in requests(document, CHUNK):
            passages, _ = locate(document, request, extract(request, {}))
            found += [passage.text for passage in passages]
        yield Score(name, matched(found, texts), len(found), len(texts))


def trace(folder: Path) -> Iterator[Score]:
    """Proposed links of each set against the true ones."""
    for one in trace_sets(folder):
        proposed = {(item.parent, item.child) for item in link(one.parents, one.children)}
        yield Score(one.name, len(one.links & proposed), len(proposed), len(one.links))


def allocation(folder: Path) -> Iterator[Score]:
    """Allocated statements against the component that each names, components told by name only."""
    for one in allocation_sets(folder):
        names = sorted({component for _, component in one.statements})
        parts = [SubsystemIn(code=f"SUB{n}", name=name) for n, name in enumerate(names)]
        sources = [
            SourceIn(ref=ref, statement=statement, type=RequirementType.FUNC)
            for ref, (statement, _) in enumerate(one.statements)
        ]
        found = hits = 0
        for part in parts:
            others = [other for other in parts if other is not part]
            request = AnalyzeRequest(subsystem=part, siblings=others, requirements=sources)
            own = [each.ref for each in analyze(request, {}).allocations if each.allocated]
            found += len(own)
            hits += sum(one.statements[ref][1] == part.name for ref in own)
        yield Score(one.name, hits, found, len(one.statements))


def matched(found: Sequence[str], expected: Sequence[str]) -> int:
    """How many can be paired one to one: first those of equal words, then the most alike first."""
    left = Counter(map(_words, found))
    missing = []
    hits = 0
    for text in map(_words, expected):
        if left[text]:
            left[text] -= 1
            hits += 1
        else:
            missing.append(text)
    rest = list(left.elements())
    pairs = sorted(
        (
            (value, i, j)
            for i, text in enumerate(missing)
            for _, value, j in process.extract(
                text, rest, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE, limit=None
            )
        ),
        reverse=True,
    )
    taken: tuple[set[int], set[int]] = (set(), set())
    for _, i, j in pairs:
        if i not in taken[0] and j not in taken[1]:
            taken[0].add(i)
            taken[1].add(j)
            hits += 1
    return hits


def _words(text: str) -> str:
    """Lower-case letters and digits, so that quotation marks and spaces do not matter."""
    kept = "".join(letter if letter.isalnum() else " " for letter in text.lower())
    return " ".join(kept.split())


def _rows(file: Path) -> Iterable[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        yield from csv.DictReader(stream)
