"""The sections of `manage.py evaluate`, in the order in which they are printed.

A section is added by writing a module that yields one `Score` a row, and by naming it here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from runs.evaluating.allocation import allocation
from runs.evaluating.extraction import extraction, macro_f1_of_documents
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
    data: str = ""  # what it is measured on in development, with source and licence
    limits: str = ""  # what those figures do not say


SECTIONS: Mapping[str, Section] = {
    "extraction": Section(
        "Requirements of documents",
        extraction,
        {"macro F1": macro_f1_of_documents},
        micro=False,
        data="six specifications of PURE 2.0 (CC BY 4.0), with the 985 requirements that experts "
        "marked in them (ARTA DS1, MIT)",
        limits="Items without a number below a statement that is itself a requirement are its "
        "parts and not counted, because experts marked none of them; the last row counts them. A "
        "document without identifiers is represented by one only.",
    ),
    "types": Section(
        "Quality classes",
        types,
        {
            "macro F1": macro_f1,
            "macro F1, function or quality": function_or_quality,
            "accuracy": accuracy,
        },
        micro=False,
        data="543 requirements of PROMISE NFR, projects 1 to 10 (CC BY-SA 3.0), project by "
        "project, by weights learned from the others",
        limits="Cues and threshold were chosen with the data in sight. Rare classes are guesses: "
        "portability has one statement.",
    ),
    "smells": Section(
        "Smells in requirements",
        smells,
        {f"macro F1, {reading}": macro_f1_of(reading) for reading in READINGS},
        micro=False,
        data="1,092 passages with labelled words (ARTA DS2, MIT)",
        limits="Of the “unseen” documents nobody read the texts, but their scores were "
        "looked at while rules changed. The labels ignore context (every “at least” is one); "
        "“alone” is our word lists with context switched off, which no user sees. quality.md "
        "says more.",
    ),
    "proof": Section(
        "Losses in decompositions",
        proof,
        data="decompositions by the embedded analyst of the same 985 requirements, one child left "
        "out each time",
        limits="The shares at which a clause counts as carried were chosen on these data, and the "
        "embedded analyst keeps its parents' words: expect more false alarms for a model's.",
    ),
    "trace": Section(
        "Trace links",
        trace,
        {"macro F1": macro_f1},
        data="CM1, GANNT and MODIS of CoEST as in LiSSA's replication package (MIT), and Zephyr's "
        "requirements (Apache-2.0)",
        limits="On a set that is left out, F1 is .50 to .54 on average. CM1 is below the best of "
        "TF-IDF (.459), GANNT above it (.422).",
    ),
    "allocation": Section(
        "Allocation to components",
        allocation,
        data="Zephyr's software requirements (Apache-2.0) and their COMPONENT",
        limits="Of each component nothing is known but its name.",
    ),
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
