"""The structured requests that the graph's nodes ask, and the answers they accept.

One language for every model: an LLM is shown the request as JSON beside the skill's method and must
answer in the answer's JSON schema; the embedded analyst reads the same request and answers in the
same schema. Nothing a model answers is trusted: nodes check quotes against the document, references
against the request, and write only what holds.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from skills.domain import DomainContent


class RequirementType(StrEnum):
    FUNC = "FUNC"  # what the system does
    PERF = "PERF"  # how well, how fast, how much: has a measurable quantity
    CONS = "CONS"  # a constraint on design, environment, standards or process
    INTF = "INTF"  # an interaction with another system, subsystem or person


class Relationship(StrEnum):
    DECOMPOSES = "decomposes"  # the child is one part of what the parent asks
    DERIVES = "derives"  # the child follows from the parent by analysis (a budget's share)
    REFINES = "refines"  # the child says the same in more detail


class Verification(StrEnum):
    INSPECTION = "inspection"
    ANALYSIS = "analysis"
    DEMONSTRATION = "demonstration"
    TEST = "test"


class Pattern(StrEnum):
    DIRECT = "direct"  # the parent goes to this subsystem whole
    BUDGET = "budget"  # a quantity is split into parts that together fit the parent's whole
    FUNCTIONAL = "functional"  # a function is split into its steps or thoughts
    INTERFACE = "interface"  # each side of an exchange gets its part


NAMING = "{CODE}-{TYPE}-{NNN}"
"""How identifiers are made: the subsystem's code, the type, and a number from a counter."""


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _written(model: BaseModel, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
    """Without the key `domain` where there is none, as before there were domains."""
    written: dict[str, object] = handler(model)
    if model.__dict__["domain"] is None:
        written.pop("domain", None)
    return written


class InDomain(Frozen):
    """A request that a project's domain goes with, if the project has one.

    Without one the key is left out, so that the request reads as it always did.
    """

    domain: DomainContent | None = None

    @model_serializer(mode="wrap")
    def _without_nothing(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        return _written(self, handler)


Ref = Annotated[int, Field(ge=0)]
"""A number that stands for an item within one request; meaningless outside of it."""


# extract: numbered blocks of a specification -> atomic source requirements


class QualityClass(StrEnum):
    """What quality a requirement asks for, if it asks for one: the classes of PROMISE NFR."""

    AVAILABILITY = "availability"
    FAULT_TOLERANCE = "fault tolerance"
    LEGAL = "legal"
    LOOK_AND_FEEL = "look and feel"
    MAINTAINABILITY = "maintainability"
    OPERATIONAL = "operational"
    PERFORMANCE = "performance"
    PORTABILITY = "portability"
    SCALABILITY = "scalability"
    SECURITY = "security"
    USABILITY = "usability"


class BlockIn(Frozen):
    ref: Ref
    kind: str  # a BlockKind value
    section: str = ""  # "3.2.1 Position", as printed
    marker: str = ""  # the printed number or bullet, outside `text`
    level: int = 0
    header: str = ""  # a table cell's column header
    row: int | None = None  # cells of one table row share `row` and `table`
    table: int | None = None
    text: str


class ExtractRequest(InDomain):
    document: str
    blocks: list[BlockIn]


class Quote(Frozen):
    """Words copied from a block, letter by letter."""

    block: Ref
    text: str = Field(min_length=1)


class ExtractedRequirement(Frozen):
    quote: Quote
    lead_in: Quote | None = None  # "The system shall:" above a list item
    part: bool = False  # an item without a number of its own, below a numbered statement
    identifier: str = ""  # the document's own: "FR-012", "[SSR5]", "3.2.1-4"
    type: RequirementType
    quality_class: QualityClass | None = None  # None for a function
    modal: str = ""  # shall, must, should, will, ...; "" when none is printed
    confidence: float = Field(ge=0, le=1)
    reason: str = ""  # why it was taken for a requirement, in a few words


class ExtractAnswer(Frozen):
    requirements: list[ExtractedRequirement]


# analyze: source requirements -> which belong to the subsystem, and the strategy


class SubsystemIn(Frozen):
    code: str
    name: str
    description: str = ""
    interfaces: str = ""  # other systems and subsystems it exchanges something with
    keywords: list[str] = []


class SourceIn(Frozen):
    ref: Ref
    statement: str  # lead-in and text as one sentence
    type: RequirementType
    section: str = ""


class AnalyzeRequest(InDomain):
    subsystem: SubsystemIn
    siblings: list[SubsystemIn] = []  # the project's other subsystems
    requirements: list[SourceIn]
    feedback: str = ""  # what a reviewer of the strategy said


class AllocationOut(Frozen):
    ref: Ref
    allocated: bool
    rule: str = Field(min_length=1)  # which allocation rule decided: "named", "system-wide", ...
    rationale: str = Field(min_length=1)  # one sentence with the words that decided
    shared_with: list[str] = []  # codes of the siblings that it fits as well


class Strategy(Frozen):
    """How the subsystem's requirements will be written. Binding: code checks what comes out."""

    allocation_rules: list[str]  # in words, in the order they were applied
    naming: str = NAMING
    max_children_per_parent: int = Field(default=8, ge=1, le=50)  # the depth of detail
    acceptance_criteria_required: bool = True
    notes: str = ""


class AnalyzeAnswer(Frozen):
    allocations: list[AllocationOut]  # exactly one for every requirement of the request
    strategy: Strategy


# decompose: allocated source requirements -> the subsystem's requirements


class ParentIn(SourceIn):
    rationale: str = ""  # why it was allocated here
    shared_with: list[str] = []  # codes of other subsystems it was allocated to as well


class FindingIn(Frozen):
    """A finding of the validation before, handed back so that the next iteration mends it."""

    child: Ref | None  # into `previous`; None: about the whole set or a parent
    parent: Ref | None = None
    rule: str
    severity: str
    quote: str = ""
    message: str
    suggestion: str = ""


class ChildIn(Frozen):
    ref: Ref
    parents: list[Ref]
    text: str
    type: RequirementType
    acceptance_criteria: list[str] = []
    rationale: str = ""
    verification: Verification
    pattern: Pattern
    relationship: Relationship
    edited_by_person: bool = False  # never to be rewritten


class DecomposeRequest(InDomain):
    subsystem: SubsystemIn
    strategy: Strategy
    parents: list[ParentIn]
    iteration: int = Field(ge=1)
    previous: list[ChildIn] = []  # what the iteration before wrote
    findings: list[FindingIn] = []
    feedback: str = ""  # what a reviewer said


class ChildOut(Frozen):
    parents: list[Ref] = Field(min_length=1)
    text: str = Field(min_length=1)
    type: RequirementType
    acceptance_criteria: list[str]
    rationale: str = Field(min_length=1)
    verification: Verification
    pattern: Pattern
    relationship: Relationship


class DecomposeAnswer(Frozen):
    children: list[ChildOut]


# validate: the subsystem's requirements beside their parents -> scores and findings


class ValidateRequest(InDomain):
    subsystem: SubsystemIn
    strategy: Strategy
    parents: list[ParentIn]
    children: list[ChildIn]


class Scores(Frozen):
    """0 (worst) to 1 (best)."""

    completeness: float = Field(ge=0, le=1)
    clarity: float = Field(ge=0, le=1)
    testability: float = Field(ge=0, le=1)
    traceability: float = Field(ge=0, le=1)


class RuleScores(Scores):
    """Those of the rules, which alone judge how a project's domain is kept."""

    domain: float | None = Field(default=None, ge=0, le=1)  # None: the project has none

    @model_serializer(mode="wrap")
    def _without_nothing(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        return _written(self, handler)


class FindingOut(Frozen):
    child: Ref | None = None
    parent: Ref | None = None
    rule: str = Field(min_length=1)
    dimension: str  # a Dimension value
    severity: str  # a Severity value
    quote: str = ""  # the passage, copied letter by letter
    message: str = Field(min_length=1)
    suggestion: str = ""


class ValidateAnswer(Frozen):
    scores: Scores
    findings: list[FindingOut]
