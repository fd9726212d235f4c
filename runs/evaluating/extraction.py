"""Extracted requirements against those that experts marked in the same documents.

Reads `specs/*.pdf` and `specs/extraction_gold.csv` (document, text).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from rapidfuzz import fuzz, process

from runs.analyst.extract import extract
from runs.documents import parse
from runs.evaluating.labelled import rows
from runs.evaluating.scores import Score, macro_f1, total
from runs.passages import Passage, locate, requests

ALIKE = 85.0
"""`rapidfuzz.fuzz.token_sort_ratio` from which a found text counts as the expected one."""
CHUNK = 200_000  # characters
PARTS_COUNTED = "all, parts counted"


def extraction(folder: Path) -> Iterator[Score]:
    """Extraction of each labelled specification against what experts marked, one to one, and of
    all together.

    Parts of a requirement (the items below a numbered statement) are counted with it, not beside;
    the last row is of all documents with the parts counted as requirements of their own.
    """
    expected: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows(folder / "specs" / "extraction_gold.csv"):
        expected[row["document"]].append(row["text"])
    whole: list[Score] = []
    apart: list[Score] = []
    for name, texts in sorted(expected.items()):
        found = list(_found(folder / "specs" / name))
        counted = [passage.text for passage in found if not passage.answer.part]
        every = [passage.text for passage in found]
        whole.append(Score(name, matched(counted, texts), len(counted), len(texts)))
        apart.append(Score(name, matched(every, texts), len(every), len(texts)))
    yield from whole
    yield total(whole)
    yield replace(total(apart), name=PARTS_COUNTED)


def macro_f1_of_documents(scores: Sequence[Score]) -> float:
    """The mean F1 of the documents, the rows of all together left out."""
    together = ("all", PARTS_COUNTED)
    return macro_f1([score for score in scores if score.name not in together])


def _found(file: Path) -> Iterator[Passage]:
    document = parse(file.read_bytes(), file.name)
    for request in requests(document, CHUNK):
        yield from locate(document, request, extract(request, {}))[0]


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
