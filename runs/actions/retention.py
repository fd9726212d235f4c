"""Removing what nobody needs any more."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from runs.models import Checkpoint, CheckpointWrite, Run
from runs.models.run import ENDED

RUNS_AT_ONCE = 200


def purge_checkpoints() -> int:
    """Remove the checkpoints of runs that ended RUN_CHECKPOINT_DAYS ago; of how many runs.

    One that is resumed after all walks from the start through nodes that are on record as finished,
    so it does and pays nothing again.
    """
    before = timezone.now() - timedelta(days=settings.RUN_CHECKPOINT_DAYS)
    ended = Run.objects.filter(status__in=ENDED, finished_at__lt=before).order_by()
    kept = ended.filter(Exists(Checkpoint.objects.filter(run=OuterRef("pk"))))
    purged = 0
    while ids := list(kept.values_list("pk", flat=True)[:RUNS_AT_ONCE]):
        with transaction.atomic():
            CheckpointWrite.objects.filter(run__in=ids).delete()
            Checkpoint.objects.filter(run__in=ids).delete()
        purged += len(ids)
    return purged
