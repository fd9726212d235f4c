"""Between a document and a model: what is shown of it, and where it says what the model copied.

A model copies words; this code finds them. What is not there letter by letter is left out and
reported, so every source requirement is a span of the specification. Pure: no database.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from runs.documents.document import Block, BlockKind, Document
from runs.requests import BlockIn, ExtractAnswer, ExtractedRequirement, ExtractRequest, Quote

T = TypeVar("T")

OPENERS = frozenset({BlockKind.HEADING, BlockKind.PARAGRAPH})


@dataclass(frozen=True, slots=True)
class Passage:
    """A requirement and where the document says it: its text from `start` to `end`."""

    answer: ExtractedRequirement
    text: str
    start: int
    end: int
    page: int
    section: str
    lead_in: str = ""
    lead_in_span: tuple[int, int] | None = None

    @property
    def statement(self) -> str:
        """The requirement as one sentence, its lead-in included."""
        return f"{self.lead_in.rstrip(' :')} {self.text}" if self.lead_in else self.text


def batches(
    items: Iterable[T],
    size: Callable[[T], int],
    limit: int,
    *,
    may_break_before: Callable[[T], bool] = lambda item: True,
) -> Iterator[list[T]]:
    """Lists of consecutive items whose sizes add up to at most `limit`.

    A batch is cut only where `may_break_before` allows it, unless that would make it more than
    twice as large. A single item above the limit is a batch of its own.
    """
    batch: list[T] = []
    total = 0
    for item in items:
        over = total + size(item) - limit
        if batch and over > 0 and (may_break_before(item) or over > limit):
            yield batch
            batch, total = [], 0
        batch.append(item)
        total += size(item)
    if batch:
        yield batch


def requests(document: Document, limit: int) -> Iterator[ExtractRequest]:
    """The document as requests of about `limit` characters each.

    A request begins where a paragraph or a heading does, so that a list stays with its lead-in and
    a table row with its cells.
    """
    numbers = batches(
        range(len(document.blocks)),
        lambda number: document.blocks[number].end - document.blocks[number].start + 80,
        limit,
        may_break_before=lambda number: document.blocks[number].kind in OPENERS,
    )
    for part in numbers:
        yield ExtractRequest(
            document=document.name, blocks=[_shown(document, number) for number in part]
        )


def locate(
    document: Document, request: ExtractRequest, answer: ExtractAnswer
) -> tuple[list[Passage], list[str]]:
    """The passages of the answer in the order of the document, and what had to be left out."""
    allowed = {block.ref for block in request.blocks}
    found: list[Passage] = []
    warnings: list[str] = []
    taken: dict[int, int] = {}  # where the last passage of a block ended
    for item in answer.requirements:
        number = item.quote.block
        span = _span(document, item.quote, allowed, taken.get(number, 0))
        if span is None:
            warnings.append(f"Left out, not in the document: {item.quote.text[:200]}")
            continue
        taken[number] = span[1]
        found.append(_passage(document, document.blocks[number], item, span, allowed))
    return sorted(found, key=lambda passage: passage.start), warnings


def _shown(document: Document, number: int) -> BlockIn:
    block = document.blocks[number]
    section = document.section_of(block)
    return BlockIn(
        ref=number,
        kind=block.kind.value,
        section=section.label if section else "",
        marker=block.marker,
        level=block.level,
        header=block.cell.header if block.cell else "",
        row=block.cell.row if block.cell else None,
        table=block.cell.table if block.cell else None,
        text=document.slice(block),
    )


def _passage(
    document: Document,
    block: Block,
    item: ExtractedRequirement,
    span: tuple[int, int],
    allowed: set[int],
) -> Passage:
    lead_in = _span(document, item.lead_in, allowed, 0) if item.lead_in else None
    section = document.section_of(block)
    return Passage(
        answer=item,
        text=document.text[span[0] : span[1]],
        start=span[0],
        end=span[1],
        page=document.page_at(span[0]),
        section=section.label if section else "",
        lead_in=document.text[lead_in[0] : lead_in[1]] if lead_in else "",
        lead_in_span=lead_in,
    )


def _span(
    document: Document, quote: Quote, allowed: set[int], after: int
) -> tuple[int, int] | None:
    """Where a block says it, from `after` on if it says it more than once; None if it does not."""
    if quote.block not in allowed:
        return None
    block = document.blocks[quote.block]
    start = document.text.find(quote.text, max(block.start, after), block.end)
    if start < 0:
        start = document.text.find(quote.text, block.start, block.end)
    return (start, start + len(quote.text)) if start >= 0 else None
