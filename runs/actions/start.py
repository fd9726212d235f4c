"""Starting a run: check, pin all it depends on, write it as QUEUED, and wake a worker."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from django.db import transaction
from django_q.tasks import async_task

from observability.llm import routes
from reqplatform.errors import InvalidInput
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.permissions import require
from runs.graph import GRAPH_VERSION
from runs.models import EventKind, PinnedSkill, Revision, Run, RunStatus, Subsystem
from runs.records import append_event
from skills import registry

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a person may choose for a run; None takes the project's default."""

    quality_threshold: Decimal | None = None
    max_iterations: int | None = None
    review_strategy: bool = False
    unattended: bool = False

    def check(self) -> None:
        """Raise InvalidInput for a value out of range."""
        threshold, iterations = self.quality_threshold, self.max_iterations
        if threshold is not None and not (threshold.is_finite() and 0 <= threshold <= 1):
            raise InvalidInput(
                f"The quality threshold must be between 0 and 1, such as 0.80; it is {threshold}.",
                field="quality_threshold",
            )
        if iterations is not None and not 1 <= iterations <= 10:
            raise InvalidInput(
                f"The number of iterations must be from 1 to 10; it is {iterations}.",
                field="max_iterations",
            )


def start_run(
    user: User | None,
    revision: Revision,
    subsystem: Subsystem,
    options: RunOptions,
    *,
    enqueue: bool = True,
) -> Run:
    """A QUEUED run with everything it depends on pinned. Editors and above.

    With `enqueue` a worker is woken when the transaction commits; without, the caller executes the
    run itself. Raises InvalidInput, NotAllowed, NotFound or Conflict, and then leaves nothing.
    """
    project: Project = subsystem.project
    require(user, project, Role.EDITOR)
    options.check()
    if revision.specification.project_id != project.pk:
        raise InvalidInput("The specification belongs to another project than the subsystem.")
    with transaction.atomic():
        run = _pinned(project, options)
        run.revision, run.subsystem, run.started_by = revision, subsystem, user
        run.save(force_insert=True)
        for version in registry.active_versions(project).values():
            PinnedSkill.objects.create(run=run, skill_version=version)
        append_event(
            run.pk, EventKind.STATUS, "Queued.", figures={"status": RunStatus.QUEUED.value}
        )
        if enqueue:
            wake_worker(run)
    return run


def _pinned(project: Project, options: RunOptions) -> Run:
    """A run, not saved yet, with the settings of today: what is edited later does not reach it."""
    threshold = _given(options.quality_threshold, project.quality_threshold)
    return Run(
        project=project,
        quality_threshold=_to_three_decimals(threshold),
        max_iterations=_given(options.max_iterations, project.max_iterations),
        weights=project.weights,
        review_strategy=options.review_strategy,
        unattended=options.unattended,
        routes=routes.pin(project.pk),
        graph_version=GRAPH_VERSION,
    )


def wake_worker(run: Run) -> None:
    """Tell the queue, once the transaction has committed, that this run wants a worker."""
    run_id = str(run.pk)
    transaction.on_commit(lambda: async_task("runs.tasks.execute_run", run_id))


def _given(value: T | None, default: T) -> T:
    return default if value is None else value


def _to_three_decimals(threshold: Decimal) -> Decimal:
    return abs(threshold.quantize(Decimal("0.001")))  # -0 is in range, and shows as 0
