"""One worker's walk through one run: its lease, its context, and how a node is done once."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction

from observability import node_costs
from observability.llm.context import CallContext, Notice
from observability.models import Node
from runs.graph import draining
from runs.models import EventKind, Run, RunEvent, RunStatus
from runs.records import append_event, confirm_lease
from skills.domain import DomainContent
from skills.models import DomainVersion, SkillSlug, SkillVersion

log = logging.getLogger(__name__)

Output = TypeVar("Output")
Listener = Callable[[RunEvent], None]

CANCEL_POLL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Summary:
    """What a node did, for people (`message`) and for scripts (`figures`)."""

    message: str
    figures: dict[str, Any] = field(default_factory=dict)


class NodeWork(Protocol[Output]):
    """A node in two halves: `ask` may take long and writes nothing that a page shows; `commit`
    writes the rows in one transaction that begins by confirming the lease.
    """

    node: Node

    def ask(self, execution: "Execution", iteration: int) -> Output: ...

    def commit(self, execution: "Execution", iteration: int, output: Output) -> Summary: ...


class Execution:
    """A run as the worker that holds its lease sees it."""

    def __init__(self, run: Run, token: int, listener: Listener | None = None) -> None:
        self.run_id: UUID = run.pk
        self.token = token
        self._listener = listener
        self._pinned: dict[SkillSlug, SkillVersion] | None = None
        self._looked_at = 0.0
        self._cancelled = False

    @property
    def run(self) -> Run:
        """The run as it stands in the database now."""
        run: Run = Run.objects.select_related(
            "project", "subsystem", "revision__specification", "extraction"
        ).get(pk=self.run_id)
        return run

    def skill(self, slug: SkillSlug) -> SkillVersion:
        """The version of a skill that was pinned when the run started."""
        if self._pinned is None:
            rows = SkillVersion.objects.filter(pins__run_id=self.run_id)
            self._pinned = {
                SkillSlug(row.skill.slug): row for row in rows.select_related("skill__project")
            }
        return self._pinned[slug]

    @cached_property
    def domain(self) -> DomainContent | None:
        """The domain as it was when the run started; None without one."""
        version = DomainVersion.objects.filter(runs__pk=self.run_id).first()
        return version.reading if version else None

    def skill_versions(self) -> dict[str, str]:
        return {slug.value: self.skill(slug).label for slug in SkillSlug}

    def cancelled(self) -> bool:
        """Whether a person stopped the run or the lease is lost; looked up once a second."""
        now = time.monotonic()
        if not self._cancelled and now - self._looked_at >= CANCEL_POLL_SECONDS:
            self._looked_at = now
            try:
                self._cancelled = not Run.objects.filter(
                    pk=self.run_id, status=RunStatus.RUNNING, lease_token=self.token
                ).exists()
            except (OperationalError, InterfaceError):  # a call is not hung up for that
                log.warning("Could not look whether run %s is still wanted", self.run_id)
                connection.close()
        return self._cancelled

    def call_context(self, run: Run, node: Node, iteration: int, skill: SkillSlug) -> CallContext:
        return CallContext(
            project_id=run.project_id,
            node=node,
            routes=run.routes[node.value],
            run_id=run.pk,
            group=run.group,
            time_zone=run.project.time_zone,
            subsystem_id=run.subsystem_id,
            person_id=run.started_by_id,
            iteration=iteration,
            skill=self.skill(skill).label,
            cancelled=self.cancelled,
            tell=lambda notice: self._tell(notice, node, iteration),
        )

    def _tell(self, notice: Notice, node: Node, iteration: int) -> None:
        """Put on the run's record what happened to a call."""
        event = append_event(
            self.run_id,
            EventKind.WARNING,
            notice.message,
            node=node,
            iteration=iteration,
            figures={"happening": notice.kind.value, **notice.figures},
        )
        self.announce(event)

    def announce(self, event: RunEvent) -> None:
        if self._listener is not None:
            self._listener(event)

    def perform(self, work: NodeWork[Any], iteration: int) -> dict[str, Any]:
        """Do a node once: its figures, from the record if it has been done already."""
        done = self._finished(work.node, iteration)
        if done is not None:
            return dict(done.figures)
        if draining.is_on():
            raise draining.Drained
        self._say_started(work.node, iteration)
        began = time.perf_counter()
        output = work.ask(self, iteration)
        with transaction.atomic():
            run = confirm_lease(self.run_id, self.token)
            summary = work.commit(self, iteration, output)
            seconds = time.perf_counter() - began
            cost = node_costs.aggregate(
                node_costs.Account(run.project_id, run.pk, None, run.subsystem_id),
                work.node,
                iteration,
                duration_ms=round(seconds * 1000),
            )
            finished = append_event(
                self.run_id,
                EventKind.NODE_FINISHED,
                summary.message,
                node=work.node,
                iteration=iteration,
                figures={
                    "cost_nusd": cost.cost_nusd,
                    "sources": cost.sources,
                    **summary.figures,
                    "seconds": round(seconds, 3),
                },
            )
        self.announce(finished)
        return dict(finished.figures)

    def _say_started(self, node: Node, iteration: int) -> None:
        with transaction.atomic():
            confirm_lease(self.run_id, self.token)
            started = append_event(
                self.run_id,
                EventKind.NODE_STARTED,
                f"{node.label} started.",
                node=node,
                iteration=iteration,
            )
        self.announce(started)

    def _finished(self, node: Node, iteration: int) -> RunEvent | None:
        event: RunEvent | None = RunEvent.objects.filter(
            run_id=self.run_id, kind=EventKind.NODE_FINISHED, node=node, iteration=iteration
        ).first()
        return event
