"""Which runs' budget accounts the admin counts as going on."""

from collections.abc import Iterable
from uuid import UUID

from observability.admin.windows import register_open_runs
from runs.models import Run, RunStatus
from runs.models.run import WORKING


def open_runs() -> Iterable[UUID]:
    """The runs that work or wait for a person."""
    rows = Run.objects.filter(status__in=[*WORKING, RunStatus.WAITING_REVIEW])
    return rows.order_by().values_list("pk", flat=True)


register_open_runs(open_runs)
