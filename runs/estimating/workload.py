"""What a run asks of models: how many requests, of how many tokens, node by node.

Extraction is counted on the very requests that the graph will send. What the later nodes are shown
is written by the nodes before them, so they are counted by items and measured coefficients.
"""

import json
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from pydantic import BaseModel

from observability import tokens
from observability.models import Node
from runs.analyst import envelope
from runs.documents.document import BlockKind, Document
from runs.estimating.coefficients import MEASURED, Coefficients
from runs.graph.nodes.decompose import ANSWER_CHARACTERS
from runs.graph.room import MOST_CHARACTERS
from runs.language.modals import Strength, find_modals
from runs.passages import requests
from runs.requests import (
    AnalyzeAnswer,
    AnalyzeRequest,
    DecomposeAnswer,
    DecomposeRequest,
    ExtractAnswer,
    ExtractRequest,
    Frozen,
    Strategy,
    SubsystemIn,
    ValidateAnswer,
    ValidateRequest,
)
from skills.domain import DomainContent
from skills.models import SkillSlug, SkillVersion

ASKING = (Node.EXTRACT, Node.ANALYZE, Node.DECOMPOSE, Node.VALIDATE)
SKILL_OF = {
    Node.EXTRACT: SkillSlug.EXTRACTION,
    Node.ANALYZE: SkillSlug.SYSTEM_ANALYSIS,
    Node.DECOMPOSE: SkillSlug.DECOMPOSITION,
    Node.VALIDATE: SkillSlug.QUALITY_VALIDATION,
}
BYTES_PER_TOKEN = 4  # at most, of the JSON that requests consist of: measured 3.0 to 3.6
LEAST_CHILD = 100  # tokens: what a requirement takes in an answer with all its fields filled
MOST_BLOCKS = 3_000  # of a longer document, so many stand for all
_BINDING = frozenset({Strength.BINDING, Strength.RECOMMENDED})


@dataclass(frozen=True, slots=True)
class Work:
    """What a node asks in one iteration. All in all, not for each request."""

    requests: int = 0
    input_tokens: int = 0
    input_bytes: int = 0  # at most: what a hold is made for
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items the nodes hand on."""

    sources: int
    allocated: int
    children: int
    statement_characters: float


@dataclass(frozen=True, slots=True)
class Frame:
    """What every request of a node carries beside its items: method, schema, subsystem."""

    tokens: int
    bytes: int
    schema_tokens: int  # sent once more to servers that are told the answer's schema
    schema_bytes: int


class Reading:
    """A parsed document as the extract node shows it, in as little time as a page may take."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._whole = len(document.blocks) <= MOST_BLOCKS
        self._sample = document if self._whole else _sample_of(document)
        self._scale = self.size / (_size(self._sample) or 1)

    @cached_property
    def size(self) -> int:
        """Characters, as `passages.requests` counts them."""
        return _size(self.document)

    @cached_property
    def shown(self) -> tuple[int, int]:
        """Tokens and bytes of all blocks as JSON."""
        parts = [
            json.dumps(request.model_dump(mode="json")["blocks"], ensure_ascii=False)
            for request in requests(self._sample, MOST_CHARACTERS)
        ]
        counted = sum(tokens.estimate(part, "").input_fresh for part in parts)
        size = sum(len(part.encode()) for part in parts)
        return round(counted * self._scale), round(size * self._scale)

    @cached_property
    def _text(self) -> str:
        return "\n".join(self._sample.slice(block) for block in self._sample.blocks)

    @property
    def characters(self) -> float:
        return len(self._text) * self._scale

    @cached_property
    def modals(self) -> float:
        """How often it says shall, must, should, or what means the same."""
        found = sum(modal.strength in _BINDING for modal in find_modals(self._text))
        return found * self._scale

    @property
    def likely_sources(self) -> int:
        """How many source requirements it probably has."""
        return math.ceil(
            self.modals * MEASURED.sources_per_modal
            + self.characters / 1000 * MEASURED.sources_per_1000_characters
        )

    @cached_property
    def most_sources(self) -> int:
        """A requirement in every block that is not a heading, at least."""
        blocks = sum(block.kind != BlockKind.HEADING for block in self.document.blocks)
        return max(blocks, self.likely_sources)

    def requests(self, limit: int) -> int:
        """How many requests of so many characters it makes."""
        if self._whole:
            return sum(1 for _ in requests(self.document, limit))
        return math.ceil(self.size / limit)


def _sample_of(document: Document) -> Document:
    """Some of the blocks, the same each time. Not every so-manieth: documents repeat themselves."""
    chance = random.Random(0)  # noqa: S311 - no secret
    chosen = sorted(chance.sample(range(len(document.blocks)), MOST_BLOCKS))
    return replace(document, blocks=tuple(document.blocks[number] for number in chosen))


def _size(document: Document) -> int:
    return sum(block.end - block.start + 80 for block in document.blocks)


@dataclass(frozen=True)
class Workload:
    """The work of one run, for any room that a model leaves in a request."""

    reading: Reading | None  # None: nobody needs to read the document
    frames: Mapping[Node, Frame]
    known: Coefficients = MEASURED

    def of(self, node: Node, room: int, counts: Counts, *, again: bool = False) -> Work:
        """The work of a node, in its second iteration and later with `again`.

        `room` is in characters, see `runs.graph.room`; sizes are those that the nodes give items.
        """
        known, characters = self.known, counts.statement_characters
        if node == Node.EXTRACT:
            return self._extract(room, counts)
        if node == Node.ANALYZE:
            batches = _batches(counts.sources, characters + 120, room)
            into = counts.sources * known.source_in
            out = counts.sources * known.decided_out + batches * known.strategy
        elif node == Node.DECOMPOSE:
            earlier = counts.children / max(counts.allocated, 1) if again else 0
            each = characters + ANSWER_CHARACTERS + earlier * (known.child_characters + 400)
            batches = _batches(counts.allocated, each, room)
            into = counts.allocated * known.parent_in + batches * known.strategy
            into += counts.children * known.previous_in if again else 0
            out = counts.children * known.child_out
        else:
            each = known.child_characters + known.criteria_characters + 600
            batches = _batches(counts.children, each, room)
            into = counts.children * known.judged_in + batches * known.strategy
            out = counts.children * known.findings_out
        return self._work(node, batches, into, into * BYTES_PER_TOKEN, out)

    def _extract(self, room: int, counts: Counts) -> Work:
        if self.reading is None:
            return Work()
        shown, size = self.reading.shown
        out = counts.sources * self.known.extracted_out
        return self._work(Node.EXTRACT, self.reading.requests(room), shown, size, out)

    def _work(self, node: Node, batches: int, into: float, size: float, out: float) -> Work:
        frame = self.frames[node]
        return Work(
            requests=batches,
            input_tokens=math.ceil(into) + batches * frame.tokens,
            input_bytes=math.ceil(size) + batches * frame.bytes,
            output_tokens=math.ceil(out),
        )


def _batches(items: int, each: float, room: int) -> int:
    """How many requests so many items of so many characters make."""
    if not items:
        return 0
    return math.ceil(items / max(1, room // each))


def frames(
    skills: Mapping[SkillSlug, SkillVersion],
    document: str,
    subsystem: SubsystemIn,
    siblings: list[SubsystemIn],
    domain: DomainContent | None = None,
) -> dict[Node, Frame]:
    """Each node's request without any items; with as much of the domain as may go with one."""
    strategy = Strategy(allocation_rules=[])
    empty: dict[Node, tuple[Frozen, type[BaseModel]]] = {
        Node.EXTRACT: (ExtractRequest(document=document, blocks=[]), ExtractAnswer),
        Node.ANALYZE: (
            AnalyzeRequest(subsystem=subsystem, siblings=siblings, requirements=[]),
            AnalyzeAnswer,
        ),
        Node.DECOMPOSE: (
            DecomposeRequest(subsystem=subsystem, strategy=strategy, parents=[], iteration=1),
            DecomposeAnswer,
        ),
        Node.VALIDATE: (
            ValidateRequest(subsystem=subsystem, strategy=strategy, parents=[], children=[]),
            ValidateAnswer,
        ),
    }
    return {
        node: _frame(
            node, skills[SKILL_OF[node]], request.model_copy(update={"domain": domain}), answer
        )
        for node, (request, answer) in empty.items()
    }


def _frame(node: Node, skill: SkillVersion, request: Frozen, answer: type[BaseModel]) -> Frame:
    messages = envelope.render(node.value, skill.body, skill.parameters, request, answer)
    schema = json.dumps(answer.model_json_schema())
    bare = tokens.input_bound(messages)
    return Frame(
        tokens=tokens.estimate("".join(content for _, content in messages), "").input_fresh,
        bytes=bare,
        schema_tokens=tokens.estimate(schema, "").input_fresh,
        schema_bytes=tokens.input_bound(messages, schema) - bare,
    )
