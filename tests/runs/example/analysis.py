"""The product's path from the example's source requirements to the subsystems' own."""

from collections.abc import Sequence
from functools import cache

from runs.analyst import allocate, decompose
from runs.examples.example import SUBSYSTEMS, ExampleSubsystem
from runs.requests import (
    AnalyzeAnswer,
    AnalyzeRequest,
    DecomposeAnswer,
    DecomposeRequest,
    ParentIn,
    RequirementType,
    SourceIn,
    SubsystemIn,
)

from .golden import REQUIREMENTS, Expected
from .reading import parameters


def subsystem_in(subsystem: ExampleSubsystem) -> SubsystemIn:
    return SubsystemIn(
        code=subsystem.code,
        name=subsystem.name,
        description=subsystem.description,
        interfaces=subsystem.interfaces,
        keywords=list(subsystem.keywords),
    )


def source_in(ref: int, expected: Expected) -> SourceIn:
    return SourceIn(
        ref=ref,
        statement=expected.statement,
        type=RequirementType(expected.type),
        section=expected.section,
    )


@cache
def analyzed(code: str) -> AnalyzeAnswer:
    """The golden requirements, so that a slip in extraction shows as one there and not here."""
    subsystems = {subsystem.code: subsystem_in(subsystem) for subsystem in SUBSYSTEMS}
    request = AnalyzeRequest(
        subsystem=subsystems[code],
        siblings=[other for key, other in subsystems.items() if key != code],
        requirements=[source_in(ref, expected) for ref, expected in enumerate(REQUIREMENTS)],
    )
    return allocate.analyze(request, parameters("system-analysis"))


def parents_of(code: str) -> list[ParentIn]:
    """What the golden file allocates to a subsystem, with the others it is shared with."""
    return [
        ParentIn(
            **source_in(ref, expected).model_dump(),
            rationale=f"The example allocates it to {code}.",
            shared_with=[other for other in expected.subsystems if other != code],
        )
        for ref, expected in enumerate(REQUIREMENTS)
        if code in expected.subsystems
    ]


def decompose_request(code: str, parents: Sequence[ParentIn] | None = None) -> DecomposeRequest:
    subsystem = next(subsystem for subsystem in SUBSYSTEMS if subsystem.code == code)
    return DecomposeRequest(
        subsystem=subsystem_in(subsystem),
        strategy=analyzed(code).strategy,
        parents=list(parents_of(code) if parents is None else parents),
        iteration=1,
    )


@cache
def decomposed(code: str) -> DecomposeAnswer:
    return decompose.decompose(decompose_request(code), parameters("requirement-decomposition"))
