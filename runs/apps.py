from collections.abc import Iterable
from uuid import UUID

from django.apps import AppConfig
from django.db.models import Q


class RunsConfig(AppConfig):
    name = "runs"

    def ready(self) -> None:
        from observability import budgets, called, metrics, retention
        from observability.alerts import watching
        from observability.llm import providers
        from observability.models import AlertCause
        from runs import metrics as told
        from runs.actions import stuck

        budgets.register_unfinished_runs(_unfinished)
        called.register_subsystem(_subsystem)
        watching.register(AlertCause.RUN_STUCK, stuck.WATCHED)
        retention.register_needed(_needed)
        providers.register("embedded", "runs.analyst.provider:EmbeddedChatModel")
        metrics.register("runs", told.METRICS, told.collect)


def _unfinished(projects: Iterable[int]) -> Iterable[UUID]:
    """The runs of these projects that are not over: others work, wait, or can be resumed."""
    from runs.models import Run, RunStatus

    rows = Run.objects.filter(project__in=projects).exclude(status=RunStatus.COMPLETED)
    return rows.order_by().values_list("pk", flat=True)


def _needed() -> Q:
    """Calls whose answers a run that is resumed, or an extraction, would replay."""
    from runs.models import Extraction, ExtractionState, Run, RunStatus

    runs = Run.objects.exclude(status=RunStatus.COMPLETED).values("pk")
    reading = Extraction.objects.exclude(state=ExtractionState.DONE).values("pk")
    return Q(run__in=runs) | Q(run__isnull=True, extraction__in=reading)


def _subsystem(pk: int) -> str:
    from runs.models import Subsystem

    return str(Subsystem.objects.get(pk=pk))
