"""What a rule or a judge says about a requirement."""

from dataclasses import dataclass
from enum import StrEnum


class Dimension(StrEnum):
    COMPLETENESS = "completeness"
    CLARITY = "clarity"
    TESTABILITY = "testability"
    TRACEABILITY = "traceability"
    DOMAIN = "domain"  # only where a project has one


class Severity(StrEnum):
    CRITICAL = "critical"  # the gate cannot pass while one is open
    MAJOR = "major"
    MINOR = "minor"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding in one text; `text[start:end]` is the passage it is about (0, 0: the whole)."""

    rule: str  # the rule's id: "vague-term"
    dimension: Dimension
    severity: Severity
    start: int
    end: int
    message: str  # what is wrong, in words for the author of the requirement
    suggestion: str  # what to do about it
    replacement: str | None = None  # text that mends it without inventing anything, if there is one
