"""Telling the queue which run wants a worker, and in which order those of a campaign do.

The specification is read once for a whole campaign. As long as nobody has read it, one run is the
campaign's `reader` and the others stay queued without a worker: they are held back. Once it is
read they are woken together; if the reader ends before that, in whatever way, the next one reads.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django_q.tasks import async_task

from observability.llm import routes
from observability.models import Node
from runs.models import Campaign, EventKind, Extraction, ExtractionState, Run, RunStatus
from runs.models.run import WORKING
from runs.records import append_event


def wake_worker(run: Run) -> None:
    """Tell the queue, once the transaction has committed, that this run wants a worker.

    A queue that cannot be told is logged, and the sweep tells it later: the run is QUEUED.
    """
    run_id = str(run.pk)
    transaction.on_commit(lambda: async_task("runs.tasks.execute_run", run_id), robust=True)


def wake_in_turn(run: Run) -> None:
    """Wake a worker for a run that was just queued, unless its campaign's reader comes first."""
    reader = _reader_before(run)
    if reader is None:
        wake_worker(run)
        return
    append_event(
        run.pk,
        EventKind.WARNING,
        f"Waits for run {reader.short_id}, which reads the specification for all.",
        node=Node.EXTRACT,
    )


def held_back() -> Exists:
    """Of runs: their campaign has another run that reads first, so they want no worker yet."""
    reading = Campaign.objects.filter(pk=OuterRef("campaign_id"), reader__isnull=False)
    return Exists(reading.exclude(reader=OuterRef("pk")))


def move_on(campaign_id: UUID) -> None:
    """If the reader has read the specification, wake all that wait; if it has ended without, let
    the next one read. Does nothing otherwise, so it may be called at any time.
    """
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign_id)
        if campaign.reader_id is None:
            return
        reader = Run.objects.get(pk=campaign.reader_id)
        is_read = _is_read(reader)
        if not is_read and reader.status in WORKING:
            return
        queued = Run.objects.filter(campaign=campaign, status=RunStatus.QUEUED)
        waiting = list(queued.exclude(pk=reader.pk).order_by("id"))
        if is_read:
            following, message = None, "The specification is read; waits for a worker."
        else:
            waiting = waiting[:1]
            following = waiting[0] if waiting else None
            message = f"Reads the specification, because run {reader.short_id} ended before it had."
        Campaign.objects.filter(pk=campaign_id).update(reader=following)
        for run in waiting:
            figures = {"status": RunStatus.QUEUED.value}
            append_event(run.pk, EventKind.STATUS, message, figures=figures)
            wake_worker(run)


def move_on_from(run_id: UUID) -> None:
    """The same for the campaign, if any, whose reader this run is."""
    for campaign_id in Campaign.objects.filter(reader=run_id).values_list("pk", flat=True):
        move_on(campaign_id)


def move_all_on() -> None:
    """The same for every campaign, for what a crash has left undone."""
    for campaign_id in Campaign.objects.filter(reader__isnull=False).values_list("pk", flat=True):
        move_on(campaign_id)


def _reader_before(run: Run) -> Run | None:
    """The run that reads the campaign's specification first: another one, or None. Where nobody
    does, this one begins to."""
    if run.campaign_id is None or _is_read(run):
        return None
    rows = Campaign.objects.filter(pk=run.campaign_id)
    rows.filter(reader=None).update(reader=run)
    reader: Run | None = rows.select_related("reader").get().reader
    return None if reader == run else reader


def _is_read(run: Run) -> bool:
    """Whether the extraction that the run has pinned is there."""
    return bool(
        Extraction.objects.filter(
            revision=run.revision_id,
            skill_version__pins__run=run,
            model=routes.name_of(run.routes[Node.EXTRACT.value][0]),
            domain_version=run.domain_version_id,
            state=ExtractionState.DONE,
        ).exists()
    )
