"""Quality classes against those that experts gave.

Reads `types/*.csv` (RequirementText, class, and ProjectID where there is one). `class` is a letter
code of PROMISE NFR: F for a function, the others for a quality.

Where the file is the one that the shipped weights were learned from, they would only be asked what
they were told. Then each project's statements are judged by weights that are learned from the other
projects alone (project-wise cross-validation); the row's figures are those.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from runs.analyst.quality_class import FUNCTION, learned_from, quality_class
from runs.analyst.quality_learning import best_label, learn
from runs.analyst.quality_seeds import FUNCTIONS, SEEDS
from runs.evaluating.labelled import rows
from runs.evaluating.scores import Score, macro_f1, total
from runs.requests import QualityClass

LETTERS = {
    "F": FUNCTION,
    "A": QualityClass.AVAILABILITY.value,
    "FT": QualityClass.FAULT_TOLERANCE.value,
    "L": QualityClass.LEGAL.value,
    "LF": QualityClass.LOOK_AND_FEEL.value,
    "MN": QualityClass.MAINTAINABILITY.value,
    "O": QualityClass.OPERATIONAL.value,
    "PE": QualityClass.PERFORMANCE.value,
    "PO": QualityClass.PORTABILITY.value,
    "SC": QualityClass.SCALABILITY.value,
    "SE": QualityClass.SECURITY.value,
    "US": QualityClass.USABILITY.value,
}


@dataclass(frozen=True, slots=True)
class Labelled:
    project: str
    statement: str
    label: str


def types(folder: Path) -> Iterator[Score]:
    """A row for each class that the files have."""
    pairs = list(_judged(labelled(folder)))
    found = Counter(given for _, given in pairs)
    expected = Counter(label for label, _ in pairs)
    hits = Counter(label for label, given in pairs if label == given)
    for label in LETTERS.values():
        if expected[label]:
            yield Score(label, hits[label], found[label], expected[label])


def function_or_quality(scores: Sequence[Score]) -> float:
    """The mean F1 of the two questions: is it a function, is it a quality?"""
    every = sum(score.expected for score in scores)
    for score in scores:
        if score.name == FUNCTION:
            wrong = score.found - score.hits + score.expected - score.hits
            right = every - score.hits - wrong
            found, expected = every - score.found, every - score.expected
            return macro_f1([score, Score("quality", right, found, expected)])
    return 0.0


def accuracy(scores: Sequence[Score]) -> float:
    return total(scores).recall


def labelled(folder: Path) -> list[Labelled]:
    """The labelled statements of all files; rows of classes unknown here are left out."""
    files = sorted((folder / "types").glob("*.csv"))
    if not files:
        raise FileNotFoundError(2, "no such file", str(folder / "types" / "*.csv"))
    return [
        Labelled(row.get("ProjectID") or "", row["RequirementText"], LETTERS[row["class"]])
        for file in files
        for row in rows(file)
        if row["class"] in LETTERS
    ]


def digest(statements: Iterable[Labelled]) -> str:
    """The same for the same labelled statements, in any order."""
    lines = sorted(f"{each.label}\t{each.statement}" for each in statements)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def seeds() -> list[tuple[str, str]]:
    """The project's own examples with their labels."""
    own = [(text, quality.value) for quality, texts in SEEDS.items() for text in texts]
    return own + [(text, FUNCTION) for text in FUNCTIONS]


def _judged(statements: Sequence[Labelled]) -> Iterator[tuple[str, str]]:
    """Pairs of the expert's label and the analyst's."""
    if digest(statements) != learned_from():
        for each in statements:
            found = quality_class(each.statement)
            yield each.label, found.value if found else FUNCTION
        return
    for project in sorted({each.project for each in statements}):
        others = [(each.statement, each.label) for each in statements if each.project != project]
        weights = learn(others + seeds())
        for each in statements:
            if each.project == project:
                yield each.label, best_label(each.statement, weights, FUNCTION)
