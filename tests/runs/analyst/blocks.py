"""Short ways to write requests in tests."""

from collections.abc import Sequence

from runs.analyst.extract import extract
from runs.requests import (
    AnalyzeRequest,
    BlockIn,
    ChildIn,
    ChildOut,
    DecomposeRequest,
    ExtractedRequirement,
    ExtractRequest,
    FindingIn,
    ParentIn,
    RequirementType,
    SourceIn,
    Strategy,
    SubsystemIn,
)

STRATEGY = Strategy(allocation_rules=["named"])
NAV = SubsystemIn(code="NAV", name="Navigation")


def block(ref: int, text: str, kind: str = "paragraph", **more: object) -> BlockIn:
    return BlockIn.model_validate({"ref": ref, "kind": kind, "text": text, **more})


def request_of(*blocks: BlockIn) -> ExtractRequest:
    return ExtractRequest(document="spec.txt", blocks=list(blocks))


def extracted(*blocks: BlockIn) -> list[ExtractedRequirement]:
    return extract(request_of(*blocks), {}).requirements


def texts(*blocks: BlockIn) -> list[str]:
    return [each.quote.text for each in extracted(*blocks)]


def source(ref: int, statement: str, type_: str = "FUNC", section: str = "") -> SourceIn:
    return SourceIn(ref=ref, statement=statement, type=RequirementType(type_), section=section)


def allocation(
    *requirements: SourceIn, subsystem: SubsystemIn = NAV, siblings: Sequence[SubsystemIn] = ()
) -> AnalyzeRequest:
    return AnalyzeRequest(
        subsystem=subsystem, siblings=list(siblings), requirements=list(requirements)
    )


def parent(ref: int, statement: str, type_: str = "FUNC", shared: Sequence[str] = ()) -> ParentIn:
    return ParentIn(
        ref=ref, statement=statement, type=RequirementType(type_), shared_with=list(shared)
    )


def decomposition(
    *parents: ParentIn,
    subsystem: SubsystemIn = NAV,
    strategy: Strategy = STRATEGY,
    previous: Sequence[ChildIn] = (),
    findings: Sequence[FindingIn] = (),
    feedback: str = "",
) -> DecomposeRequest:
    return DecomposeRequest(
        subsystem=subsystem,
        strategy=strategy,
        parents=list(parents),
        iteration=2 if previous else 1,
        previous=list(previous),
        findings=list(findings),
        feedback=feedback,
    )


def as_previous(children: Sequence[ChildOut], *, edited: bool = False) -> list[ChildIn]:
    return [
        ChildIn(ref=ref, edited_by_person=edited, **child.model_dump())
        for ref, child in enumerate(children)
    ]


def finding(
    rule: str, child: int | None = 0, quote: str = "", parent: int | None = None
) -> FindingIn:
    return FindingIn(
        child=child, parent=parent, rule=rule, severity="major", quote=quote, message="found"
    )
