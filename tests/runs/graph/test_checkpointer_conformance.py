"""LangGraph's own suite for checkpointers, run against ours on a real database."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.base import Checkpoint as State
from langgraph.checkpoint.conformance import checkpointer_test, validate

from reqplatform.teams.models import Project
from runs.graph.checkpointer import DjangoCheckpointSaver
from runs.models import Run
from tests import factories
from tests.conftest import World


class OnAnyThread(DjangoCheckpointSaver):
    """Our saver as the suite wants to meet it: with async doors, which the product does not need
    and which do what the others do, and with a run for every thread that the suite thinks of.
    """

    def __init__(self, project: Project) -> None:
        super().__init__()
        self.project = project
        self.revision = factories.revision(project)
        self.subsystem = factories.subsystem(project)

    def _run(self, thread_id: str) -> None:
        if not Run.objects.filter(pk=UUID(thread_id)).exists():
            factories.run(
                self.project,
                pk=UUID(thread_id),
                revision=self.revision,
                subsystem=self.subsystem,
            )

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: State,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        self._on_thread(lambda: self._run(config["configurable"]["thread_id"]))
        return self.put(config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        self.put_writes(config, writes, task_id, task_path)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        return self.get_tuple(config)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002 - LangGraph's name
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        for found in self.list(config, filter=filter, before=before, limit=limit):
            yield found

    async def adelete_thread(self, thread_id: str) -> None:
        self.delete_thread(thread_id)


@pytest.mark.parametrize("capability", ["put", "put_writes", "get_tuple", "list", "delete_thread"])
def test_it_does_what_langgraph_expects(
    transactional_db: None, world: World, capability: str
) -> None:
    saver = OnAnyThread(world.project)

    async def ours() -> AsyncIterator[OnAnyThread]:
        yield saver

    try:
        suite = checkpointer_test(name="Django")(ours)
        report = asyncio.run(validate(suite, capabilities={capability}))
    finally:
        saver.close()
    result = report.results[capability]
    assert result.failures == []
    assert (result.passed, result.tests_passed > 2) == (True, True)
