"""Extract: the revision's source requirements, read once for all runs that pin the same."""

import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from observability import node_costs
from observability.llm.errors import CallCancelled
from observability.models import Node
from runs.documents.document import Document
from runs.documents.serialise import from_bytes
from runs.graph.asking import ask
from runs.graph.execution import Execution, Summary
from runs.graph.room import room
from runs.models import Extraction, ExtractionState, Run, SourceRequirement
from runs.passages import Passage, locate, requests
from runs.requests import ExtractAnswer
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


def _lease_end() -> datetime:
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
        rows = list(_rows(extraction, found))
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
) -> tuple[list[Passage], list[str]]:
    """All requirements that the model found and that the document really says."""
    skill = execution.skill(SkillSlug.EXTRACTION)
    context = replace(
        execution.call_context(run, Node.EXTRACT, 0, SkillSlug.EXTRACTION),
        run_id=None,
        subsystem_id=None,
        extraction_id=extraction.pk,
    )
    found: list[Passage] = []
    warnings: list[str] = []
    for ordinal, request in enumerate(requests(document, room(context.routes))):
        Extraction.objects.filter(pk=extraction.pk, lease_token=token).update(
            lease_expires_at=_lease_end()
        )
        answer = ask(replace(context, ordinal=ordinal), skill, request, ExtractAnswer)
        passages, left_out = locate(document, request, answer)
        found += passages
        warnings += left_out
    return found, warnings


def _rows(extraction: Extraction, found: list[Passage]) -> Iterator[SourceRequirement]:
    seen: Counter[str] = Counter()
    for ordinal, item in enumerate(found, start=1):
        identifier = item.answer.identifier[:80]
        yield SourceRequirement(
            extraction=extraction,
            ordinal=ordinal,
            identifier=identifier,
            fingerprint=_fingerprint(identifier, item.statement, seen),
            text=item.text,
            lead_in=item.lead_in,
            section=item.section[:300],
            page=item.page,
            start=item.start,
            end=item.end,
            lead_in_start=item.lead_in_span[0] if item.lead_in_span else None,
            lead_in_end=item.lead_in_span[1] if item.lead_in_span else None,
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
