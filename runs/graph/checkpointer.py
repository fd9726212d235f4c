"""LangGraph's checkpoints in the project's own database.

One code path for every database Django speaks to. All reads and writes happen on one dedicated
thread per saver, because LangGraph calls savers from pool threads, each of which would otherwise
open a database connection that nobody closes. States are strict msgpack: nothing is ever unpickled.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Model, QuerySet
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    ChannelVersions,
    CheckpointMetadata,
    CheckpointTuple,
    get_checkpoint_id,
    get_checkpoint_metadata,
    writes_sort_key,
)
from langgraph.checkpoint.base import Checkpoint as State
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from runs.models import Checkpoint, CheckpointWrite
from runs.records import confirm_lease

T = TypeVar("T")


class DjangoCheckpointSaver(BaseCheckpointSaver[int]):
    """Keeps the checkpoints of runs; the thread id is the run's id. Close it when done.

    With the `token` of a run's lease, whoever has lost that lease writes no more: LostLease.
    """

    def __init__(self, token: int | None = None) -> None:
        # None: LangGraph's list of safe types and nothing else, whatever the environment says.
        super().__init__(
            serde=JsonPlusSerializer(pickle_fallback=False, allowed_msgpack_modules=None)
        )
        self._token = token
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="checkpoints")

    def close(self) -> None:
        self._on_thread(lambda: connection.close())  # the connection of that thread, not of this
        self._thread.shutdown(wait=True)

    def _on_thread(self, work: Callable[[], T]) -> T:
        return self._thread.submit(work).result()

    @contextmanager
    def _fenced(self, run_id: UUID) -> Iterator[None]:
        """A transaction that confirms the lease first."""
        with transaction.atomic():
            if self._token is not None:
                confirm_lease(run_id, self._token)
            yield

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        run_id, namespace = _place(config)
        rows = _checkpoints(run_id, namespace)
        if wanted := get_checkpoint_id(config):
            rows = rows.filter(checkpoint_id=wanted)
        return self._on_thread(lambda: self._tuple(rows.first()))

    def list(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002 - LangGraph's name
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> Iterator[CheckpointTuple]:
        rows = Checkpoint.objects.order_by("-checkpoint_id")
        if config is not None:
            configurable = config["configurable"]
            rows = rows.filter(run_id=UUID(configurable["thread_id"]))
            if "checkpoint_ns" in configurable:
                rows = rows.filter(namespace=configurable["checkpoint_ns"])
            if wanted := get_checkpoint_id(config):
                rows = rows.filter(checkpoint_id=wanted)
        if before is not None and (earlier := get_checkpoint_id(before)):
            rows = rows.filter(checkpoint_id__lt=earlier)
        wanted_metadata = (filter or {}).items()

        def load() -> Sequence[CheckpointTuple]:
            found: list[CheckpointTuple] = []
            for row in rows.iterator():
                if limit is not None and len(found) >= limit:
                    break
                if all(row.metadata.get(name) == value for name, value in wanted_metadata):
                    made = self._tuple(row)
                    found += [made] if made else []
            return found

        yield from self._on_thread(load)

    def put(
        self,
        config: RunnableConfig,
        checkpoint: State,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        run_id, namespace = _place(config)
        encoding, state = self.serde.dumps_typed(checkpoint)
        values: dict[str, Any] = {
            "parent_id": config["configurable"].get("checkpoint_id") or "",
            "encoding": encoding,
            "state": state,
            "metadata": get_checkpoint_metadata(config, metadata),
        }
        key: dict[str, Any] = {
            "run_id": run_id,
            "namespace": namespace,
            "checkpoint_id": checkpoint["id"],
        }

        def write() -> None:
            with self._fenced(run_id):
                _upsert(Checkpoint, [Checkpoint(**key, **values)], list(key))

        self._on_thread(write)
        return _config(run_id, namespace, checkpoint["id"])

    def put_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        run_id, namespace = _place(config)
        key = {
            "run_id": run_id,
            "namespace": namespace,
            "checkpoint_id": config["configurable"]["checkpoint_id"],
            "task_id": task_id,
        }
        rows = []
        for index, (channel, value) in enumerate(writes):
            encoding, content = self.serde.dumps_typed(value)
            position = WRITES_IDX_MAP.get(channel, index)
            rows.append(
                CheckpointWrite(
                    **key,
                    position=position,
                    channel=channel,
                    task_path=task_path,
                    encoding=encoding,
                    content=content,
                )
            )

        def write() -> None:
            # Of an ordinary write the first counts; of an interrupt, an error, a resume the last.
            ordinary = [row for row in rows if row.position >= 0]
            special = [row for row in rows if row.position < 0]
            with self._fenced(run_id):
                CheckpointWrite.objects.bulk_create(ordinary, ignore_conflicts=True)
                _upsert(CheckpointWrite, special, [*key, "position"])

        self._on_thread(write)

    def delete_thread(self, thread_id: str) -> None:
        run_id = UUID(thread_id)

        def delete() -> None:
            with transaction.atomic():
                CheckpointWrite.objects.filter(run_id=run_id).delete()
                Checkpoint.objects.filter(run_id=run_id).delete()

        self._on_thread(delete)

    def get_next_version(self, current: int | None, channel: None) -> int:
        return (current or 0) + 1

    def _tuple(self, row: Checkpoint | None) -> CheckpointTuple | None:
        if row is None:
            return None
        writes = CheckpointWrite.objects.filter(
            run_id=row.run_id, namespace=row.namespace, checkpoint_id=row.checkpoint_id
        )
        parent = _config(row.run_id, row.namespace, row.parent_id) if row.parent_id else None
        return CheckpointTuple(
            config=_config(row.run_id, row.namespace, row.checkpoint_id),
            checkpoint=self.serde.loads_typed((row.encoding, bytes(row.state))),
            metadata=row.metadata,
            parent_config=parent,
            pending_writes=[
                (
                    write.task_id,
                    write.channel,
                    self.serde.loads_typed((write.encoding, bytes(write.content))),
                )
                for write in sorted(writes, key=_order_of_execution)
            ],
        )


def _upsert(model: type[Model], rows: Sequence[Model], key: Sequence[str]) -> None:
    """Write rows, over those with the same key."""
    others = [f.name for f in model._meta.concrete_fields if not f.primary_key]
    model._default_manager.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=[name.removesuffix("_id") if name == "run_id" else name for name in key],
        update_fields=[name for name in others if name not in {*key, "run"}],
    )


def _order_of_execution(write: CheckpointWrite) -> tuple[str, str, int]:
    """LangGraph's own order; a database would sort text by its locale."""
    return writes_sort_key(write.task_path, write.task_id, write.position)


def _place(config: RunnableConfig) -> tuple[UUID, str]:
    configurable = config["configurable"]
    return UUID(configurable["thread_id"]), configurable.get("checkpoint_ns", "")


def _checkpoints(run_id: UUID, namespace: str) -> "QuerySet[Checkpoint]":
    rows: QuerySet[Checkpoint] = Checkpoint.objects.filter(run_id=run_id, namespace=namespace)
    return rows.order_by("-checkpoint_id")


def _config(run_id: UUID, namespace: str, checkpoint_id: str) -> RunnableConfig:
    return {
        "configurable": {
            "thread_id": str(run_id),
            "checkpoint_ns": namespace,
            "checkpoint_id": checkpoint_id,
        }
    }
