"""What can be set in each method: names, bounds, defaults and what they do. Free of Django.

The front matter of a SKILL.md, the form on the page, the admin and the embedded analyst all read
the same models. Every parameter has a default, so a version written before one was added works.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from reqplatform.errors import InvalidInput

Modal = Literal[
    "shall", "must", "has to", "have to", "needs to", "need to", "is required to",
    "are required to", "is obliged to", "are obliged to", "is to", "are to", "should", "ought to",
    "is expected to", "are expected to", "is recommended to", "are recommended to", "will",
]  # fmt: skip
PatternName = Literal["direct", "budget", "functional", "interface"]
Term = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        to_lower=True,
        min_length=2,
        max_length=60,
        pattern=r"^[^\x00-\x1f\x7f]+$",
    ),
]

Phrase = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=2, max_length=60, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
]


class Parameters(BaseModel):
    """Base of the four. A `description` is the help text that the form shows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ExtractionParameters(Parameters):
    modals: list[Modal] = Field(
        default=list(get_args(Modal)),
        min_length=1,
        max_length=30,
        description="Modal verbs that mark a requirement; 'will' only about the system itself.",
    )
    include_unmarked: bool = Field(
        default=True,
        description="Take statements without a modal verb if their identifier, table column or "
        "place among requirements says that they are one.",
    )
    split_compound: bool = Field(
        default=True,
        description="Split a sentence of several clauses that each have their own subject and "
        "modal verb.",
    )
    minimum_confidence: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Leave out what is less sure to be a requirement than this, 0 to 1.",
    )
    excluded_sections: list[Term] = Field(
        default=[],
        max_length=50,
        description="Leave out sections whose title holds one of these words, besides definitions, "
        "references and the like. One a line.",
    )


class AnalysisParameters(Parameters):
    system_wide_to_all: bool = Field(
        default=True,
        description="Allocate what binds the whole system to every subsystem.",
    )
    system_wide_terms: list[Term] = Field(
        default=[],
        max_length=50,
        description="The project's own words for the whole system, such as 'vessel'. One a line.",
    )
    min_match: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="How well a statement that names nobody must match the subsystem's "
        "description to be allocated, 0 to 1.",
    )
    max_children_per_parent: int = Field(
        default=8,
        ge=1,
        le=50,
        description="The depth of detail: at most so many requirements from one parent.",
    )
    acceptance_criteria_required: bool = Field(
        default=True, description="Every requirement must have an acceptance criterion."
    )


class DecompositionParameters(Parameters):
    patterns: list[PatternName] = Field(
        default=list(get_args(PatternName)),
        min_length=1,
        max_length=4,
        description="The patterns that may be used; what fits none is taken over by 'direct'.",
    )
    budget_split: Literal["equal", "whole"] = Field(
        default="equal",
        description="'equal' divides a shared quantity evenly among the subsystems it was "
        "allocated to; 'whole' leaves it undivided for people to agree on.",
    )
    budget_reserve: float = Field(
        default=0.0,
        ge=0,
        le=0.5,
        description="The fraction of a shared quantity that is kept back, 0 to 0.5.",
    )
    max_acceptance_criteria: int = Field(
        default=4, ge=1, le=10, description="At most so many acceptance criteria a requirement."
    )


class QualityParameters(Parameters):
    terms: list[Phrase] = Field(
        default=[],
        max_length=500,
        description="Words and phrases that the project has defined: they are not vague, however "
        "they sound. One a line.",
    )
    max_findings: int = Field(
        default=200, ge=1, le=1000, description="At most so many findings, the most severe first."
    )
    report_minor: bool = Field(
        default=True, description="Report wording that only costs a second reading, too."
    )


SCHEMAS: Mapping[str, type[Parameters]] = {
    "requirement-extraction": ExtractionParameters,
    "system-analysis": AnalysisParameters,
    "requirement-decomposition": DecompositionParameters,
    "quality-validation": QualityParameters,
}


def parse(slug: str, values: Mapping[str, Any]) -> Parameters:
    """The parameters of the method `slug`, every value checked.

    Raises InvalidInput that names each parameter at fault; unknown names are at fault.
    """
    try:
        return SCHEMAS[slug].model_validate(dict(values))
    except ValidationError as error:
        raise InvalidInput(" ".join(_complaints(slug, error)), field="parameters") from error


def label(name: str) -> str:
    """A parameter's name as forms and pages print it."""
    return name.replace("_", " ").capitalize()


def with_defaults(slug: str, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Every parameter there is now with what a stored version, perhaps an old one, says of it."""
    defaults = SCHEMAS[slug]().model_dump(mode="json")
    return {name: stored.get(name, default) for name, default in defaults.items()}


def _complaints(slug: str, error: ValidationError) -> list[str]:
    """A sentence for each fault."""
    found: list[str] = []
    for fault in error.errors(include_url=False):
        name = str(fault["loc"][0]) if fault["loc"] else "parameters"
        if fault["type"] == "extra_forbidden":
            known = ", ".join(SCHEMAS[slug].model_fields)
            found.append(f"There is no parameter '{name}' in {slug}; there are {known}.")
        else:
            found.append(f"{name}: {fault['msg']}; it is {fault['input']!r}.")
    return found
