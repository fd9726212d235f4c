from typing import Self

from pydantic import Field

from runs.graph.proofs import ShownProof
from runs.models import SourceRequirement
from runs.routers.result_schemas import SourceRef
from runs.routers.schemas import Answer


class ProofLineOut(Answer):
    """One part of a source requirement: `kind` is actor, condition, object or quantity."""

    kind: str
    text: str
    children: tuple[str, ...] = Field(description="Who carries it; none: it is lost.")
    rollup: str = Field(description="Of a budget that children share: their parts of the whole.")
    fits: bool = Field(description="false: the parts are more than the whole.")


class ProofOut(Answer):
    """Which children carry what of an allocated source requirement."""

    source: SourceRef
    holds: bool
    lines: list[ProofLineOut]
    unjustified: tuple[str, ...] = Field(description="Children with nothing of their parents.")

    @classmethod
    def of(cls, source: SourceRequirement, proof: ShownProof) -> Self:
        return cls(
            source=SourceRef.of(source),
            holds=proof.holds,
            unjustified=proof.unjustified,
            lines=[
                ProofLineOut(
                    kind=line.kind,
                    text=line.text,
                    children=line.carriers,
                    rollup=line.rollup,
                    fits=line.fits,
                )
                for line in proof.lines
            ],
        )
