from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from django.apps import AppConfig
from django.db.models import Q


class RunsConfig(AppConfig):
    name = "runs"

    def ready(self) -> None:
        from observability import budgets, metrics, retention
        from observability.alerts import watching
        from observability.llm import providers
        from observability.models import AlertCause
        from observability.reports import changes
        from runs import metrics as told
        from runs.actions import stuck

        budgets.register_unfinished_runs(_unfinished)
        watching.register(AlertCause.RUN_STUCK, stuck.WATCHED)
        retention.register_needed(_needed)
        changes.register_domains(_domains)
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


def _domains(runs: Collection[UUID]) -> Mapping[UUID, str]:
    """The version of the domain that each of these runs followed, if any."""
    from runs.models import Run

    rows = Run.objects.filter(pk__in=runs, domain_version__isnull=False)
    found = rows.select_related("domain_version__domain__project").only("domain_version")
    return {run.pk: run.domain_version.label for run in found if run.domain_version}
