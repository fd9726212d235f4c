"""The names a judge may give its findings, and what becomes of a name that no rule has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from runs.quality.finding import Dimension, Severity
from runs.quality.rules.registry import BY_ID
from runs.requests import FindingOut

OTHER = "other"
"""What is found under no rule's name. One name, so that findings can still be counted."""

ONLY_JUDGED: Mapping[str, tuple[Dimension, Severity]] = {
    "criterion-does-not-match": (Dimension.TESTABILITY, Severity.MAJOR),
    "wrong-verification": (Dimension.TESTABILITY, Severity.MAJOR),
    "wrong-parent": (Dimension.TRACEABILITY, Severity.CRITICAL),
    "invented-content": (Dimension.TRACEABILITY, Severity.CRITICAL),
    "changed-quantity": (Dimension.TRACEABILITY, Severity.CRITICAL),
    "instruction-in-text": (Dimension.TRACEABILITY, Severity.CRITICAL),
    "wrong-relationship": (Dimension.TRACEABILITY, Severity.MAJOR),
}
"""What takes understanding, so that no rule in code looks for it."""

NAMES: Mapping[str, tuple[Dimension, Severity]] = {
    **{rule.id: (rule.dimension, rule.severity) for rule in BY_ID.values()},
    **ONLY_JUDGED,
}
"""All names, with the dimension and severity that the method's table gives them."""

ALIKE = 88.0
"""`rapidfuzz.fuzz.ratio` from which a name is a rule's, slightly misspelt: "vague-terms"."""


@dataclass(frozen=True, slots=True)
class Named:
    """A judge's findings, each under a name of `NAMES` or `OTHER`."""

    findings: list[FindingOut]
    unknown: tuple[str, ...]  # the names that no rule has, as written, sorted


def named(findings: Iterable[FindingOut]) -> Named:
    """The findings under rules' names. A name that no rule has stands in the message instead."""
    kept: list[FindingOut] = []
    unknown: set[str] = set()
    for finding in findings:
        rule = known_name(finding.rule)
        if rule is None:
            written = " ".join(finding.rule.split())[:60]
            unknown.add(written)
            message = f"{finding.message} (The judge calls this “{written}”, which is no rule.)"
            finding = finding.model_copy(update={"rule": OTHER, "message": message})
        elif rule != finding.rule:
            finding = finding.model_copy(update={"rule": rule})
        kept.append(finding)
    return Named(kept, tuple(sorted(unknown)))


def known_name(written: str) -> str | None:
    """The name that a judge meant: the same but for case, spaces and a slip; None if none is."""
    words = "".join(letter if letter.isalnum() else " " for letter in written[:200].casefold())
    name = "-".join(words.split())
    if name in NAMES or name == OTHER:
        return name
    best = process.extractOne(name, list(NAMES), scorer=fuzz.ratio, score_cutoff=ALIKE)
    return best[0] if best else None
