"""The sections of `manage.py evaluate`, in the order in which they are printed.

A section is added by writing a module that yields one `Score` a row, and by naming it here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from runs.evaluating.allocation import allocation
from runs.evaluating.extraction import extraction
from runs.evaluating.proof import proof
from runs.evaluating.scores import Score, macro_f1, total
from runs.evaluating.smells import READINGS, macro_f1_of, smells
from runs.evaluating.trace import trace
from runs.evaluating.types import accuracy, function_or_quality, types


@dataclass(frozen=True, slots=True)
class Section:
    """What is measured, how, and which averages say something about it."""

    title: str
    measure: Callable[[Path], Iterable[Score]]
    """Reads a folder of labelled data; raises FileNotFoundError when its part is not there."""
    averages: Mapping[str, Callable[[Sequence[Score]], float]] = field(default_factory=dict)
    """Beside the row `all`: single figures over all rows, by name."""
    micro: bool = True  # whether a row `all` adds the others up


SECTIONS: Mapping[str, Section] = {
    "extraction": Section("Requirements of documents", extraction, {"macro F1": macro_f1}),
    "types": Section(
        "Quality classes",
        types,
        {
            "macro F1": macro_f1,
            "macro F1, function or quality": function_or_quality,
            "accuracy": accuracy,
        },
        micro=False,
    ),
    "smells": Section(
        "Smells in requirements",
        smells,
        {f"macro F1, {reading}": macro_f1_of(reading) for reading in READINGS},
        micro=False,
    ),
    "proof": Section("Losses in decompositions", proof),
    "trace": Section("Trace links", trace, {"macro F1": macro_f1}),
    "allocation": Section("Allocation to components", allocation),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One section's figures."""

    rows: tuple[Score, ...]
    averages: Mapping[str, float]


def measured(section: Section, folder: Path) -> Measured:
    """The section's figures on this folder. Its row `all` is the last."""
    found = tuple(section.measure(folder))
    averages = {name: average(found) for name, average in section.averages.items()}
    return Measured((*found, total(found)) if section.micro else found, averages)
