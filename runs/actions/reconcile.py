"""Setting LangSmith's account of a run beside ours, some time after it ended."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django_q.models import Schedule

from observability import langsmith, node_costs
from observability.money import format_usd
from observability.reconciliation import Report, reconcile_run
from runs.models import EventKind, Run
from runs.records import append_event

# LangSmith knows a call some seconds after it was told of it, and at times much later.
PAUSES = [timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600)]


def schedule(run_id: UUID, already: int = 0) -> bool:
    """Have the run reconciled after a while, by whichever worker is free then; False after the last
    of the passes, and where nothing is traced."""
    if already >= len(PAUSES) or not langsmith.is_on():
        return False
    Schedule.objects.create(
        name=f"reconcile {run_id.hex[-8:]} {already + 1}",
        func="runs.tasks.reconcile",
        args=f"'{run_id}', {already}",
        schedule_type=Schedule.ONCE,
        next_run=timezone.now() + PAUSES[already],
        repeats=1,
        cluster="maint",
    )
    return True


def reconcile(run_id: UUID, already: int = 0) -> Report:
    """One pass: ask LangSmith, book, and note it in the run. Another is scheduled if it has not
    told of every call yet."""
    run = Run.objects.only("pk", "extraction_id").get(pk=run_id)
    report = reconcile_run(run_id, extraction_id=run.extraction_id)
    node_costs.refresh()
    if report.is_complete or not schedule(run_id, already + 1):
        append_event(run_id, EventKind.RECONCILED, in_words(report), figures=_figures(report))
    return report


def in_words(report: Report) -> str:
    """ "LangSmith has 4 of 4 calls, $0.0000 more than was booked." """
    known = report.matched + report.missing + report.failed
    if not known:
        return "LangSmith was told of none of this run's calls."
    parts = [f"LangSmith has figures for {report.matched} of {known} calls"]
    if report.compared:
        amount, more = report.difference_nusd, report.difference_nusd > 0
        parts.append(
            f"for {report.compared} that have a cost there, it has {format_usd(abs(amount))} "
            f"{'more' if more else 'less'} than was booked"
            if amount
            else f"the cost of {report.compared} is the same there to the nano-dollar"
        )
    if report.settled:
        parts.append(f"{report.settled} unconfirmed were settled by its figures")
    if report.failed:
        parts.append(f"{report.failed} ended in an error there")
    return "; ".join(parts) + "." + (f" {report.problem}" if report.problem else "")


def _figures(report: Report) -> dict[str, int]:
    return {
        "matched": report.matched,
        "missing": report.missing,
        "failed": report.failed,
        "settled": report.settled,
        "difference_nusd": report.difference_nusd,
    }
