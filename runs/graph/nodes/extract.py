"""Extract: the revision's source requirements, read once and shared by all runs that pin the same.

The model copies words; this code finds them in the document. What is not there letter by letter is
left out and reported, so every source requirement is a span of the specification.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from observability import node_costs
from observability.llm.errors import CallCancelled
from observability.models import Node
from runs.documents import Block, BlockKind, Document
from runs.documents.serialise import from_bytes
from runs.graph.asking import ask
from runs.graph.batching import batches, room
from runs.graph.execution import Execution, Summary
from runs.models import Extraction, ExtractionState, Run, SourceRequirement
from runs.requests import BlockIn, ExtractAnswer, ExtractedRequirement, ExtractRequest
from skills.models import SkillSlug

WAIT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Found:
    """A requirement and where the document says it."""

    answer: ExtractedRequirement
    block: Block
    start: int
    end: int
    lead_in: tuple[int, int] | None


class Extract:
    node = Node.EXTRACT

    def ask(self, execution: Execution, iteration: int) -> tuple[Extraction, bool]:
        """The finished extraction, and whether this run did it (else it was there, or came)."""
        run = execution.run
        extraction, _ = Extraction.objects.get_or_create(
            revision=run.revision,
            skill_version=execution.skill(SkillSlug.EXTRACTION),
            model=run.routes[Node.EXTRACT.value][0]["model"],
        )
        while extraction.state != ExtractionState.DONE:
            token = _claim(extraction)
            if token is not None:
                _extract(execution, run, extraction, token)
                extraction.refresh_from_db()
                return extraction, True
            if execution.cancelled():
                raise CallCancelled("The run was stopped while it waited for the extraction.")
            time.sleep(WAIT_SECONDS)
            extraction.refresh_from_db()
        return extraction, False

    def commit(
        self, execution: Execution, iteration: int, output: tuple[Extraction, bool]
    ) -> Summary:
        extraction, own = output
        Run.objects.filter(pk=execution.run_id).update(extraction=extraction)
        count = extraction.requirements.count()
        message = f"Extracted {count} requirement{'' if count == 1 else 's'}"
        cost = extraction.node_costs.first()
        return Summary(
            message if own else f"{message} (read before, shared)",
            {
                "requirements": count,
                "shared": not own,
                "cost_nusd": cost.cost_nusd if own and cost else 0,
                "warnings": extraction.warnings,
            },
        )


def _lease_end() -> object:
    return timezone.now() + timedelta(seconds=10 * settings.RUN_LEASE_SECONDS)


def _claim(extraction: Extraction) -> int | None:
    """A lease token if nobody else reads this revision now."""
    free = Q(lease_expires_at__isnull=True) | Q(lease_expires_at__lt=timezone.now())
    claimed = (
        Extraction.objects.filter(pk=extraction.pk, lease_token=extraction.lease_token)
        .exclude(state=ExtractionState.DONE)
        .filter(free)
        .update(lease_token=F("lease_token") + 1, lease_expires_at=_lease_end())
    )
    return extraction.lease_token + 1 if claimed else None


def _extract(execution: Execution, run: Run, extraction: Extraction, token: int) -> None:
    began = time.perf_counter()
    mine = Extraction.objects.filter(pk=extraction.pk, lease_token=token)
    try:
        document = from_bytes(bytes(run.revision.content.document))
        found, warnings = _read(execution, run, extraction, token, document)
        rows = list(_rows(extraction, document, found))
    except BaseException:
        mine.update(lease_expires_at=None)  # whoever waits need not wait for the lease to end
        raise
    with transaction.atomic():
        finished = mine.exclude(state=ExtractionState.DONE).update(
            state=ExtractionState.DONE,
            warnings=warnings,
            finished_at=timezone.now(),
            lease_expires_at=None,
        )
        if finished:
            SourceRequirement.objects.bulk_create(rows, batch_size=500)
        node_costs.aggregate(
            node_costs.Account(run.project_id, extraction_id=extraction.pk),
            Node.EXTRACT,
            0,
            duration_ms=round((time.perf_counter() - began) * 1000),
        )


def _read(
    execution: Execution, run: Run, extraction: Extraction, token: int, document: Document
) -> tuple[list[Found], list[str]]:
    """All requirements that the model found and that the document really says."""
    skill = execution.skill(SkillSlug.EXTRACTION)
    context = replace(
        execution.call_context(run, Node.EXTRACT, 0, SkillSlug.EXTRACTION),
        run_id=None,
        subsystem_id=None,
        extraction_id=extraction.pk,
    )
    found: list[Found] = []
    warnings: list[str] = []
    for ordinal, numbers in enumerate(_chunks(document, room(context.routes))):
        Extraction.objects.filter(pk=extraction.pk, lease_token=token).update(
            lease_expires_at=_lease_end()
        )
        request = ExtractRequest(
            document=document.name, blocks=[_block_in(document, number) for number in numbers]
        )
        answer = ask(replace(context, ordinal=ordinal), skill, request, ExtractAnswer)
        allowed = set(numbers)
        for item in answer.requirements:
            located = _locate(document, item, allowed, found[-1].end if found else 0)
            if located is None:
                warnings.append(f"Left out, not in the document: {item.quote.text[:200]}")
            else:
                found.append(located)
    return found, warnings


def _chunks(document: Document, limit: int) -> Iterator[list[int]]:
    """Numbers of consecutive blocks; a chunk begins where a paragraph or heading does, so that a
    list stays with its lead-in and a table row with its cells."""
    openers = {BlockKind.HEADING, BlockKind.PARAGRAPH}
    return batches(
        range(len(document.blocks)),
        lambda number: document.blocks[number].end - document.blocks[number].start + 80,
        limit,
        may_break_before=lambda number: document.blocks[number].kind in openers,
    )


def _block_in(document: Document, number: int) -> BlockIn:
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


def _locate(
    document: Document, item: ExtractedRequirement, allowed: set[int], after: int
) -> Found | None:
    """Where the document says it; None if it does not, or not in the blocks that were shown.

    A passage that a block says twice is found where the one before it ended.
    """
    span = _span(document, item.quote.block, item.quote.text, allowed, after)
    if span is None:
        return None
    lead_in = None
    if item.lead_in is not None:
        lead_in = _span(document, item.lead_in.block, item.lead_in.text, allowed, 0)
    return Found(item, document.blocks[item.quote.block], span[0], span[1], lead_in)


def _span(
    document: Document, number: int, quote: str, allowed: set[int], after: int
) -> tuple[int, int] | None:
    if number not in allowed:
        return None
    block = document.blocks[number]
    start = document.text.find(quote, max(block.start, min(after, block.end)), block.end)
    if start < 0:
        start = document.text.find(quote, block.start, block.end)
    return (start, start + len(quote)) if start >= 0 else None


def _rows(
    extraction: Extraction, document: Document, found: list[Found]
) -> Iterator[SourceRequirement]:
    seen: Counter[str] = Counter()
    for ordinal, item in enumerate(found, start=1):
        text = document.text[item.start : item.end]
        lead_in = document.text[slice(*item.lead_in)] if item.lead_in else ""
        section = document.section_of(item.block)
        identifier = item.answer.identifier[:80]
        yield SourceRequirement(
            extraction=extraction,
            ordinal=ordinal,
            identifier=identifier,
            fingerprint=_fingerprint(identifier, f"{lead_in} {text}", seen),
            text=text,
            lead_in=lead_in,
            section=section.label[:300] if section else "",
            page=document.page_at(item.start),
            start=item.start,
            end=item.end,
            lead_in_start=item.lead_in[0] if item.lead_in else None,
            lead_in_end=item.lead_in[1] if item.lead_in else None,
            type=item.answer.type.value,
            modal=item.answer.modal[:40],
            confidence=item.answer.confidence,
            reason=item.answer.reason[:300],
        )


def _fingerprint(identifier: str, statement: str, seen: Counter[str]) -> str:
    """What stays the same in another revision: the document's identifier, else the words.

    Several with the same identifier or words are told apart by their order.
    """
    basis = identifier or " ".join(statement.casefold().split())
    seen[basis] += 1
    return hashlib.sha256(f"{basis}\n{seen[basis]}".encode()).hexdigest()
