"""Small requirement sets for tests of rules and scores."""

from typing import Any

from runs.requests import (
    ChildIn,
    ParentIn,
    Pattern,
    Relationship,
    RequirementType,
    Strategy,
    SubsystemIn,
    ValidateRequest,
    Verification,
)

PUMP = SubsystemIn(code="PMP", name="Pump Controller")


def parent(ref: int, statement: str, **other: Any) -> ParentIn:
    return ParentIn(ref=ref, statement=statement, type=RequirementType.FUNC, **other)


def child(ref: int, text: str, parents: list[int] | None = None, **other: Any) -> ChildIn:
    values: dict[str, Any] = {
        "type": RequirementType.FUNC,
        "acceptance_criteria": ["Apply the trigger at the input; observe the relay contact."],
        "rationale": "Follows from the parent.",
        "verification": Verification.TEST,
        "pattern": Pattern.DIRECT,
        "relationship": Relationship.REFINES,
    }
    return ChildIn(
        ref=ref, text=text, parents=[0] if parents is None else parents, **values | other
    )


def share(ref: int, text: str, parents: list[int] | None = None, **other: Any) -> ChildIn:
    values = {"pattern": Pattern.BUDGET, "relationship": Relationship.DERIVES}
    return child(ref, text, parents, **values | other)


def requirements(
    parents: list[ParentIn], children: list[ChildIn], **strategy: Any
) -> ValidateRequest:
    rules = Strategy(allocation_rules=["named"], **strategy)
    return ValidateRequest(subsystem=PUMP, strategy=rules, parents=parents, children=children)
