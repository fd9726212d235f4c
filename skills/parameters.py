"""What can be set in each method: names, bounds, defaults and what they do. Free of Django.

The front matter of a SKILL.md, the form on the page, the admin and the embedded analyst all read
the same models. Every parameter has a default, so a version written before one was added works.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from reqplatform.errors import InvalidInput

AllocatingRule = Literal["named", "interface", "keyword", "section", "description"]
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
    minimum_confidence: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Leave out what is less sure to be a requirement than this, 0 to 1. "
        "'Shall' is at 0.95, 'should' at 0.85, the mere place among requirements at 0.5.",
    )


class AnalysisParameters(Parameters):
    allocate_system_wide: bool = Field(
        default=True,
        description="Allocate what binds the whole system to every subsystem.",
    )
    disabled_rules: list[AllocatingRule] = Field(
        default=[],
        max_length=5,
        description="Rules that may not allocate a requirement to a subsystem.",
    )
    max_children_per_parent: int = Field(
        default=8,
        ge=1,
        le=50,
        description="The depth of detail: at most so many requirements from one parent, 1 to 50.",
    )
    acceptance_criteria_required: bool = Field(
        default=True, description="Every requirement must have an acceptance criterion."
    )


class DecompositionParameters(Parameters):
    split_budgets: bool = Field(
        default=True,
        description="Split a quantity that several subsystems use up together into equal shares; "
        "otherwise each carries the whole.",
    )
    split_functions: bool = Field(
        default=True,
        description="Write one requirement for each action of a parent; otherwise one for all.",
    )


class QualityParameters(Parameters):
    terms: list[Phrase] = Field(
        default=[],
        max_length=500,
        description="Words and phrases that the project has defined: they are not vague, however "
        "they sound. One a line.",
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
