"""Setting LangSmith's account of a run's calls beside ours, and settling what ours left open.

Read the calls, ask LangSmith, book: no transaction is open while LangSmith is asked. It knows a
call some seconds after it was told of it, so what is missing is asked for again later; a pass can
be repeated at any time and books nothing twice.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum

from observability import ledger, traces
from observability.models import CallState, CostSource, LLMCall

_WITHOUT_ACCOUNT = [CostSource.REPLAYED, CostSource.EMBEDDED]  # no provider charges for them


@dataclass(frozen=True, slots=True)
class Report:
    """How the traced calls of a run stand after a pass.

    matched: LangSmith has figures for them, by this pass or an earlier one.
    missing: it has none yet.
    failed: it will have none, because their traces ended in an error.
    settled: unconfirmed ones that this pass settled.
    compared, difference_nusd: the calls that we had settled by ourselves and that LangSmith has a
        cost for, and its cost of them less ours, in nano-USD.
    problem: why LangSmith could not be asked, as a sentence.
    """

    matched: int
    missing: int
    failed: int
    settled: int
    compared: int
    difference_nusd: int
    problem: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether another pass can tell nothing new."""
        return not self.missing and not self.problem


def reconcile_run(run_id: UUID, *, extraction_id: int | None = None) -> Report:
    """Reconcile the traced calls of a run, and of its extraction if one is given.

    Takes seconds of network: for a task after the run, outside any transaction.
    """
    calls = _traced(run_id, extraction_id)
    answer = traces.reconcile(list(calls.filter(reconciled_at=None).only("pk", "created_at")))
    settled = sum(
        ledger.reconcile(call_id, usage=figures.usage, cost_nusd=figures.cost_nusd)
        for call_id, figures in answer.figures.items()
        if figures is not None
    )
    return _report(calls, settled, answer)


def _traced(run_id: UUID, extraction_id: int | None) -> QuerySet[LLMCall]:
    payer = Q(run_id=run_id)
    if extraction_id is not None:
        payer |= Q(extraction_id=extraction_id)
    ended = Q(state__in=[CallState.SETTLED, CallState.UNCONFIRMED])
    return LLMCall.objects.filter(payer, ended, traced=True).exclude(
        cost_source__in=_WITHOUT_ACCOUNT
    )


def _report(calls: QuerySet[LLMCall], settled: int, answer: traces.Reconciled) -> Report:
    """Counted from what is on record now, whoever wrote it."""
    known, failed = Q(reconciled_at__isnull=False), Q(pk__in=answer.failed)
    ours = Q(state=CallState.SETTLED, langsmith_cost_nusd__isnull=False)
    ours &= ~Q(cost_source=CostSource.LANGSMITH)
    counts = calls.order_by().aggregate(
        matched=Count("pk", filter=known),
        missing=Count("pk", filter=~known & ~failed),
        failed=Count("pk", filter=~known & failed),
        compared=Count("pk", filter=ours),
        difference_nusd=Sum(F("langsmith_cost_nusd") - F("cost_nusd"), filter=ours, default=0),
    )
    return Report(settled=settled, problem=answer.problem, **counts)
