"""What cannot be known before a run is asked, measured on runs that were made.

`python benchmarks/estimate.py --data DIR` measures these on the example and on six public
specifications (PURE corpus), each decomposed for one subsystem by the embedded analyst, and prints
them beside the values below. Each document counts the same, however long it is. A model that writes
more than the embedded analyst does costs more than is estimated with them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Tokens are counted as `observability.tokens.estimate` counts them."""

    # source requirements of a document that nobody has read yet
    sources_per_modal: float  # for each shall, must or should, and what means the same
    sources_per_1000_characters: float
    allocated_share: float  # of the source requirements, to one subsystem
    children_per_parent: float

    # characters, which decide how many items go into one request
    statement_characters: float  # of a source requirement
    child_characters: float  # of a requirement's text
    criteria_characters: float  # of all its acceptance criteria

    # tokens for each item of a request or of an answer
    extracted_out: float  # for each source requirement
    source_in: float  # analyze, for each source requirement
    decided_out: float
    strategy: float  # in the first answer of analyze, in every request after it
    parent_in: float  # decompose, for each allocated source requirement
    previous_in: float  # for each child of the iteration before, with its findings
    child_out: float
    judged_in: float  # validate, for each child, with its parents
    findings_out: float

    # iterations that were followed by another one, at the default threshold
    judged: int
    revised: int


MEASURED = Coefficients(
    sources_per_modal=0.86,
    sources_per_1000_characters=0.19,
    allocated_share=0.27,
    children_per_parent=1.00,
    statement_characters=107,
    child_characters=121,
    criteria_characters=209,
    extracted_out=85,
    source_in=52,
    decided_out=47,
    strategy=224,
    parent_in=81,
    previous_in=241,
    child_out=140,
    judged_in=247,
    findings_out=64,
    judged=7,
    revised=0,
)
