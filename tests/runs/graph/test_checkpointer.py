"""The checkpointer does what LangGraph's own, in memory, does; and it survives the process."""

import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypedDict
from uuid import uuid4

import ormsgpack
import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple
from langgraph.checkpoint.base import Checkpoint as State
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from runs.actions.claim import claim
from runs.graph.checkpointer import DjangoCheckpointSaver
from runs.models import Checkpoint, CheckpointWrite, Run
from runs.records import LostLease
from tests import factories
from tests.conftest import World

Saver = BaseCheckpointSaver[Any]


@pytest.fixture
def run(transactional_db: None, world: World) -> Run:
    return factories.run(world.project)


@pytest.fixture
def saver(run: Run) -> Iterator[DjangoCheckpointSaver]:
    saver = DjangoCheckpointSaver()
    yield saver
    saver.close()


def at(thread: str, checkpoint: str = "", namespace: str = "") -> RunnableConfig:
    place = {"thread_id": thread, "checkpoint_ns": namespace}
    return {"configurable": {**place, "checkpoint_id": checkpoint} if checkpoint else place}


def state(number: int, **values: Any) -> State:
    return State(
        v=4,
        id=f"1f0c0000-0000-6000-8000-{number:012x}",
        ts="2026-11-22T12:00:00+00:00",
        channel_values=values,
        channel_versions=dict.fromkeys(values, number),
        versions_seen={"decompose": {"iteration": number}},
        updated_channels=sorted(values),
    )


def put(
    saver: Saver, thread: str, number: int, *, namespace: str = "", parent: str = "", step: int = 0
) -> RunnableConfig:
    made = state(number, iteration=number, verdict="revise", weights=[0.5, None, "ß"])
    return saver.put(
        at(thread, parent, namespace),
        made,
        {"source": "loop", "step": step, "parents": {}},
        made["channel_versions"],
    )


def shown(found: CheckpointTuple | None) -> Any:
    """All that LangGraph reads from a checkpoint."""
    if found is None:
        return None
    return (
        found.config["configurable"],
        dict(found.checkpoint),
        dict(found.metadata),
        found.parent_config and found.parent_config["configurable"],
        found.pending_writes,
    )


def namespace_of(found: Any) -> str:
    return str(found[0]["checkpoint_ns"])


def nothing(saver: Saver, thread: str) -> Any:
    return shown(saver.get_tuple(at(thread))), list(saver.list(at(thread)))


def put_and_get(saver: Saver, thread: str) -> Any:
    first = put(saver, thread, 1)
    second = put(saver, thread, 2, parent=first["configurable"]["checkpoint_id"], step=1)
    return [
        first,
        second,
        *map(shown, map(saver.get_tuple, (at(thread), first, second))),
        shown(saver.get_tuple(at(thread, state(9)["id"]))),
    ]


def namespaces(saver: Saver, thread: str) -> Any:
    put(saver, thread, 1)
    put(saver, thread, 2, namespace="child:1")
    return [
        shown(saver.get_tuple(at(thread))),
        shown(saver.get_tuple(at(thread, namespace="child:1"))),
        shown(saver.get_tuple(at(thread, namespace="child:2"))),
        sorted(map(shown, saver.list({"configurable": {"thread_id": thread}})), key=namespace_of),
    ]


def latest_by_id_not_by_time(saver: Saver, thread: str) -> Any:
    for number in (3, 1, 2):
        put(saver, thread, number, step=number)
    return shown(saver.get_tuple(at(thread)))


def put_again(saver: Saver, thread: str) -> Any:
    put(saver, thread, 1, step=1)
    put(saver, thread, 1, step=2)
    return list(map(shown, saver.list(at(thread))))


def listed(saver: Saver, thread: str) -> Any:
    for number in range(1, 6):
        put(saver, thread, number, step=number % 2)
    third: RunnableConfig = {"configurable": {"checkpoint_id": state(3)["id"]}}
    calls: list[dict[str, Any]] = [
        {},
        {"limit": 2},
        {"limit": 0},
        {"before": third},
        {"filter": {"step": 1}},
        {"filter": {"step": 1, "source": "loop"}, "limit": 2, "before": third},
        {"filter": {"nothing": "such"}},
    ]
    found = [list(map(shown, saver.list(at(thread), **call))) for call in calls]
    return [*found, list(map(shown, saver.list(at(thread, state(4)["id"]))))]


def writes(saver: Saver, thread: str) -> Any:
    config = put(saver, thread, 1)
    saver.put_writes(config, [("verdict", "passed"), ("iteration", None)], "task-b", "~2, Validate")
    saver.put_writes(config, [("verdict", "later")], "task-b", "~2, Validate")  # the first counts
    saver.put_writes(config, [("verdict", b"\x00\xff")], "task-a", "~2, Validate")
    saver.put_writes(config, [("verdict", "Z")], "task-c", "~10, analyze")
    saver.put_writes(config, [("verdict", "_")], "task-d", "_~1, Extract")
    saver.put_writes(config, [("__interrupt__", "why")], "task-b", "~2, Validate")
    saver.put_writes(config, [("__interrupt__", "why now")], "task-b", "~2, Validate")  # the last
    saver.put_writes(config, [("__resume__", ["approved"])], "task-b", "~2, Validate")
    return shown(saver.get_tuple(config))


def configured_metadata(saver: Saver, thread: str) -> Any:
    config = at(thread) | {"metadata": {"who": "a\x00b", "__hidden": 1, "attempt": 2}}
    return shown(saver.get_tuple(saver.put(config, state(1), {"source": "input"}, {})))


SCENARIOS = [
    nothing,
    put_and_get,
    namespaces,
    latest_by_id_not_by_time,
    put_again,
    listed,
    writes,
    configured_metadata,
]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_it_does_what_the_saver_in_memory_does(
    saver: DjangoCheckpointSaver, run: Run, scenario: Callable[[Saver, str], Any]
) -> None:
    assert scenario(saver, str(run.pk)) == scenario(InMemorySaver(), str(run.pk))


def test_a_thread_is_deleted_and_no_other(
    saver: DjangoCheckpointSaver, run: Run, world: World
) -> None:
    other = factories.run(world.project)
    for thread in (str(run.pk), str(other.pk)):
        saver.put_writes(put(saver, thread, 1), [("verdict", "passed")], "task", "")
    kept = shown(saver.get_tuple(at(str(other.pk))))
    saver.delete_thread(str(run.pk))
    saver.delete_thread(str(uuid4()))  # there is none: nothing happens
    assert saver.get_tuple(at(str(run.pk))) is None
    assert shown(saver.get_tuple(at(str(other.pk)))) == kept
    assert {row.run_id for row in Checkpoint.objects.all()} == {other.pk}
    assert {row.run_id for row in CheckpointWrite.objects.all()} == {other.pk}


class Walked(TypedDict, total=False):
    steps: list[str]
    decision: str


def graph(saver: Saver) -> Any:
    def ask(state: Walked) -> Walked:
        return {"decision": interrupt({"kind": "strategy", "iteration": len(state["steps"])})}

    def step(state: Walked) -> Walked:
        return {"steps": [*state["steps"], state.get("decision", "first")]}

    made = StateGraph(Walked)
    made.add_node("before", step)
    made.add_node("ask", ask)
    made.add_node("after", step)
    for edge in ((START, "before"), ("before", "ask"), ("ask", "after"), ("after", END)):
        made.add_edge(*edge)
    return made.compile(checkpointer=saver)


def test_what_one_process_interrupts_another_resumes(run: Run) -> None:
    """Two savers share nothing but the database, as two workers do."""
    config = at(str(run.pk))
    one, two = DjangoCheckpointSaver(), DjangoCheckpointSaver()
    try:
        waiting = graph(one).invoke({"steps": []}, config, durability="sync")
        assert waiting["__interrupt__"][0].value == {"kind": "strategy", "iteration": 1}
        one.close()
        asked = graph(two).get_state(config)
        assert asked.next == ("ask",)
        assert asked.interrupts[0].value == {"kind": "strategy", "iteration": 1}
        done = graph(two).invoke(Command(resume="approved"), config, durability="sync")
        assert done == {"steps": ["first", "approved"], "decision": "approved"}
        assert graph(two).get_state(config).next == ()
    finally:
        two.close()


def test_the_history_of_a_graph_is_that_of_the_saver_in_memory(
    saver: DjangoCheckpointSaver, run: Run
) -> None:
    def history(saver: Saver) -> list[Any]:
        config = at(str(run.pk))
        graph(saver).invoke({"steps": []}, config, durability="sync")
        graph(saver).invoke(Command(resume="changes"), config, durability="sync")
        snapshots = graph(saver).get_state_history(config)
        return [(found.values, found.next, found.metadata["step"]) for found in snapshots]

    assert history(saver) == history(InMemorySaver())


class Anything:
    pass


def test_a_state_with_an_arbitrary_object_is_refused(
    saver: DjangoCheckpointSaver, run: Run
) -> None:
    made = state(1, iteration=Anything())
    with pytest.raises(ormsgpack.MsgpackEncodeError):
        saver.put(at(str(run.pk)), made, {}, made["channel_versions"])
    with pytest.raises(ormsgpack.MsgpackEncodeError):
        saver.put_writes(put(saver, str(run.pk), 2), [("verdict", Anything())], "task")
    assert (Checkpoint.objects.count(), CheckpointWrite.objects.count()) == (1, 0)


class Exploit:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def test_a_pickle_in_the_database_is_never_loaded(
    saver: DjangoCheckpointSaver, run: Run, tmp_path: Path
) -> None:
    target = tmp_path / "made by a pickle"
    config = put(saver, str(run.pk), 1)
    Checkpoint.objects.update(encoding="pickle", state=pickle.dumps(Exploit(target)))
    with pytest.raises(NotImplementedError, match="pickle"):
        saver.get_tuple(config)
    assert not target.exists()


def test_a_call_in_the_database_is_never_made(
    saver: DjangoCheckpointSaver, run: Run, tmp_path: Path
) -> None:
    """msgpack can name a function with its arguments; only LangGraph's list of types is built."""
    target = tmp_path / "made by msgpack"
    call = ormsgpack.packb(("os", "mkdir", str(target)))
    poisoned = ormsgpack.packb({"channel_values": {"verdict": ormsgpack.Ext(0, call)}})
    config = put(saver, str(run.pk), 1)
    Checkpoint.objects.update(encoding="msgpack", state=poisoned)
    found = saver.get_tuple(config)
    assert not target.exists()
    assert found is not None
    assert found.checkpoint["channel_values"] == {"verdict": str(target)}


def test_closing_leaves_no_thread_behind(run: Run) -> None:
    saver = DjangoCheckpointSaver()
    config = put(saver, str(run.pk), 1)
    saver.close()
    assert not [thread for thread in saver._thread._threads if thread.is_alive()]
    with pytest.raises(RuntimeError, match="shutdown"):
        saver.get_tuple(config)


def test_whoever_has_lost_the_lease_writes_no_checkpoint(run: Run) -> None:
    token = claim(run.pk)
    assert token is not None
    zombie = DjangoCheckpointSaver(token)
    try:
        config = zombie.put(at(str(run.pk)), state(1), {}, {})
        Run.objects.filter(pk=run.pk).update(lease_token=token + 1)
        with pytest.raises(LostLease):
            zombie.put(at(str(run.pk)), state(2), {}, {})
        with pytest.raises(LostLease):
            zombie.put_writes(config, [("channel", 1)], "task")
    finally:
        zombie.close()
    assert Checkpoint.objects.count() == 1
    assert not CheckpointWrite.objects.exists()
