"""Extract: the revision's source requirements, read once for all runs that pin the same."""

import hashlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from observability import node_costs
from observability.llm import routes
from observability.llm.errors import CallCancelled
from observability.models import Node
from reqplatform.errors import InvalidInput
from runs.documents.document import Document
from runs.documents.serialise import from_bytes
from runs.graph.asking import ask_all
from runs.graph.execution import Execution, Summary
from runs.graph.room import room
from runs.models import (
    EventKind,
    Extraction,
    ExtractionState,
    Run,
    RunStatus,
    SourceRequirement,
)
from runs.passages import Passage, locate, requests
from runs.records import LostLease, append_event, confirm_lease
from runs.requests import ExtractAnswer, ExtractRequest
from runs.waking import move_on_from
from skills.domain import DomainContent
from skills.models import SkillSlug

WAIT_SECONDS = 0.5


class Extract:
    node = Node.EXTRACT

    def ask(self, execution: Execution, iteration: int) -> tuple[Extraction, bool]:
        """The finished extraction, and whether this run did it (else it was there, or came)."""
        run = execution.run
        extraction, _ = Extraction.objects.get_or_create(
            revision=run.revision,
            skill_version=execution.skill(SkillSlug.EXTRACTION),
            model=routes.name_of(run.routes[Node.EXTRACT.value][0]),
            domain_version=run.domain_version,
        )
        _use(execution, extraction)
        own = waiting = False
        while extraction.state != ExtractionState.DONE:
            token = _claim(extraction, run)
            if token is not None:
                _extract(execution, run, extraction, token)
                own = True
            elif execution.cancelled():
                raise CallCancelled("The run was stopped while it waited for the extraction.")
            else:
                waiting = waiting or _say_who_reads(execution, extraction)
                time.sleep(WAIT_SECONDS)
            extraction.refresh_from_db()
        if not extraction.requirements.exists():
            raise NothingFound(run.revision.filename)
        return extraction, own

    def commit(
        self, execution: Execution, iteration: int, output: tuple[Extraction, bool]
    ) -> Summary:
        extraction, own = output
        # If that cannot be done now, it is logged, and the sweep does it.
        transaction.on_commit(partial(move_on_from, execution.run_id), robust=True)
        count = extraction.requirements.count()
        message = f"Extracted {count} requirement{'' if count == 1 else 's'}"
        cost = extraction.node_costs.first()
        return Summary(
            message if own else f"{message} (read before, shared)",
            {
                "requirements": count,
                "shared": not own,
                "cost_nusd": cost.cost_nusd if own and cost else 0,
                "sources": cost.sources if own and cost else [],
                "warnings": extraction.warnings,
            },
        )


def _use(execution: Execution, extraction: Extraction) -> None:
    """From the first question on, the run's pages tell what its extraction costs."""
    with transaction.atomic():
        confirm_lease(execution.run_id, execution.token)
        Run.objects.filter(pk=execution.run_id).update(extraction=extraction)


class NothingFound(InvalidInput):
    """The document says nothing that reads like a requirement."""

    def __init__(self, filename: str) -> None:
        super().__init__(
            f"No requirement was found in {filename}. Requirements are sentences with shall, must "
            "or should, or numbered statements; check that this is the right document."
        )


def _claim(extraction: Extraction, run: Run) -> int | None:
    """A token if nobody else reads this revision now, or whoever did has lost its run's lease."""
    alive = Run.objects.filter(
        pk=OuterRef("reader_id"), status=RunStatus.RUNNING, lease_expires_at__gte=Now()
    )
    claimed = (
        Extraction.objects.filter(
            Q(reader=run) | ~Exists(alive),
            pk=extraction.pk,
            state=ExtractionState.PENDING,
            lease_token=extraction.lease_token,
        )
    ).update(lease_token=F("lease_token") + 1, reader=run)
    return extraction.lease_token + 1 if claimed else None


def _say_who_reads(execution: Execution, extraction: Extraction) -> bool:
    who = f"run {extraction.reader.short_id}" if extraction.reader else "another run"
    event = append_event(
        execution.run_id,
        EventKind.WARNING,
        f"Waits for {who}, which reads the specification for all.",
        node=Node.EXTRACT,
    )
    execution.announce(event)
    return True


def _confirm(execution: Execution, extraction: Extraction, token: int) -> None:
    """Lock the extraction, or raise LostLease if this reader was replaced."""
    confirm_lease(execution.run_id, execution.token)
    held = Extraction.objects.select_for_update(of=("self",), no_key=True).filter(
        pk=extraction.pk, lease_token=token, state=ExtractionState.PENDING
    )
    if held.first() is None:
        raise LostLease(f"{extraction} is read by another worker now.")


def _extract(execution: Execution, run: Run, extraction: Extraction, token: int) -> None:
    """Read the revision request by request and keep what is found; the last step makes it known.

    Rows of an extraction that is not DONE are nobody's: a reader that died may have left some.
    """
    began = time.perf_counter()
    with transaction.atomic():
        _confirm(execution, extraction, token)
        SourceRequirement.objects.filter(extraction=extraction).delete()
    document = from_bytes(bytes(run.revision.content.document))
    warnings = _read(execution, run, extraction, token, document)
    with transaction.atomic():
        _confirm(execution, extraction, token)
        Extraction.objects.filter(pk=extraction.pk).update(
            state=ExtractionState.DONE,
            warnings=warnings,
            finished_at=timezone.now(),
            reader=None,
        )
        node_costs.aggregate(
            node_costs.Account(run.project_id, extraction_id=extraction.pk),
            Node.EXTRACT,
            0,
            duration_ms=round((time.perf_counter() - began) * 1000),
        )


def _read(
    execution: Execution, run: Run, extraction: Extraction, token: int, document: Document
) -> list[str]:
    """Write all requirements that the model finds and that the document really says; what had to
    be left out."""
    skill = execution.skill(SkillSlug.EXTRACTION)
    context = replace(
        execution.call_context(run, Node.EXTRACT, 0, SkillSlug.EXTRACTION),
        run_id=None,
        guarded_by=run.pk,
        subsystem_id=None,
        extraction_id=extraction.pk,
    )
    rows = Rows(extraction)
    warnings: list[str] = []
    shown = _in_domain(requests(document, room(context.routes, execution.domain)), execution.domain)
    for asked in ask_all(context, skill, shown, ExtractAnswer):
        found, left_out = locate(document, asked.request, asked.answer)
        warnings += left_out
        with transaction.atomic():
            _confirm(execution, extraction, token)
            SourceRequirement.objects.bulk_create(map(rows.row, found), batch_size=500)
    return warnings


def _in_domain(
    shown: Iterable[ExtractRequest], domain: DomainContent | None
) -> Iterator[ExtractRequest]:
    for request in shown:
        texts = (block.text for block in request.blocks)
        terms = domain.shown_with(texts) if domain else None
        yield request.model_copy(update={"domain": terms}) if terms else request


class Rows:
    """Passages as rows of an extraction, numbered in the order in which they come."""

    def __init__(self, extraction: Extraction) -> None:
        self.extraction = extraction
        self._count = 0
        self._seen: Counter[str] = Counter()

    def row(self, item: Passage) -> SourceRequirement:
        self._count += 1
        identifier = item.answer.identifier[:80]
        return SourceRequirement(
            extraction=self.extraction,
            ordinal=self._count,
            identifier=identifier,
            fingerprint=_fingerprint(identifier, item.statement, self._seen),
            text=item.text,
            lead_in=item.lead_in,
            section=item.section[:300],
            page=item.page,
            start=item.start,
            end=item.end,
            lead_in_start=item.lead_in_span[0] if item.lead_in_span else None,
            lead_in_end=item.lead_in_span[1] if item.lead_in_span else None,
            part=item.answer.part,
            type=item.answer.type.value,
            quality_class=item.answer.quality_class or "",
            modal=item.answer.modal[:40],
            confidence=item.answer.confidence,
            reason=item.answer.reason[:300],
        )


def _fingerprint(identifier: str, statement: str, seen: Counter[str]) -> str:
    """What stays the same in another revision: the document's identifier, else the words.

    Several with the same identifier or words are told apart by their order.
    """
    basis = identifier or " ".join(statement.casefold().split())
    basis = hashlib.sha256(basis.encode()).hexdigest()  # short, however long the statement is
    seen[basis] += 1
    return hashlib.sha256(f"{basis}\n{seen[basis]}".encode()).hexdigest()
